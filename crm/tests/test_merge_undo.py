"""Merge and undo leave every table of every app as it was, but for the merge log, audit and history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from campaigns.errors import Refused
from campaigns.models import Channel, Topic
from crm import roles
from crm.tests import small_world
from crm.tests.tables import dump, unlike
from leads.consent import record_consent, suppress
from leads.lifecycle import make_lead
from leads.merging import merge, part
from leads.merging.joining import GROUPS
from leads.merging.pointers import pointers
from leads.models import (
    Company,
    Enrolment,
    ExternalRef,
    Fact,
    Lead,
    LeadMove,
    Message,
    OwnMail,
    Pause,
    Person,
    ShareLink,
    TopicChoice,
    Touch,
)
from leads.nurture.enrolment import enrol
from leads.signals import people_merging
from leads.tests.builders import a_sequence, an_asset
from prospects.defaults import install
from prospects.models import Account, BuyingRole, Deal, DealPerson
from prospects.transitions import tell_leads

AT = datetime(2026, 4, 10, 12, 0, 0, 123456, tzinfo=UTC)
THINGS = (
    "lead", "touch", "fact", "ref", "consent", "no", "unsubscribed", "unwanted", "wanted", "pause", "walk", "mail",
    "share", "own mail", "same mail", "open prospect", "won prospect", "lost prospect", "role", "in a deal", "phone",
    "merged before",
)  # fmt: skip


class World:
    """Two people, each with some of everything."""

    def __init__(self) -> None:
        install()
        self.sequence = a_sequence()
        self.asset = an_asset()
        self.topic = Topic.objects.get_or_create(slug="bearings", defaults={"name": "Bearings"})[0]
        self.account = Account.objects.create(company=Company.objects.create(name="Corp"))
        self.rep = roles.make_user(username="rep", role=roles.SALES)
        other = Person.objects.create(email_key="other@corp.example", email="other@corp.example")
        self.deal = Deal.objects.create(
            prospect=small_world.a_cycle(other, AT, "contacting"), title="x", amount=1, status="open"
        )

    def person(self, name: str, has: set[str]) -> Person:
        key = f"{name}@corp.example"
        person = Person.objects.create(
            email=key, email_key=key, first_name=name.title(), last_name="Keller" if "fact" in has else ""
        )
        for thing in sorted(has):
            getattr(self, f"_{thing.replace(' ', '_')}")(person)
        return Person.objects.get(pk=person.pk)

    def _lead(self, person: Person) -> None:
        make_lead(person=person, at=AT - timedelta(days=person.pk % 7), way=LeadMove.Way.CAPTURE)

    def _touch(self, person: Person) -> None:
        for hours in range(person.pk % 3 + 1):
            Touch.objects.create(
                person=person, kind="visit", at=AT + timedelta(hours=hours), channel=Channel.objects.all()[0]
            )

    def _fact(self, person: Person) -> None:
        Fact.objects.create(person=person, field="industry", value="gears", source="said")

    def _ref(self, person: Person) -> None:
        ExternalRef.objects.create(person=person, source="old", external_id=person.email)

    def _consent(self, person: Person) -> None:
        record_consent(person=person, purpose="marketing", given=True, at=AT, confirmed=True)

    def _no(self, person: Person) -> None:
        record_consent(person=person, purpose="marketing", given=False, at=AT)

    def _unsubscribed(self, person: Person) -> None:
        suppress(email_key=person.email_key or "", reason="unsubscribed", at=AT, person=person)

    def _unwanted(self, person: Person) -> None:
        TopicChoice.objects.update_or_create(person=person, topic=self.topic, defaults={"wanted": False})

    def _wanted(self, person: Person) -> None:
        TopicChoice.objects.get_or_create(person=person, topic=self.topic, defaults={"wanted": True})

    def _pause(self, person: Person) -> None:
        Pause.objects.create(person=person, until=AT + timedelta(days=9), at=AT)

    def _walk(self, person: Person) -> None:
        self._lead(person)
        enrol(person=person, sequence=self.sequence, at=AT)

    def _mail(self, person: Person) -> None:
        walk = Enrolment.objects.filter(person=person).first()
        Message.objects.create(
            key=f"k{person.pk}",
            message_id=f"<{person.pk}@x.example>",
            kind="sequence",
            person=person,
            due_at=AT,
            enrolment=walk,
        )

    def _own_mail(self, person: Person) -> None:
        self._talk(person, f"<own{person.pk}@x.example>")

    def _same_mail(self, person: Person) -> None:
        """Written to both of them."""
        self._talk(person, "<both@x.example>")

    def _talk(self, person: Person, name: str) -> None:
        OwnMail.objects.create(
            person=person, user=self.rep, direction="out", message_id=name, thread=name, text="Hello", at=AT
        )

    def _share(self, person: Person) -> None:
        ShareLink.objects.create(person=person, asset=self.asset, code=f"code{person.pk}")

    def _cycle(self, person: Person, stage: str, days: int, **columns: Any) -> None:
        earlier = person.pk % 5 if columns else 0
        rounds = type(self.deal.prospect).objects.filter(person=person).count()
        cycle = small_world.a_cycle(
            person, AT - timedelta(days=days + earlier), stage, owner=self.rep, round=rounds + 1, **columns
        )
        tell_leads(cycle, at=AT)

    def _open_prospect(self, person: Person) -> None:
        self._cycle(person, "contacting", 1)

    def _won_prospect(self, person: Person) -> None:
        self._cycle(person, "won", 40, closed_at=AT - timedelta(days=30))

    def _lost_prospect(self, person: Person) -> None:
        self._cycle(person, "lost", 90, closed_at=AT - timedelta(days=80))

    def _role(self, person: Person) -> None:
        BuyingRole.objects.create(account=self.account, person=person, role="champion")

    def _in_a_deal(self, person: Person) -> None:
        DealPerson.objects.create(deal=self.deal, person=person)

    def _phone(self, person: Person) -> None:
        number = f"+4144668180{person.pk % 10}"
        Person.objects.filter(pk=person.pk).update(phone=number, phone_key=number)

    def _merged_before(self, person: Person) -> None:
        Person.objects.create(email_key=f"old{person.pk}@corp.example", merged_into=person)


some = st.sets(st.sampled_from(THINGS), max_size=12)


class TestUndo(TestCase):
    world: World

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World()

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(one=some, two=some, theirs=st.sets(st.sampled_from(sorted(GROUPS))))
    def test_every_table_is_as_it_was(self, one: set[str], two: set[str], theirs: set[str]):
        two = two - {"open prospect"} if "open prospect" in one else two
        world = self.world
        keep, gone = world.person("anna", one), world.person("ann", two)
        before = dump()
        made = merge(keep=keep, gone=gone, theirs=theirs, at=AT + timedelta(days=1), by=world.rep)
        assert Person.objects.get(pk=gone.pk).merged_into == keep
        done = part(merge=made, at=AT + timedelta(days=2), by=world.rep)
        assert unlike(before, dump()) == {}
        assert not done.stayed

    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(one=some, two=some)
    def test_nothing_is_left_with_the_tombstone_that_the_other_has_not(self, one: set[str], two: set[str]):
        two = two - {"open prospect"} if "open prospect" in one else two
        world = self.world
        keep, gone = world.person("anna", one), world.person("ann", two)
        merge(keep=keep, gone=gone, at=AT, by=world.rep)
        assert not Touch.objects.filter(person=gone).exists()
        talk = OwnMail.objects.filter(person=keep).values_list("message_id", flat=True)
        assert sorted(set(talk)) == sorted(talk)
        assert ("<both@x.example>" in talk) == ("same mail" in one | two)
        assert not type(world.deal.prospect).objects.filter(person=gone).exists()
        assert Lead.objects.filter(person=keep).exists() == bool({"lead", "walk"} & (one | two))
        assert Enrolment.objects.filter(person=gone, state="active").count() == 0


@pytest.mark.django_db
def test_every_table_that_points_at_a_person_is_moved_or_named_as_staying():
    assert len(pointers()) >= 25
    assert {"prospects.prospect", "leads.touch"} <= {model._meta.label_lower for model, _field in pointers()}


@pytest.mark.django_db
def test_a_receiver_that_refuses_leaves_everything_as_it_was():
    world = World()
    keep, gone = world.person("anna", {"lead"}), world.person("ann", {"touch"})
    before = dump()

    def no(**_: Any) -> None:
        raise Refused("no")

    people_merging.connect(no)
    try:
        with pytest.raises(Refused):
            merge(keep=keep, gone=gone, at=AT, by=None)
    finally:
        people_merging.disconnect(no)
    assert unlike(before, dump()) == {}
