"""A mail as it would go out, without sending it: for the editor, for the check before the start, for test mails.

The way out in it leads nowhere: whoever tries it in a preview or a test mail must not unsubscribe somebody else.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone

from campaigns import offers
from campaigns.mail import compose, merge
from campaigns.models import Sequence
from leads.models import Person
from leads.sending.fields import Words
from leads.sending.fields import fields as fields_of
from leads.sending.pieces import suggested
from leads.sending.pieces import words as piece_words
from leads.sending.reasons import reason_for

NOWHERE = "/u/preview/"


def draft(
    words: Words, person: Person | None, *, sequence: Sequence | None, next_piece: bool = False
) -> compose.Rendered:
    """These words for this person, or for the example person. Raises LiquidError, mjml.Broken."""
    footer = _footer(words.language, person, sequence)
    return compose.render(
        subject=words.subject,
        preheader=words.preheader,
        body=words.body,
        format=words.format,
        merge=fields(words, person, sequence=sequence, next_piece=next_piece),
        footer=footer,
        language=words.language,
        next_piece=next_piece,
    )


def fields(
    words: Words, person: Person | None, *, sequence: Sequence | None, next_piece: bool = True
) -> dict[str, Any]:
    """What these words see of this person, or of the example person."""
    if person is None:
        offer = offers.words(words.offer, words.language) if words.offer else {}
        return merge.example(offer=offer, piece=merge.PIECE if next_piece else {})
    found = suggested(person, language=words.language, at=timezone.now()) if next_piece else None
    return fields_of(
        person=person,
        words=words,
        footer=_footer(words.language, person, sequence),
        sequence=sequence,
        piece=piece_words(found, words.language) if found else None,
    )


def _footer(language: str, person: Person | None, sequence: Sequence | None) -> dict[str, str]:
    address = f"{settings.BASE_URL}{NOWHERE}"
    return {
        "postal_address": settings.POSTAL_ADDRESS,
        "unsubscribe_url": address,
        "preferences_url": address,
        "reason": reason_for(person, sequence, language),
    }
