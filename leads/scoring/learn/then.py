"""What was known of a person at an earlier time: facts by when they were recorded, columns by who gave their value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from leads.best_known import COLUMN_OF, best
from leads.models import Fact, Lead
from leads.scoring.facts import seen_facts
from leads.scoring.matching import FactsSeen

# Column → the name of the fact, or of the form's field, that says the same.
SAID = {column: field for field, column in COLUMN_OF.items() if column != "language"}
COMPANYS = {
    "industry": "industry",
    "size": "company_size",
    "country": "country",
    "founded_year": "founded_year",
}

Knew = Callable[[datetime, datetime], bool]  # (happened, recorded) → whether it was known then


class FactRow(NamedTuple):
    """A fact as `leads.best_known.best` compares it."""

    person_id: int
    field: str
    value: str
    source: str
    confidence: Any
    at: datetime
    recorded_at: datetime
    pk: int


class Form(NamedTuple):
    """An accepted form: when it was sent, when it was let in, what was said."""

    at: datetime
    counted_at: datetime
    answers: Mapping[str, Any]


def facts_then(lead: Lead, facts: Sequence[FactRow], forms: Iterable[Form], knew: Knew) -> FactsSeen:
    """A column counts unless its value was given by forms and facts, and all of them came later.

    The first channel counts if that touch was known.
    """
    known = [fact for fact in facts if knew(fact.at, fact.recorded_at)]
    late = _late(facts, forms, knew)
    person, first = lead.person, lead.first_touch
    then = SimpleNamespace(
        email_key=person.email_key,
        phone_key=None if (SAID["phone"], _plain(person.phone)) in late else person.phone_key,
        company=_company(person, late),
        **{
            column: "" if (field, _plain(getattr(person, column))) in late else getattr(person, column)
            for column, field in SAID.items()
        },
    )
    channel = first.channel.slug if first is not None and knew(first.at, first.recorded_at) else ""
    return seen_facts(cast(Any, then), best(cast(Iterable[Fact], known)), channel)


def _late(facts: Iterable[FactRow], forms: Iterable[Form], knew: Knew) -> set[tuple[str, str]]:
    """Field and value of what somebody gave, but nobody in time."""
    given = [((fact.field, _plain(fact.value)), knew(fact.at, fact.recorded_at)) for fact in facts]
    given += [
        ((field, _plain(value)), knew(form.at, form.counted_at))
        for form in forms
        for field, value in form.answers.items()
    ]
    return {key for key, _known in given} - {key for key, known in given if known}


def _company(person: Any, late: set[tuple[str, str]]) -> Any:
    company = person.company
    if company is None:
        return None
    named_late = (SAID["company_name"], _plain(person.company_name)) in late
    if named_late and not (company.domain and (person.email_key or "").endswith(f"@{company.domain}")):
        return None  # nothing but a later word says where they work
    then = {
        column: None if (field, _plain(getattr(company, column))) in late else getattr(company, column)
        for column, field in COMPANYS.items()
    }
    return SimpleNamespace(name=company.name, domain=company.domain, custom=company.custom, **then)


def _plain(value: Any) -> str:
    return " ".join(str("" if value is None else value).casefold().split())
