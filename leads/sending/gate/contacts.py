"""Cold contacts: the ground on which sales may write to somebody who is no lead, and how often without an answer.

Asked only of people whom a sequence for prospects is about to write to and whom consent does not cover: the batches
of all other flows ask not one question more. The rule and the law it comes from: docs/outbound.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from leads.models import ContactBasis, Message

MOST_UNANSWERED = (
    5  # mails to a cold contact who has never answered; then no more, on any sequence, in any cycle
)
WORDS: dict[str, str] = {
    ContactBasis.Kind.LEGITIMATE_INTEREST: "legitimate interest",
    ContactBasis.Kind.EXISTING_CUSTOMER: "existing customer",
    ContactBasis.Kind.CONSENT: "consent given elsewhere",
}
COUNTED = (Message.Kind.SEQUENCE, Message.Kind.ONE_TO_ONE)
LENGTH = Message._meta.get_field("ground").max_length or 0


@dataclass(frozen=True)
class Contacts:
    """By person id. `grounds`: the latest written ground in words; `unanswered`: our mails since they last wrote."""

    grounds: Mapping[int, str] = field(default_factory=dict)
    unanswered: dict[int, int] = field(default_factory=dict)


def read(people: Collection[int], *, spoke: Mapping[int, datetime], went_out: Collection[str]) -> Contacts:
    """Two queries, none where there is nobody to ask about. `went_out`: the states of mails that left us."""
    if not people:
        return Contacts()
    rows = ContactBasis.objects.filter(person__in=people).order_by("at", "pk")
    mails = Message.objects.filter(person__in=people, state__in=went_out, kind__in=COUNTED)
    counted = Counter(
        person
        for person, when in mails.values_list("person_id", "claimed_at")
        if when is None or person not in spoke or when > spoke[person]
    )
    return Contacts({row.person_id: in_words(row) for row in rows}, dict(counted))


def in_words(row: ContactBasis) -> str:
    """``legitimate interest, list Machine builders, 2026-11-22``: as the ledger keeps it."""
    kind, day = WORDS[row.kind], f"{row.at:%Y-%m-%d}"
    source = row.source[: LENGTH - len(f"{kind}, , {day}")]
    return ", ".join(filter(None, [kind, source, day]))


def is_cold(ground: str) -> bool:
    """Whether a mail goes out on such a ground, so that it must say where its address comes from."""
    return ground.startswith(tuple(f"{words}, " for words in WORDS.values()))
