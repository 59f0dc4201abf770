"""What we know of a person, each line with where it comes from and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf.locale import LANG_INFO
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import CustomField
from leads.models import ConsentEvent, Fact, Person, Submission


@dataclass(frozen=True)
class FactLine:
    """One line of the facts panel. `source` says who told us, `at` when; both may be empty."""

    key: str
    label: str | Promise
    value: str
    source: str = ""
    at: datetime | None = None


COLUMNS: dict[str, str | Promise] = {
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "job_title": gettext_lazy("Job title"),
    "company_name": gettext_lazy("Company, as said"),
    "country": gettext_lazy("Country"),
    "language": gettext_lazy("Language"),
}
FACT_WORDS: dict[str, str | Promise] = {
    "company_size": gettext_lazy("Company size"),
    "industry": gettext_lazy("Industry"),
    "heard_from": gettext_lazy("Heard of us from"),
}


def facts_of(person: Person) -> list[FactLine]:
    """The person's columns and facts, the latest of each field, columns first. Four queries."""
    latest: dict[str, Fact | None] = {}
    for fact in person.facts.order_by("-at", "-pk")[:200]:
        latest.setdefault(fact.field, fact)
    form = person.submissions.filter(state=Submission.State.ACCEPTED).order_by("-at").first()
    lines = []
    for name, label in COLUMNS.items():
        value = getattr(person, name)
        column_fact = latest.pop(name, None)
        if name == "company_name" and person.company and person.company.name == value:
            continue
        if value:
            lines.append(FactLine(name, label, _shown(name, value), *_source(column_fact, form)))
    names = _custom_labels(latest)
    lines += [
        FactLine(
            field, names.get(field, field.replace("_", " ").capitalize()), fact.value, *_source(fact, None)
        )
        for field, fact in sorted(latest.items())
        if fact is not None
    ]
    return lines + consent_lines(person)


def consent_lines(person: Person) -> list[FactLine]:
    """The standing answer for each purpose, with the version of the words and the moment."""
    latest: dict[str, ConsentEvent] = {}
    for event in person.consents.select_related("text").order_by("-at", "-pk"):
        latest.setdefault(event.purpose, event)
    return [
        FactLine(
            f"consent_{event.purpose}",
            _("Consent: %(purpose)s") % {"purpose": event.get_purpose_display()},
            _("given") if event.given else _("withdrawn"),
            _("Text %(version)s") % {"version": event.text.version} if event.text else event.basis,
            event.at,
        )
        for event in latest.values()
    ]


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
    own = CustomField.objects.filter(entity=CustomField.Entity.PERSON, key__in=list(latest))
    return labels | {row.key: row.label for row in own}
