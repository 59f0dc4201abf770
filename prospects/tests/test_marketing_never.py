"""Marketing mail never reaches a cold contact: whoever opens whichever door, in whichever order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.errors import Refused
from campaigns.models import EmailTemplate, Sequence
from leads.models import ContactBasis, Enrolment, EntryRule, Lead, Message, Person, Segment, Suppression
from leads.nurture import mailings
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol, enrol_many
from leads.nurture.entries import enrol_by_hand, let_in
from leads.nurture.ways_in import let_in_returned
from leads.sending.delivery import deliver_due
from leads.sending.outbox import new_message_id
from leads.tests.builders import a_sequence
from prospects import social
from prospects.models import Prospect
from prospects.tests.conftest import TUESDAY, later, make_cold

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
MARKETING = ("leads", "customers")


class World:
    """A cold contact with a ground to write to them, a cadence, and all that marketing has."""

    def __init__(self, kind: str) -> None:
        self.rep: Any = get_user_model().objects.create_superuser("rep", "rep@averdahl.example", "x")
        self.prospect: Prospect = make_cold(self.rep)
        self.person: Person = self.prospect.person
        ContactBasis.objects.create(person=self.person, kind=kind, why="x", source="list", at=TUESDAY)
        self.of = {
            audience: a_sequence(audience, audience=audience) for audience in (*MARKETING, "prospects")
        }
        self.segment = Segment.objects.create(name="Everybody")
        self.now: datetime = TUESDAY

    def every(self) -> list[Sequence]:
        return list(Sequence.objects.all())


def staff_start_them(world: World) -> None:
    for sequence in world.every():
        enrol(person=world.person, sequence=sequence, at=world.now, by=world.rep)


def staff_start_many(world: World) -> None:
    for sequence in world.every():
        if sequence.state == Sequence.State.LIVE:
            enrol_by_hand(people=[world.person], sequence=sequence, by=world.rep, at=world.now)


def many_at_once(world: World) -> None:
    for sequence in world.every():
        enrol_many(people=Person.objects.all(), sequence=sequence, at=world.now, entry="segment")


def ways_in(world: World) -> None:
    for audience in (*MARKETING, "prospects"):
        for kind, more in (
            ("segment", {"segment": world.segment}),
            ("grade", {"grade": "D4"}),
            ("returned", {}),
        ):
            EntryRule.objects.create(sequence=world.of[audience], kind=kind, again_after_days=1, **more)
    let_in(at=world.now)
    let_in_returned(person=world.person, at=world.now)


def mailing(audience: str) -> Callable[[World], None]:
    def send(world: World) -> None:
        template = EmailTemplate.objects.order_by("pk")[0]
        asked = {"template": template, "segment": world.segment, "by": world.rep, "at": world.now}
        row = mailings.create(name="News", submit_key=uuid4(), audience=audience, **asked)
        mailings.start(mailing=row, by=world.rep, at=world.now)
        people = Person.objects.all()  # however they came onto it
        enrol_many(people=people, sequence=row.sequence, at=world.now, entry="mailing")

    send.__name__ = f"mailing_to_{audience}"
    return send


def rows_out_of_nowhere(world: World) -> None:
    """What a mistake of ours or an import might leave."""
    for sequence in world.every():
        if Enrolment.objects.filter(person=world.person, sequence=sequence).exists():
            continue
        version = sequence.versions.latest("number")
        walk = Enrolment.objects.create(
            person=world.person, sequence=sequence, version=version, due_at=world.now
        )
        step = version.steps.first()
        Message.objects.create(
            key=f"seq:{walk.pk}:{step.pk}", message_id=new_message_id(), kind="sequence", person=world.person,
            enrolment=walk, step=step, words=step.words.first(), due_at=world.now,
        )  # fmt: skip


def they_answer(world: World) -> None:
    social.log_social(prospect=world.prospect, network="xing", what="answered", by=world.rep, at=world.now)


def work_is_done(world: World) -> None:
    advance(at=world.now)
    deliver_due(at=world.now)


def a_day_goes_by(world: World) -> None:
    world.now += timedelta(days=1)


DOORS = [
    staff_start_them, staff_start_many, many_at_once, ways_in, rows_out_of_nowhere, they_answer, work_is_done,
    a_day_goes_by, mailing("leads"), mailing("customers"), mailing("prospects"),
]  # fmt: skip


@given(
    doors=st.lists(st.sampled_from(DOORS), min_size=1, max_size=7),
    kind=st.sampled_from(ContactBasis.Kind.values),
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_door_lets_marketing_mail_out(db: None, doors: list[Callable[[World], None]], kind: str) -> None:
    with transaction.atomic():
        world = World(kind)
        for door in doors:
            try:
                with transaction.atomic():
                    door(world)
            except Refused:
                pass
        for _day in range(3):
            a_day_goes_by(world)
            work_is_done(world)
        went_out = Message.objects.filter(kind="sequence").exclude(
            state__in=["scheduled", "suppressed", "cancelled"]
        )
        for mail in went_out.select_related("enrolment__sequence"):
            sequence = mail.enrolment.sequence if mail.enrolment else None
            assert sequence is not None
            assert (sequence.audience, sequence.kind) == ("prospects", "sequence"), doors
        assert not Lead.objects.exists() and not Suppression.objects.exists()
        transaction.set_rollback(True)


def test_the_cadence_itself_does_go_out() -> None:
    """Else the property above would hold of a house that sends nothing."""
    world = World("interest")
    staff_start_them(world)
    work_is_done(world)
    world.now = later(days=2)
    work_is_done(world)
    sent = Message.objects.filter(state="sent").select_related("enrolment__sequence")
    assert {mail.enrolment.sequence.slug for mail in sent if mail.enrolment} == {"prospects"}
