"""What the tests of sales start from: a Tuesday at ten in Zurich, people, and prospects in sam's hands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from leads import lifecycle
from leads.models import Company, LeadMove, Person
from prospects import handover, pipeline
from prospects.calls import log
from prospects.models import AssignmentMember, AssignmentRule, Prospect, Reason
from prospects.prospecting.ground import Ground, record

GROUND = Ground("interest", "They buy gears.", "Exhibitors of the fair")
TUESDAY = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)  # 10:00 in Zurich
_numbers = count(1)


def later(**span: float) -> datetime:
    return TUESDAY + timedelta(**span)


def make_person(**columns: Any) -> Person:
    number = next(_numbers)
    key = f"person{number}@works.example"
    given: dict[str, Any] = {
        "email": key,
        "email_key": key,
        "first_name": "Ada",
        "last_name": f"Number{number}",
    }
    return Person.objects.create(**(given | columns))


def make_move(
    person: Person | None = None, *, way: str = "inquiry", at: datetime = TUESDAY, **more: Any
) -> LeadMove:
    """A lead that becomes marketing-qualified; the signal hands it over."""
    lead = lifecycle.make_lead(person=person or make_person(), at=at, way=LeadMove.Way.CAPTURE)
    return lifecycle.qualify(lead=lead, way=way, at=at, **more)


def make_inbound(owner: Any, person: Person | None = None, **more: Any) -> Prospect:
    """A handover in the hands of `owner`."""
    prospect = handover.open_from_move(move=make_move(person, **more), at=more.get("at", TUESDAY))
    Prospect.objects.filter(pk=prospect.pk).update(owner=owner)
    return Prospect.objects.get(pk=prospect.pk)


def make_cold(owner: Any, person: Person | None = None) -> Prospect:
    """With a ground, as whoever enters one must name it."""
    person = person or make_person()
    record(person=person, ground=GROUND, by=owner, at=TUESDAY)
    return handover.open_cold(person=person, owner=owner, at=TUESDAY, by=owner, note="From the list")


def reason(slug: str) -> Reason:
    return Reason.objects.get(slug=slug)


GOOD_CARD = {
    "need": {"state": "confirmed", "quote": "We scrap three percent."},
    "authority": {"state": "claimed", "quote": "I sign up to fifty thousand."},
    "budget": {"state": "claimed"},
}


def talk(
    prospect: Prospect, by: Any, *, at: datetime = TUESDAY, bant: dict | None = None, **more: Any
) -> Any:
    """A conversation that makes the default entry rule of sales-qualified true."""
    return log.log_call(
        prospect=prospect,
        outcome="conversation",
        bant=GOOD_CARD if bant is None else bant,
        by=by,
        at=at,
        **more,
    )


@pytest.fixture
def inbound(sam: Any) -> Prospect:
    """Handed over this minute, nobody has acted."""
    return make_inbound(sam)


@pytest.fixture
def accepted(inbound: Prospect, sam: Any) -> Prospect:
    return pipeline.accept(prospect=inbound, by=sam, at=TUESDAY)


@pytest.fixture
def cold(sam: Any) -> Prospect:
    return make_cold(sam)


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="Works", domain="works.example", country="DE", industry="Gears")


@pytest.fixture
def rule(db: None) -> Callable[..., AssignmentRule]:
    """Make an assignment rule: rule(sam, sara) or rule((sam, 2), field="country", words="DE")."""

    def make(*members: Any, **columns: Any) -> AssignmentRule:
        made = AssignmentRule.objects.create(**({"name": "Everybody"} | columns))
        for member in members:
            user, weight = member if isinstance(member, tuple) else (member, 1)
            AssignmentMember.objects.create(rule=made, user=user, weight=weight)
        return made

    return make
