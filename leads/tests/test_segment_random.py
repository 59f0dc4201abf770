"""Whatever happens, and however time passes: looking at the news gives the same members as looking at everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest

from campaigns.models import Persona
from leads.consent import record_consent
from leads.lifecycle import note_sales_stage
from leads.models import Company, Fact, Lead, Person, Segment, SegmentMember, Touch
from leads.scoring.rescore import rescore_dirty
from leads.segments import people, refresh
from leads.tests.builders import NOON, a_lead
from leads.tests.scoring_world import a_model, touched
from leads.tests.segment_world import a_line, a_segment
from leads.tracking import make_dirty

pytestmark = pytest.mark.django_db
LEADS, ROUNDS, CHANGES = 10, 8, 5


def segments() -> list[Segment]:
    dutch = a_segment(("country", "NL"), ("status", "new, nurturing"), name="Dutch")
    keen = a_segment(
        a_line("engagement", "15", compare="from"), a_line("touched", "3"), name="keen", match="any"
    )
    return [
        dutch,
        keen,
        a_segment(a_line("did", name="form", times=2, days=5), name="forms"),
        a_segment(a_line("did", name="visit", negate=True, days=2), ("became", "4"), name="silent"),
        a_segment(("consent", "marketing"), a_line("with_sales", negate=True), name="may"),
        a_segment(a_line("fact", "10", name="fleet", compare="from"), ("industry", "Optics"), name="f", match="any"),
        a_segment(("grade", "B4"), a_line("fit", "30", compare="from"), ("persona", "planner", True), name="good"),
        a_segment(("segment", str(dutch.pk)), a_line("segment", str(keen.pk), negate=True), name="of others"),
        a_segment(a_line("sales_stage", compare="known"), a_line("size", "50", compare="until"), name="s", match="any"),
    ]  # fmt: skip


def a_touch(lead: Lead, at: datetime, random: Random) -> None:
    day = timedelta(days=random.choice([0, 0, 0, 2, 4, -1]))  # noted late, or with a date to come
    touched(lead, random.choice(["form", "visit", "download", "click"]), at - day)


def a_touch_goes(lead: Lead, at: datetime, random: Random) -> None:
    last = Touch.objects.filter(person=lead.person).first()
    if last:
        Lead.objects.filter(first_touch=last).update(first_touch=None)
        Lead.objects.filter(last_touch=last).update(last_touch=None)
        last.delete()


def a_fact(lead: Lead, at: datetime, random: Random) -> None:
    field, value = random.choice(
        [("fleet", "12"), ("fleet", "3"), ("industry", "Optics"), ("company_size", "40")]
    )
    source = random.choice(["said", "imported", "enriched"])
    Fact.objects.create(person=lead.person, field=field, value=value, source=source, at=at)


def a_status(lead: Lead, at: datetime, random: Random) -> None:
    Lead.objects.filter(pk=lead.pk).update(
        status=random.choice(["new", "nurturing", "disqualified", "customer"])
    )


def a_consent(lead: Lead, at: datetime, random: Random) -> None:
    given, pending = random.choice([(True, False), (False, False), (True, True)])
    record_consent(person=lead.person, purpose="marketing", given=given, at=at, pending=pending)


def a_stage(lead: Lead, at: datetime, random: Random) -> None:
    stage = random.choice(["", "meeting"])
    note_sales_stage(person=lead.person, stage=stage, open=bool(stage), at=at)


def a_column(lead: Lead, at: datetime, random: Random) -> None:
    title = random.choice(["Head of Optics", "Planner", ""])
    Person.objects.filter(pk=lead.person_id).update(country=random.choice(["NL", "DE", ""]), job_title=title)


def a_company(lead: Lead, at: datetime, random: Random) -> None:
    company = random.choice(list(Company.objects.order_by("pk")))
    Person.objects.filter(pk=lead.person_id).update(company=random.choice([company, None]))


def a_company_edit(lead: Lead, at: datetime, random: Random) -> None:
    company = random.choice(list(Company.objects.order_by("pk")))
    company.industry, company.size = random.choice(["Optics", "Pumps", ""]), random.choice([20, 80, None])
    company.custom = random.choice([{}, {"fleet": 30}])
    company.save()
    make_dirty(
        lead_ids=list(Lead.objects.filter(person__company=company).values_list("pk", flat=True)), at=at
    )


def erased(lead: Lead, at: datetime, random: Random) -> None:
    if random.random() < 0.2:
        Person.objects.filter(pk=lead.person_id).update(erased_at=at)


HAPPENINGS: list[Callable[[Lead, datetime, Random], None]] = [
    a_touch, a_touch, a_touch, a_touch_goes, a_fact, a_status, a_consent, a_stage, a_column, a_company,
    a_company_edit, erased,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_news_and_everybody_give_the_same_members(seed):
    random = Random(seed)
    a_model(half_life_1=3)
    Persona.objects.create(name="Planner", slug="planner", title_words="planner")
    for number in range(2):
        Company.objects.create(name=f"C{number}", domain=f"c{number}.example", industry="Optics")
    leads = [a_lead(f"r{number}@x.example", country="NL") for number in range(LEADS)]
    every, at = segments(), NOON
    for segment in every:
        refresh(segment=segment, at=at)
    for _round in range(ROUNDS):
        for _change in range(CHANGES):
            lead = random.choice(leads)
            random.choice(HAPPENINGS)(lead, at, random)
            make_dirty(lead_ids=[lead.pk], at=at)
        if random.random() < 0.7:  # else the sweep comes later
            rescore_dirty(at=at)
        for segment in random.sample(every, 5) if _round < ROUNDS - 1 else every:
            refresh(segment=segment, at=at)
            stored = set(SegmentMember.objects.filter(segment=segment).values_list("person", flat=True))
            segment.refresh_from_db()
            assert stored == set(people(segment, at=at).values_list("pk", flat=True)), segment.name
            assert segment.size == len(stored)
        at += random.choice(
            [timedelta(seconds=40), timedelta(hours=3), timedelta(hours=13), timedelta(days=2)]
        )


def test_the_changes_above_move_members_in_and_out():
    """The test above would pass with nothing happening; this one would not."""
    random = Random(1)
    a_model()
    Persona.objects.create(name="Planner", slug="planner", title_words="planner")
    Company.objects.create(name="C", domain="c.example")
    leads = [a_lead(f"r{number}@x.example", country="NL") for number in range(LEADS)]
    every = segments()
    moved = dict.fromkeys((segment.name for segment in every), 0)
    for day in range(12):
        at = NOON + timedelta(days=day)
        for lead in leads:
            random.choice(HAPPENINGS)(lead, at, random)
            make_dirty(lead_ids=[lead.pk], at=at)
        rescore_dirty(at=at)
        for segment in every:
            moved[segment.name] += sum(refresh(segment=segment, at=at).values())
    assert all(moved.values()), moved
