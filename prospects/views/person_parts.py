"""The parts of a person page that come a moment later, each by its own address: facts, story, score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from leads.models import Person
from leads.nurture.next_step import walks
from leads.person_facts import consent_chain, facts_of
from leads.scoring.panel import receipts_for
from leads.views.score_panel import score_panel
from leads.views.standing import standing_lines
from prospects.accounts import family_of, may_change
from prospects.alike import alike
from prospects.collateral import collateral
from prospects.custom_fields import Entity, lines_of
from prospects.models import Account, Prospect
from prospects.money.terms import deals_with
from prospects.money.value import Value, value_of_accounts, value_of_person
from prospects.timeline import timeline

NEWEST, MOST = 25, 120  # lines of the story before "older entries", and in all
MOST_GROUNDS = 5
Part = Callable[[Prospect, Any, str], dict[str, Any]]


def facts(prospect: Prospect, user: Any, _asked: str) -> dict[str, Any]:
    """The left column: what we know and from where, company, who is like them, evidence of consent and ground."""
    person, lead = prospect.person, getattr(prospect.person, "lead", None)
    company = person.company
    return {
        "facts": facts_of(person),
        "standing": standing_lines(lead, receipts_for(lead, timezone.now())) if lead else [],
        "evidence": consent_chain(person),
        "grounds": list(person.contact_bases.select_related("by")[:MOST_GROUNDS]),
        "company": company,
        "known_there": Person.objects.filter(company=company, merged_into=None).count() if company else 0,
        "alike": alike(prospect, user),
        **own_fields(Entity.PROSPECT, prospect.custom),
        "worth": _worth(prospect, user),
    }


def own_fields(entity: str, custom: dict[str, Any]) -> dict[str, Any]:
    """Custom values in words; they may be filled in where there is a field for them."""
    lines = lines_of(entity, custom)
    return {"own_lines": lines, "may_fill": any(line.own for line in lines)}


def _worth(prospect: Prospect, user: Any) -> Value | None:
    """What this customer brought: the account with all below it, as its page says; to who
    may not see that, the person alone."""
    now, account = timezone.now(), prospect.account
    if account is not None and may_change(account, user):
        companies = family_of(account.company).ids
        accounts = Account.objects.filter(company__in=companies).values_list("pk", flat=True)
        return value_of_accounts(list(accounts), at=now)
    return value_of_person(prospect.person_id, at=now)


def story(prospect: Prospect, _user: Any, asked: str) -> dict[str, Any]:
    """The middle: one timeline, machine hits folded; its newest lines, all of it, or one side."""
    return story_of(timeline(prospect.person, MOST), asked)


def story_of(lines: list[Any], show: str) -> dict[str, Any]:
    """The lines to show, and how many lines each side has."""
    sides = {
        "all": lines,
        "touches": [line for line in lines if line.side == "theirs"],
        "ours": [line for line in lines if line.side != "theirs"],
    }
    shown = sides.get(show, lines[:NEWEST])
    return {
        "story": shown,
        "story_show": show if show in sides else "",
        "story_older": 0 if show in sides else len(lines) - len(shown),
        "story_counts": {side: len(rows) for side, rows in sides.items()},
    }


def score(prospect: Prospect, _user: Any, _asked: str) -> dict[str, Any]:
    """The right column below BANT: mails on their way, deals, what to send, why this grade."""
    now, person = timezone.now(), prospect.person
    lead = getattr(person, "lead", None)
    known = facts_of(person)
    return {
        "now": now,
        "walks": walks(person),
        "deals": deals_with(prospect),
        "collateral": collateral(prospect, now) if prospect.is_open else None,
        "score": score_panel(lead, receipts_for(lead, now), now, known),
    }


PARTS: dict[str, Part] = {"facts": facts, "story": story, "score": score}
