"""What we know of a person, each line with where it comes from, since when, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf.locale import LANG_INFO
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import ConsentText, CustomField
from leads.best_known import COLUMN_OF, best
from leads.models import ConsentEvent, Fact, Person, Submission


@dataclass(frozen=True)
class FactLine:
    """One line of the facts panel. `source` says who told us, `at` when; `sure`: per cent, of what was found out."""

    key: str
    label: str | Promise
    value: str
    source: str = ""
    at: datetime | None = None
    sure: int | None = None


@dataclass(frozen=True)
class ConsentLine:
    """One piece of evidence: what was allowed or taken back, and all that shows it."""

    purpose: str
    answer: str
    at: datetime
    words: str = ""
    version: str = ""
    where: str = ""
    url: str = ""
    ip: str = ""
    channel: str = ""
    confirmed_at: datetime | None = None
    basis: str = ""
    by: str = ""


COLUMNS: dict[str, str | Promise] = {
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "job_title": gettext_lazy("Job title"),
    "company_name": gettext_lazy("Company, as said"),
    "country": gettext_lazy("Country"),
    "language": gettext_lazy("Language"),
}
FACT_WORDS: dict[str, str | Promise] = {
    "company": gettext_lazy("Company"),
    "company_size": gettext_lazy("Company size"),
    "founded_year": gettext_lazy("Founded"),
    "industry": gettext_lazy("Industry"),
    "city": gettext_lazy("Place"),
    "heard_from": gettext_lazy("Heard of us from"),
}
SHOWN_APART = (
    "persona",
    "journey_stage",
)  # with their why, and empty where they were given back to the rules
FIELD_OF = {column: field for field, column in COLUMN_OF.items()}


def facts_of(person: Person) -> list[FactLine]:
    """The person's columns and facts, of each field the one that counts, columns first. Four queries."""
    every = list(person.facts.order_by("-at", "-pk")[:200])
    counts: dict[str, Fact | None] = {**best(fact for fact in every if fact.field not in SHOWN_APART)}
    # One without answers is a consent that was asked for: nobody typed anything into it.
    forms = person.submissions.filter(state=Submission.State.ACCEPTED).exclude(answers={})
    form = forms.order_by("-at").first()
    lines = []
    for name, label in COLUMNS.items():
        value = getattr(person, name)
        other = counts.pop(FIELD_OF.get(name, name), None)
        if name == "company_name" and person.company and person.company.name == value:
            continue
        if value:
            lines.append(
                FactLine(name, label, _shown(name, value), *_source(_that_said(every, name, value), form))
            )
        elif other is not None:
            lines.append(
                _line(FIELD_OF.get(name, name), FACT_WORDS.get(FIELD_OF.get(name, name), label), other)
            )
    names = _custom_labels(counts)
    lines += [
        _line(field, names.get(field, field.replace("_", " ").capitalize()), fact)
        for field, fact in sorted(counts.items())
        if fact is not None
    ]
    return lines + consent_lines(person)


def _line(field: str, label: str | Promise, fact: Fact) -> FactLine:
    found = fact.source == Fact.Source.ENRICHED
    sure = round(fact.confidence * 100) if found else None
    return FactLine(field, label, _shown(field, fact.value), *_source(fact, None), sure=sure)


def _that_said(facts: Iterable[Fact], column: str, value: str) -> Fact | None:
    """The fact that a column's value came by, where one says the same."""
    names = {column, FIELD_OF.get(column, column)}
    return next((fact for fact in facts if fact.field in names and fact.value == value), None)


def consent_lines(person: Person) -> list[FactLine]:
    """The standing answer for each purpose, with the version of the words and the moment."""
    latest: dict[str, ConsentEvent] = {}
    for event in person.consents.select_related("text").order_by("-at", "-pk"):
        latest.setdefault(event.purpose, event)
    return [
        FactLine(
            f"consent_{event.purpose}",
            _("Consent: %(purpose)s") % {"purpose": event.get_purpose_display()},
            _answer(event),
            _("Text %(version)s") % {"version": event.text.version} if event.text else event.basis,
            event.at,
        )
        for event in latest.values()
    ]


def consent_chain(person: Person) -> list[ConsentLine]:
    """Every piece of evidence, newest first: what a court or the person themselves would ask for. One query."""
    rows = person.consents.select_related("text", "page", "submission__site", "submission__campaign", "by")
    return [_evidence(event) for event in rows.order_by("-at", "-pk")]


def _evidence(event: ConsentEvent) -> ConsentLine:
    form = event.submission
    where = event.page.title if event.page else (form.label if form else "")
    return ConsentLine(
        purpose=event.get_purpose_display(),
        answer=_answer(event),
        at=event.at,
        words=event.text.text if event.text else "",
        version=str(event.text.version) if event.text else "",
        where=where,
        url=event.source_url,
        ip=event.ip or "",
        channel=form.get_door_display() if form else "",
        confirmed_at=event.confirmed_at,
        basis=event.basis,
        by=event.by.get_username() if event.by else "",
    )


def _answer(event: ConsentEvent) -> str:
    if event.pending:
        return _("ticked, waits for the mailbox")
    if event.purpose == ConsentText.Purpose.PROFILING:
        return _("allowed") if event.given else _("objected")
    return _("given") if event.given else _("withdrawn")


def _shown(name: str, value: str) -> str:
    """A language by its name; everything else as it is."""
    if name != "language":
        return value
    return str(_(LANG_INFO.get(value, {}).get("name", value)))


def _source(fact: Fact | None, form: Submission | None) -> tuple[str, datetime | None]:
    if fact is not None:
        return fact.detail or fact.get_source_display(), fact.at
    return (_("Form"), form.at) if form is not None else ("", None)


def _custom_labels(latest: dict[str, Fact | None]) -> dict[str, str]:
    labels = {name: str(words) for name, words in FACT_WORDS.items()}
    keys = [name.removeprefix("custom_") for name in latest]
    own = CustomField.objects.filter(entity=CustomField.Entity.PERSON, key__in=keys)
    return labels | {f"{prefix}{row.key}": row.label for row in own for prefix in ("", "custom_")}
