"""A small world of closed leads: machinery people become customers, print people do not."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from campaigns.models import Channel
from leads.models import Company, Fact, Lead, LeadMove, LeadScore, Person, ScoringModel, ScoringRule, Touch
from leads.models.learned import LearnedModel
from leads.scoring.learn import work_due
from leads.tests.builders import NOON

DAY = timedelta(days=1)
FIRST = NOON - 200 * DAY


def a_fact(
    person: Person, name: str, value: str, at: datetime, recorded_at: datetime | None = None, **columns: Any
) -> Fact:
    columns = {"source": "said", "recorded_at": recorded_at or at, **columns}
    return Fact.objects.create(person=person, field=name, value=value, at=at, **columns)


def a_closed_lead(number: int, *, won: bool, at: datetime, industry: str = "", **facts: str) -> Lead:
    """Became a lead a day before `at`, with what was said then; at `at` it was won or disqualified."""
    return _written([(number, won, at, industry, facts)])[0]


def closed_leads_made(
    number: int = 80, *, begin: int = 0, first: datetime = FIRST, turned: bool = False
) -> None:
    """Two a day. Of machinery four in five are won, of print one in five; `turned`: the other way round."""
    draw, rows = random.Random(begin), []
    for place in range(number):
        industry = ("Machinery", "Print")[place % 2]
        won = ((draw.random() < 0.8) == (industry == "Machinery")) != turned
        said = {"budget": str(place % 40 + 1), "remark": "signed" if won else "lost"}
        rows.append((begin + place, won, first + place * DAY / 2, industry, said))
    _written(rows)


def _written(rows: list[tuple[int, bool, datetime, str, dict[str, str]]]) -> list[Lead]:
    """Everything that the verbs would write, in bulk."""
    channel = Channel.objects.get(slug="direct")
    leads, moves, facts = [], [], []
    for number, won, at, industry, said in rows:
        came, email = at - DAY, f"p{number}@firm{number}.example"
        company = Company.objects.create(name=f"Firm {number}", industry=industry)
        person = Person.objects.create(email=email, email_key=email, company=company, created_at=came)
        touch = Touch.objects.create(person=person, kind="form", at=came, recorded_at=came, channel=channel)
        status = "customer" if won else "disqualified"
        lead = Lead(
            person=person,
            status=status,
            status_since=at,
            created_at=came,
            recorded_at=came,
            first_touch=touch,
        )
        leads.append(lead)
        steps = [("", "new", "capture", came), ("new", status, "sales", at)]
        moves += [
            LeadMove(lead=lead, old=old, new=new, way=way, at=when, recorded_at=when)
            for old, new, way, when in steps
        ]
        facts += [
            Fact(person=person, field=name, value=value, source="said", at=came, recorded_at=came)
            for name, value in said.items()
        ]
    Lead.objects.bulk_create(leads)
    LeadScore.objects.bulk_create(LeadScore(lead=lead) for lead in leads)
    LeadMove.objects.bulk_create(moves)
    Fact.objects.bulk_create(facts)
    return leads


def a_live_model() -> ScoringModel:
    """Takes the place of the one that every installation begins with."""
    ScoringModel.objects.filter(state="live").update(state="retired")
    number = 1 + max(ScoringModel.objects.values_list("number", flat=True), default=0)
    model = ScoringModel.objects.create(number=number, state="live", reference_at=NOON, published_at=NOON)
    ScoringRule.objects.create(
        model=model, group="fit", label="Any industry", points=10, field="industry", words="*"
    )
    ScoringRule.objects.create(model=model, group="engagement", label="Form", points=10, touch_kind="form")
    return model


def learned_here(at: datetime = NOON) -> LearnedModel:
    """Asked for and done."""
    row = LearnedModel.objects.create(until=at, asked_at=at)
    work_due(at=at)
    row.refresh_from_db()
    return row
