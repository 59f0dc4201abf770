"""The statement and the Python fold give the same rows, whatever happened to whom (PostgreSQL; RELIABILITY R1, R3)."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from campaigns.models import Asset, AssetKind, Channel, Persona, PersonaRule
from leads.models import (
    Fact,
    JourneyRule,
    Lead,
    LeadMove,
    LeadScore,
    Person,
    ScoringModel,
    ScoringRule,
    Touch,
)
from leads.scoring import batch, facts
from leads.scoring.batch import made_anew, score_batch
from leads.scoring.facts import read
from leads.scoring.fold import score
from leads.scoring.rescore import rescore, rescore_dirty
from leads.scoring.returned import returned_since
from leads.scoring.rules import load_setup
from leads.tests.builders import a_lead
from leads.tests.scoring_world import a_company, excluding

AT = datetime(2026, 10, 27, 9, 30, tzinfo=UTC)  # two days after the clock changed
KINDS = [
    "visit",
    "visit",
    "visit",
    "download",
    "download",
    "click",
    "click",
    "read",
    "open",
    "form",
    "inquiry",
]
WORLDS = range(12)
FIT_LINES = [
    ("mailbox", "company"), ("job_title", "head, buyer"), ("seniority", "head"), ("industry", "steel"),
    ("country", "*"), ("channel", "email"),
]  # fmt: skip


def pieces(dice: random.Random) -> list[Asset]:
    kinds = list(AssetKind.objects.order_by("pk")[:2])
    return [
        Asset.objects.create(
            title=f"P{n}", slug=f"p{n}", kind=kinds[n % 2],
            journey_stage=dice.choice(["", "awareness", "consideration"]),
        )
        for n in range(4)
    ]  # fmt: skip


def some_rules(dice: random.Random) -> ScoringModel:
    """Several lines for one touch, negative points, cool-downs, ceilings with and without days, any half-life."""
    ScoringModel.objects.update(state="retired")
    model = ScoringModel.objects.create(
        number=ScoringModel.objects.count() + 1, state="live",
        reference_at=AT - timedelta(days=dice.randrange(-5, 900)),
        half_life_1=dice.choice([3, 7]), half_life_3=dice.choice([60, 90]), engagement_ceiling=dice.choice([50, 100]),
        fit_ceiling=dice.choice([40, 100]), qualify_fit="C", qualify_engagement="3", required_facts="email,company",
        again_margin=dice.choice([0, 5, 10]),
    )  # fmt: skip
    kinds = list(AssetKind.objects.order_by("pk")[:2])
    for number in range(dice.randrange(1, 9)):
        most = dice.choice([None, None, 0, 1, 3])
        ScoringRule.objects.create(
            model=model, group="engagement", label=f"Line {number}", touch_kind=dice.choice([*KINDS, ""]),
            points=dice.choice([-20, -7, 3, 8, 12, 40]), half_life=dice.choice([1, 2, 3]),
            asset_kind=dice.choice([None, None, *kinds]), journey_stage=dice.choice(["", "", "awareness"]),
            cool_down_hours=dice.choice([0, 0, 1, 24, 36]), ceiling_touches=most,
            ceiling_days=None if most is None else dice.choice([1, 7, 30]),
        )  # fmt: skip
    for field, words in FIT_LINES:
        ScoringRule.objects.create(
            model=model, group="fit", label=field, field=field, words=words, points=dice.randrange(-10, 40)
        )
    ScoringRule.objects.create(
        model=model, group="fit", label="Size", field="company_size", minimum=50, points=15
    )
    ScoringRule.objects.create(
        model=model, group="fit", label="Age", field="company_age", minimum=9, points=9
    )
    ScoringRule.objects.create(
        model=model, group="fit", label="Budget", field="fact", fact_name="budget", points=12
    )
    JourneyRule.objects.create(model=model, stage="decision", touch_kind="inquiry")
    JourneyRule.objects.create(model=model, stage="consideration", touch_kind="visit", times=3)
    JourneyRule.objects.create(
        model=model, stage="decision", touch_kind="download", asset_kind=kinds[0], times=2
    )
    return model


def some_people(dice: random.Random, count: int = 25) -> None:
    """What is known of them, from whom, and whether anybody but marketing has them."""
    firms = [
        a_company(
            "maasland.example", size=120, industry="steel", founded_year=2017, custom={"budget": "some"}
        ),
        a_company("small.example", size=4, country="SE", founded_year=2026),
    ]
    persona = Persona.objects.create(name="Buyers", slug="buyers", title_words="buyer")
    other = Persona.objects.create(name="Swedes", slug="swedes")
    PersonaRule.objects.create(persona=other, field="country", words="SE")
    excluding("competitor", "domain", "rival.example")
    excluding("student", "job_title", "student")
    for number in range(count):
        domain = dice.choice(["maasland.example", "small.example", "gmail.com", "rival.example"])
        lead = a_lead(
            f"p{number}@{domain}", AT - timedelta(days=90), company_name=dice.choice(["", "Maasland"]),
            job_title=dice.choice(["", "Head of Works", "Student", "Junior buyer", "Owner"]),
        )  # fmt: skip
        Person.objects.filter(pk=lead.person_id).update(
            company=dice.choice([None, *firms]), country=dice.choice(["", "SE"]), no_profiling=dice.random() < 0.08,
            sales_open=dice.random() < 0.1,
        )  # fmt: skip
        Lead.objects.filter(pk=lead.pk).update(
            status=dice.choice(["new", "nurturing", "nurturing", "disqualified"]), persona=dice.choice([None, persona]),
            exclusion=dice.choice(["", "", "supplier"]), journey_stage=dice.choice(["", "awareness"]),
        )  # fmt: skip
        if dice.random() < 0.3:
            LeadMove.objects.create(
                lead=lead, old="new", new="nurturing", way=dice.choice(["sales", "staff", "nurture"]),
                at=AT - timedelta(days=dice.randrange(40)),
            )  # fmt: skip
        known(dice, lead)


def known(dice: random.Random, lead: Lead) -> None:
    values = {
        "budget": ["", "much"], "industry": ["steel", "toys"], "company_size": ["51–200", "few"],
        "country": ["SE", "CH"], "job_title": ["Head of toys"], "founded_year": ["2016", "old"],
        "company": ["Said Ltd"], "persona": ["buyers", "nobody"], "journey_stage": ["decision", "nowhere"],
    }  # fmt: skip
    for _ in range(dice.choice([0, 0, 1, 4, 9])):
        field = dice.choice(list(values))
        Fact.objects.create(
            person_id=lead.person_id, field=field, value=dice.choice(values[field]),
            source=dice.choice(["said", "imported", "enriched", "enriched", "sales", "staff", "sequence"]),
            confidence=dice.choice(["0.5", "0.9"]), at=AT - timedelta(hours=dice.randrange(-9, 900)),
        )  # fmt: skip


def some_touches(dice: random.Random) -> None:
    """Crowded around the night of the doubled hour and around today's midnight; some lie ahead, some years back."""
    assets, channels = pieces(dice), list(Channel.objects.order_by("pk")[:9])
    around = [
        AT,
        AT,
        AT - timedelta(days=2),
        AT - timedelta(days=30),
        AT - timedelta(days=4000),
        AT + timedelta(days=3),
    ]
    for lead in Lead.objects.all():
        rows = [
            Touch(
                person_id=lead.person_id, kind=dice.choice(KINDS), channel=dice.choice(channels),
                asset=dice.choice([None, None, *assets]),
                at=dice.choice(around) - timedelta(minutes=dice.randrange(4000), microseconds=dice.randrange(3)),
            )
            for _ in range(dice.choice([0, 1, 6, 40]))
        ]  # fmt: skip
        rows += [
            Touch(**{**vars_of(row), "kind": dice.choice(KINDS)}) for row in rows[::5]
        ]  # at the same instant
        made = Touch.objects.bulk_create(rows)
        if made:
            Lead.objects.filter(pk=lead.pk).update(first_touch=made[0])


def vars_of(touch: Touch) -> dict:
    return {"person_id": touch.person_id, "channel": touch.channel, "asset": touch.asset, "at": touch.at}


def a_world(seed: int) -> None:
    dice = random.Random(seed)
    some_rules(dice)
    some_people(dice)
    some_touches(dice)
    LeadScore.objects.bulk_create(
        [LeadScore(lead=lead) for lead in Lead.objects.all()], ignore_conflicts=True
    )
    LeadScore.objects.update(dirty_at=AT)


def folded(at: datetime) -> dict[int, tuple]:
    """What the Python fold says, before anything is written: row, standing, whether the verdict should look."""
    setup = load_setup()
    assert setup.rules is not None
    ids = list(Lead.objects.values_list("pk", flat=True))
    returned = returned_since(ids)
    found = [made_anew(seen, setup, setup.rules, returned.get(seen.lead.pk), at) for seen in read(ids, at=at)]
    return {one.seen.lead.pk: (one.score, one.standing, one.qualifies) for one in found}


def close(one: float, other: float, rules, place: int) -> bool:
    carried = 2.0 ** ((AT - rules.reference_at).total_seconds() / (rules.half_lives[place] * 86_400))
    return abs(one - other) <= 1e-9 * max(abs(one), abs(other), carried)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", WORLDS)
def test_the_statement_writes_what_the_fold_says(seed):
    a_world(seed)
    rules = load_setup().rules
    expected = folded(AT)
    ids = list(expected)
    assert score_batch(ids, setup=load_setup(), at=AT)["changed"] == len(ids)
    for lead in Lead.objects.select_related("score"):
        row, standing, qualifies = expected[lead.pk]
        kept = lead.score
        assert (kept.fit, kept.engagement, kept.grade, kept.total) == (
            row.fit,
            row.engagement,
            row.grade,
            row.total,
        )
        assert all(close(getattr(kept, f"e{n + 1}"), getattr(row, f"e{n + 1}"), rules, n) for n in range(3))
        assert (lead.persona_id, lead.journey_stage, lead.exclusion) == standing
        assert (kept.qualifies_at, kept.model_id, kept.computed_at) == (
            AT if qualifies else None,
            rules.id,
            AT,
        )
        assert kept.next_check_at == row.next_check_at


@pytest.mark.django_db
@pytest.mark.parametrize("seed", WORLDS)
def test_what_the_statement_wrote_stays_until_its_check_and_no_grade_changes_before(seed):
    a_world(seed)
    setup = load_setup()
    ids = list(Lead.objects.values_list("pk", flat=True))
    score_batch(ids, setup=setup, at=AT)
    rows = LeadScore.objects.in_bulk(ids)
    seen = read(ids, at=AT)
    for day in range(1, 60):
        then = AT + timedelta(days=day)
        for one in seen:
            row = rows[one.lead.pk]
            if one.lead.person.no_profiling or (row.next_check_at is not None and row.next_check_at <= then):
                continue
            assert score(one.touches, one.facts, setup.rules, then).grade == row.grade


@pytest.mark.django_db
def test_a_second_run_writes_nothing_and_a_later_one_only_what_its_night_has_come_for():
    a_world(3)
    setup = load_setup()
    ids = list(Lead.objects.values_list("pk", flat=True))
    score_batch(ids, setup=setup, at=AT)
    assert score_batch(ids, setup=setup, at=AT + timedelta(minutes=5))["changed"] == 0
    tomorrow = AT + timedelta(days=1)
    due = LeadScore.objects.filter(next_check_at__lte=tomorrow).count()
    assert due < len(ids)
    assert score_batch(ids, setup=setup, at=tomorrow)["changed"] == due


@pytest.mark.django_db
def test_one_lead_whose_numbers_the_database_refuses_does_not_stop_the_others(monkeypatch, caplog):
    a_world(5)
    setup = load_setup()
    ids = list(Lead.objects.order_by("pk").values_list("pk", flat=True))
    real = batch.statement.write

    def refuses(some, *rest):
        if ids[3] in some.leads:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1e308::float8 * 10")
        return real(some, *rest)

    monkeypatch.setattr(batch.statement, "write", refuses)
    counts = score_batch(ids, setup=setup, at=AT)
    assert (counts["failed"], counts["changed"]) == (1, len(ids) - 1)
    assert "cannot be scored" in caplog.text
    assert list(LeadScore.objects.filter(computed_at=None).values_list("lead", "next_check_at")) == [
        (ids[3], AT + timedelta(hours=1))
    ]


@pytest.mark.django_db(transaction=True)
def test_a_touch_that_comes_between_reading_and_writing_leaves_the_lead_due(monkeypatch):
    a_world(7)
    lead = Lead.objects.filter(person__no_profiling=False).order_by("pk")[0]
    real, late = facts.seen_facts, AT + timedelta(seconds=1)

    def touched_meanwhile(*args):
        monkeypatch.setattr(facts, "seen_facts", real)
        Touch.objects.create(person_id=lead.person_id, kind="form", at=AT, channel=Channel.objects.all()[0])
        LeadScore.objects.filter(lead=lead).update(dirty_at=late)
        return real(*args)

    monkeypatch.setattr(facts, "seen_facts", touched_meanwhile)
    assert rescore(at=AT)["skipped"] == 1
    assert list(LeadScore.objects.filter(dirty_at__isnull=False).values_list("lead", "dirty_at")) == [
        (lead.pk, late)
    ]


@pytest.mark.django_db(transaction=True)
def test_six_workers_at_once_write_the_rows_of_one():
    a_world(9)
    expected = folded(AT)

    def run(_number: int) -> None:
        try:
            rescore_dirty(at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(run, range(6)))
    rescore_dirty(at=AT)
    for row in LeadScore.objects.all():
        fold = expected[row.lead_id][0]
        assert (row.fit, row.engagement, row.grade, row.dirty_at) == (
            fold.fit,
            fold.engagement,
            fold.grade,
            None,
        )
