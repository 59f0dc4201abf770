"""What was known of a lead by the end of each day: touches and facts by when they were recorded, and verdicts.

Nothing later is ever read into an earlier day (docs/backtest.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from leads.best_known import COLUMN_OF, best
from leads.models import Fact, LeadMove, LeadStatus
from leads.scoring.backtest.span import Span
from leads.scoring.facts import seen_facts
from leads.scoring.matching import FactsSeen

# The company's column, and the name of the fact that says the same.
COMPANY_FACTS = {
    "industry": "industry",
    "size": "company_size",
    "country": "country",
    "founded_year": "founded_year",
}
SAID = {column: field for field, column in COLUMN_OF.items() if column != "language"}
Way = LeadMove.Way
PEOPLES = (Way.SALES, Way.STAFF, Way.IMPORTED)
CLOSED = (LeadStatus.CUSTOMER, LeadStatus.DISQUALIFIED)
WON, REJECTED, OPEN = "won", "rejected", "open"


class FactRow(NamedTuple):
    """A fact as `leads.best_known.best` compares it, and the day at whose end it was known."""

    field: str
    value: str
    source: str
    confidence: Any
    at: datetime
    pk: int
    day: int


class Given(NamedTuple):
    """A value that somebody gave: on an accepted form or as a fact."""

    field: str
    value: str
    day: int


class Move(NamedTuple):
    """A move of status. `at` in seconds since 1970; `day`: at whose end it was known."""

    old: str
    new: str
    way: str
    at: float
    day: int


class Seen(NamedTuple):
    """A touch: the day at whose end it is known, its second, its number, and what rules ask of it."""

    day: int
    at: float
    id: int
    what: tuple[str, int | None, str]


@dataclass(frozen=True, slots=True)
class Past:
    """One lead. `first`: the day from which it was there; `facts`: what was known from which day on, in order."""

    lead: int
    first: int
    touches: Sequence[Seen]
    facts: Sequence[tuple[int, FactsSeen]]
    moves: Sequence[Move]
    scored: bool = True


def states(
    person: Any, facts: Sequence[FactRow], forms: Sequence[Given], channels: Mapping[int, str], span: Span
) -> list[tuple[int, FactsSeen]]:
    """From which day on what was known. A column counts from the first form or fact that gave its value; one that
    nobody gave, from the day the person was made. `channels`: from which day on which channel was the first.
    """
    given = [*forms, *(Given(fact.field, fact.value, fact.day) for fact in facts)]
    made = span.known_on(person.created_at, person.created_at)
    since = _since(person, given, made)
    turns = sorted({0, *(fact.day for fact in facts), *since.values(), *channels})
    return [
        (day, _seen(person, [fact for fact in facts if fact.day <= day], since, channels, day))
        for day in turns
        if day <= span.last
    ]


def _since(person: Any, given: Iterable[Given], made: int) -> dict[str, int]:
    """Column → the day from which its value counts."""
    first: dict[tuple[str, str], int] = {}
    for field, value, day in given:
        key = (field, _plain(value))
        first[key] = min(first.get(key, day), day)
    found = {
        column: first.get((field, _plain(getattr(person, column))), made) for column, field in SAID.items()
    }
    company = person.company
    if company is not None:
        found |= {
            f"company.{column}": first.get((field, _plain(getattr(company, column))), made)
            for column, field in COMPANY_FACTS.items()
        }
        found["company"] = made if _by_its_domain(person) else found["company_name"]
    return found


def _by_its_domain(person: Any) -> bool:
    """Whether the address alone says which company it is; else somebody had to name it."""
    domain = person.company.domain
    return not person.company_name or bool(domain and (person.email_key or "").endswith(f"@{domain}"))


def _plain(value: Any) -> str:
    return " ".join(str("" if value is None else value).casefold().split())


def _seen(
    person: Any, facts: Sequence[FactRow], since: Mapping[str, int], channels: Mapping[int, str], day: int
) -> FactsSeen:
    """The profile as it was: columns that were not known yet are empty."""
    then = SimpleNamespace(
        email_key=person.email_key,
        phone_key=person.phone_key if since["phone"] <= day else None,
        company=_company(person.company, since, day),
        **{column: getattr(person, column) if since[column] <= day else "" for column in SAID},
    )
    first = max((known for known in channels if known <= day), default=None)
    named = best(cast(Iterable[Fact], facts))
    return seen_facts(cast(Any, then), named, channel="" if first is None else channels[first])


def _company(company: Any, since: Mapping[str, int], day: int) -> Any:
    if company is None or since["company"] > day:
        return None
    then = {
        column: getattr(company, column) if since[f"company.{column}"] <= day else None
        for column in COMPANY_FACTS
    }
    return SimpleNamespace(name=company.name, domain=company.domain, custom=company.custom, **then)


def outcome(moves: Iterable[Move], *, since: float) -> str:
    """What sales made of the lead after `since` (seconds): a customer at any time later is won."""
    later = [move for move in moves if move.at > since]
    if any(move.new == LeadStatus.CUSTOMER for move in later):
        return WON
    return REJECTED if any(_is_rejection(move) for move in later) else OPEN


def _is_rejection(move: Move) -> bool:
    given_back = move.new == LeadStatus.NURTURING and (
        move.way == Way.SALES or move.old == LeadStatus.MARKETING_QUALIFIED
    )
    return given_back or move.new == LeadStatus.DISQUALIFIED


def returned_at(moves: Iterable[Move], *, by: int) -> float | None:
    """When a person last put it into nurture, as known by the end of day `by`; seconds since 1970."""
    return max(
        (m.at for m in moves if m.day <= by and m.new == LeadStatus.NURTURING and m.way in PEOPLES),
        default=None,
    )


def is_with_marketing(moves: Iterable[Move], *, by: int) -> bool:
    """Whether a grade could have handed it over: neither closed, nor with sales since before the first day.

    A handover by the rules of those days within the period does not count: under other rules it might not have been.
    """
    known = [move for move in moves if move.day <= by]
    if not known:
        return True
    last = known[-1]
    return last.new not in CLOSED and not (last.new == LeadStatus.MARKETING_QUALIFIED and last.day == 0)
