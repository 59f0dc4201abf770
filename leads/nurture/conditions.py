"""Does the condition of a branch or a wait hold for this person now?

Shaped like the gate: what a batch needs is read in a fixed number of queries (`load`), the judgement (`holds`) is
pure. Behaviour is read from touches, which are human acts: a click that a mail scanner made never steers anybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaigns import comparing
from campaigns.models import Compares, LooksAt, PublishedStep, StepKind
from campaigns.step_rules import BEHAVIOUR, choices
from leads.best_known import best
from leads.consent import MARKETING
from leads.models import (
    ConsentEvent,
    Enrolment,
    Fact,
    LeadScore,
    MailEvent,
    Person,
    TopicChoice,
    Touch,
    TouchKind,
)

KINDS: dict[str, tuple[str, ...]] = {
    LooksAt.CLICK: (TouchKind.CLICK,),
    LooksAt.DOWNLOAD: (TouchKind.DOWNLOAD,),
    LooksAt.PAGE: (TouchKind.VISIT,),
    LooksAt.FORM: (TouchKind.FORM, TouchKind.INQUIRY),
    LooksAt.REPLY: (TouchKind.REPLY,),
}
Pairs = Sequence[tuple[Enrolment, PublishedStep]]


@dataclass(frozen=True, slots=True)
class Sign:
    """One human act: what, when, and on which page, of which piece, in a mail of which enrolment."""

    kind: str
    at: datetime
    page_id: int | None = None
    asset_id: int | None = None
    enrolment_id: int | None = None


@dataclass(frozen=True)
class Known:
    """What the conditions of a batch read, by person id. Only what some step of the batch asks is read."""

    signs: Mapping[int, Sequence[Sign]] = field(default_factory=dict)
    people: Mapping[int, Person] = field(default_factory=dict)  # with lead and company
    grades: Mapping[int, str] = field(default_factory=dict)
    facts: Mapping[int, Mapping[str, Fact]] = field(default_factory=dict)
    consented: frozenset[tuple[int, str]] = frozenset()  # (person id, purpose)
    unwanted: frozenset[tuple[int, int]] = frozenset()  # (person id, topic id)


def load(pairs: Pairs, *, at: datetime) -> Known:
    """Read what these steps ask of these people; seven queries at most, whatever the size of the batch."""
    asked = {step.looks_at for _enrolment, step in pairs}
    ids = sorted({enrolment.person_id for enrolment, _step in pairs})
    needs_people = asked & {LooksAt.FIELD, LooksAt.STATUS, LooksAt.STAGE}
    return Known(
        signs=_signs(pairs, at) if asked & BEHAVIOUR else {},
        people=_people(ids) if needs_people else {},
        grades=_grades(ids) if LooksAt.GRADE in asked else {},
        facts=_facts(ids, pairs, at) if LooksAt.FIELD in asked else {},
        consented=frozenset(_consented(ids)) if LooksAt.CONSENT in asked else frozenset(),
        unwanted=frozenset(_unwanted(ids)) if LooksAt.TOPIC in asked else frozenset(),
    )


def holds(
    step: PublishedStep,
    enrolment: Enrolment,
    known: Known,
    *,
    at: datetime,
    waits_since: datetime | None = None,
) -> bool:
    """Whether what `step` asks is so for the person of `enrolment`. Pure.

    `waits_since`: when the wait at this step began, where the row does not say so yet.
    """
    judge = _JUDGES.get(step.looks_at)
    return judge(_Asked(step, enrolment, known, since(step, enrolment, at, waits_since))) if judge else False


def since(
    step: PublishedStep, enrolment: Enrolment, at: datetime, waits_since: datetime | None = None
) -> datetime:
    """From when on an act counts: so many days back, else since the wait began, else since the person entered."""
    if step.within_days:
        return at - timedelta(days=step.within_days)
    if step.kind != StepKind.WAIT_FOR:
        return enrolment.started_at
    return waits_since or enrolment.waits_since or enrolment.due_at or at


@dataclass(frozen=True, slots=True)
class _Asked:
    step: PublishedStep
    enrolment: Enrolment
    known: Known
    since: datetime

    @property
    def person(self) -> Person:
        return self.known.people[self.enrolment.person_id]

    def either(self, so: bool) -> bool:
        """`so`, or the contrary where the step asks for "is not"."""
        return so != (self.step.compares == Compares.IS_NOT)


def _did(asked: _Asked) -> bool:
    signs = asked.known.signs.get(asked.enrolment.person_id, ())
    return asked.either(any(_counts(sign, asked) for sign in signs))


def _counts(sign: Sign, asked: _Asked) -> bool:
    step = asked.step
    if sign.at < asked.since or sign.kind not in KINDS[step.looks_at]:
        return False
    if step.looks_at == LooksAt.CLICK:
        return sign.enrolment_id is not None and sign.enrolment_id == asked.enrolment.pk
    if step.looks_at == LooksAt.DOWNLOAD:
        return step.asset_id in (None, sign.asset_id)
    return step.looks_at == LooksAt.REPLY or step.page_id in (None, sign.page_id)


def _grade(asked: _Asked) -> bool:
    grade = asked.known.grades.get(asked.enrolment.person_id, "")
    if asked.step.compares in (Compares.KNOWN, Compares.UNKNOWN):
        return comparing.holds(grade, asked.step.compares, "")
    return asked.either(comparing.grade_at_least(grade, comparing.read_grade(asked.step.value)))


def _field(asked: _Asked) -> bool:
    facts = asked.known.facts.get(asked.enrolment.person_id, {})
    said = value_of(asked.step.field, asked.person, facts)
    return comparing.holds(said, asked.step.compares, asked.step.value)


def value_of(name: str, person: Person, facts: Mapping[str, Fact]) -> str:
    """What counts of several: the person's own column or word, then what is kept of the company, then any source."""
    fact = facts.get(name)
    said = fact.value if fact and fact.source == Fact.Source.SAID else ""
    return _column(name, person) or said or _of_company(name, person) or (fact.value if fact else "")


def _column(name: str, person: Person) -> str:
    if name == "company":
        return person.company.name if person.company else person.company_name
    return getattr(person, name) if name in _COLUMNS else ""


def _of_company(name: str, person: Person) -> str:
    if person.company is None:
        return ""
    if name.startswith("custom_"):
        return str(person.company.custom.get(name.removeprefix("custom_"), ""))
    kept = getattr(person.company, _OF_COMPANY[name]) if name in _OF_COMPANY else None
    return "" if kept is None else str(kept)


def _consent(asked: _Asked) -> bool:
    purpose = asked.step.value or MARKETING
    return asked.either((asked.enrolment.person_id, purpose) in asked.known.consented)


def _topic(asked: _Asked) -> bool:
    topic = asked.step.topic_id or 0
    return asked.either((asked.enrolment.person_id, topic) not in asked.known.unwanted)


def _status(asked: _Asked) -> bool:
    lead = getattr(asked.person, "lead", None)
    return asked.either(bool(lead) and lead.status in choices(asked.step.value))


def _stage(asked: _Asked) -> bool:
    stage = asked.person.sales_stage
    if asked.step.compares in (Compares.KNOWN, Compares.UNKNOWN):
        return comparing.holds(stage, asked.step.compares, "")
    return asked.either(stage in choices(asked.step.value))


_COLUMNS = ("email", "phone", "first_name", "last_name", "job_title", "country", "language", "time_zone")
_OF_COMPANY = {
    "company_size": "size",
    "industry": "industry",
    "city": "city",
    "country": "country",
    "founded_year": "founded_year",
}
_JUDGES: dict[str, Callable[[_Asked], bool]] = {
    **dict.fromkeys(BEHAVIOUR, _did),
    LooksAt.GRADE: _grade,
    LooksAt.FIELD: _field,
    LooksAt.CONSENT: _consent,
    LooksAt.TOPIC: _topic,
    LooksAt.STATUS: _status,
    LooksAt.STAGE: _stage,
}


def _signs(pairs: Pairs, at: datetime) -> dict[int, list[Sign]]:
    """Acts since the earliest moment that any of these steps asks about."""
    asking = [(enrolment, step) for enrolment, step in pairs if step.looks_at in BEHAVIOUR]
    people = {enrolment.person_id for enrolment, _step in asking}
    earliest = min(min(enrolment.started_at, since(step, enrolment, at)) for enrolment, step in asking)
    kinds = {kind for _enrolment, step in asking for kind in KINDS[step.looks_at]}
    rows = Touch.objects.filter(person__in=people, kind__in=kinds, at__gte=earliest, at__lte=at)
    found: dict[int, list[Sign]] = defaultdict(list)
    columns = ("person_id", "kind", "at", "page_id", "asset_id", "message__enrolment_id")
    for person, *sign in rows.order_by().values_list(*columns):
        found[person].append(Sign(*sign))
    if TouchKind.REPLY in kinds:
        replies = MailEvent.objects.filter(
            person__in=people, kind=MailEvent.Kind.REPLY, at__gte=earliest, at__lte=at
        )
        for person, when in replies.order_by().values_list("person_id", "at"):
            found[person or 0].append(Sign(TouchKind.REPLY, when))
    return found


def _people(ids: Sequence[int]) -> dict[int, Person]:
    return {
        person.pk: person for person in Person.objects.filter(pk__in=ids).select_related("lead", "company")
    }


def _grades(ids: Sequence[int]) -> dict[int, str]:
    return dict(LeadScore.objects.filter(lead__person__in=ids).values_list("lead__person_id", "grade"))


def _facts(ids: Sequence[int], pairs: Pairs, at: datetime) -> dict[int, dict[str, Fact]]:
    names = {step.field for _enrolment, step in pairs if step.looks_at == LooksAt.FIELD}
    every: dict[int, list[Fact]] = defaultdict(list)
    for fact in Fact.objects.filter(person__in=ids, field__in=names, at__lte=at):
        every[fact.person_id].append(fact)
    return {person: best(facts) for person, facts in every.items()}


def _consented(ids: Sequence[int]) -> Iterable[tuple[int, str]]:
    """Purposes whose latest row that counts says yes; one that waits for its confirmation does not count."""
    rows = ConsentEvent.objects.filter(person__in=ids, pending=False).order_by("at", "pk")
    latest = {
        (person, purpose): given
        for person, purpose, given in rows.values_list("person_id", "purpose", "given")
    }
    return (key for key, given in latest.items() if given)


def _unwanted(ids: Sequence[int]) -> Iterable[tuple[int, int]]:
    return TopicChoice.objects.filter(person__in=ids, wanted=False).values_list("person_id", "topic_id")
