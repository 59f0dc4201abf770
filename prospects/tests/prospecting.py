"""What the tests of prospecting lists share: a list, people on it, a profile, a cadence."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from campaigns.models import IdealProfile, IdealValue, Sequence
from leads.models import Person
from leads.tests.builders import a_sequence
from prospects.models import ListedPerson, ProspectingList
from prospects.prospecting.listing import list_people
from prospects.tests.conftest import TUESDAY, make_person


def a_list(**columns: Any) -> ProspectingList:
    given = {
        "name": "Fair 2026", "source": "Exhibitors of the fair", "basis": "interest", "basis_note": "They buy gears.",
    }  # fmt: skip
    return ProspectingList.objects.create(**(given | columns))


def listed(onto: ProspectingList, *people: Person, fresh: bool = True, by: Any = None) -> list[ListedPerson]:
    """Onto the list as an import brings them."""
    ids = [one.pk for one in people]
    with transaction.atomic():
        list_people(onto=onto, people=ids, fresh=ids if fresh else (), by=by, at=TUESDAY)
    rows = {row.person_id: row for row in ListedPerson.objects.filter(list=onto)}
    return [rows[pk] for pk in ids]


def waiting(onto: ProspectingList, number: int) -> list[ListedPerson]:
    """So many people with names of their own, the best fit first."""
    rows = listed(onto, *(make_person() for _n in range(number)))
    for place, row in enumerate(rows):
        ListedPerson.objects.filter(pk=row.pk).update(fit=90 - place)
    return list(ListedPerson.objects.filter(list=onto).order_by("-fit"))


def a_profile(*lines: dict[str, Any]) -> IdealProfile:
    profile = IdealProfile.objects.create(name="Ideal", is_active=True)
    for line in lines:
        IdealValue.objects.create(profile=profile, **line)
    return profile


def a_cadence() -> Sequence:
    """A live sequence for prospects."""
    made = a_sequence("cold-outreach", audience="prospects")
    return Sequence.objects.get(pk=made.pk)
