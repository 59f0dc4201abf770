"""What is still to be asked of somebody who came by their own signed link: only what is missing, a little at a time."""

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.models import FormField, LandingPage
from leads.answers import field_name
from leads.consent import MARKETING, TRACKING, has_consent
from leads.models import Person

Maps = FormField.Maps
COLUMNS = {
    Maps.EMAIL: "email_key",
    Maps.FIRST_NAME: "first_name",
    Maps.LAST_NAME: "last_name",
    Maps.COMPANY: "company_name",
    Maps.JOB_TITLE: "job_title",
    Maps.PHONE: "phone",
    Maps.COUNTRY: "country",
}


@dataclass(frozen=True)
class Known:
    """A person by their own link: which questions they have answered (never what), which consents stand."""

    person: Person
    answered: frozenset[str]
    consents: frozenset[str]

    def has_answered(self, field: FormField) -> bool:
        return field_name(field) in self.answered


def known(person: Person) -> Known:
    """What is on file, by the names of form fields. Three queries."""
    columns = {name.value for name, column in COLUMNS.items() if getattr(person, column)}
    facts = set(person.facts.exclude(value="").values_list("field", flat=True))
    consents = {purpose for purpose in (MARKETING, TRACKING) if has_consent(person=person, purpose=purpose)}
    return Known(person, frozenset(columns | facts), frozenset(consents))


def asks_nothing_first(page: LandingPage) -> bool:
    """A piece is given to a known person at one press: its questions are offered, none is required."""
    return page.asset is not None and not page.inquiry


def questions(fields: Iterable[FormField], *, known: Known, most: int) -> list[FormField]:
    """The fields to ask now, in the page's order, at most ``most``; required ones go first when there is no room.

    A message is always a new one. Fields marked "ask later" wait until all others are known.
    """
    missing = [field for field in fields if is_asked_anew(field) or not known.has_answered(field)]
    now = [field for field in missing if not field.later]
    if all(is_asked_anew(field) for field in now):
        now += [field for field in missing if field.later]
    first = sorted(now, key=lambda field: not field.required)[:most]
    return [field for field in now if field in first]


def is_asked_anew(field: FormField) -> bool:
    return field.maps_to == Maps.MESSAGE
