"""The merge fields of one real person: what a template may say of them, of who writes, of the offer and the piece."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from campaigns import offers
from campaigns.mail import merge
from campaigns.models import EmailTemplate, PublishedWords, Sequence
from leads.best_known import best
from leads.models import Person

Words = EmailTemplate | PublishedWords


def fields(
    *,
    person: Person,
    words: Words,
    footer: Mapping[str, str],
    sequence: Sequence | None = None,
    piece: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What these words see of this person. ``footer`` holds the addresses of the way out, ``piece`` the next one's
    words (`leads.sending.pieces`), if there is one."""
    return merge.fields(
        person={
            "first_name": person.first_name,
            "last_name": person.last_name,
            "company": person.company_name,
            "job_title": person.job_title,
            "country": person.country,
            **_custom_answers(person, words),
        },
        owner=owner_name(person, sequence),
        offer=offers.words(words.offer, words.language) if words.offer else None,
        piece=piece,
        brand=settings.ORG_BRAND,
        organisation=settings.ORG_NAME,
        unsubscribe_url=footer["unsubscribe_url"],
        preferences_url=footer["preferences_url"],
    )


def owner_name(person: Person, sequence: Sequence | None) -> str:
    """Who writes: to a prospect whoever works on them, else whoever answers for the campaign, else the brand."""
    owner = sequence.campaign.owner if sequence and sequence.campaign else None
    if sequence and sequence.audience == Sequence.Audience.PROSPECTS:
        owner = person.sales_owner or owner
    return (owner.get_full_name() if owner else "") or settings.ORG_BRAND


def _custom_answers(person: Person, words: Words) -> dict[str, str]:
    """Answers to custom fields; looked up only where these words name one."""
    if merge.CUSTOM not in f"{words.subject}{words.preheader}{words.body}":
        return {}
    facts = person.facts.filter(field__startswith=merge.CUSTOM)
    return {name: fact.value for name, fact in best(facts).items()}
