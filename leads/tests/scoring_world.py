"""A small world for scores: one live model, leads with known facts, touches at given times."""

from __future__ import annotations

from datetime import datetime

from campaigns.models import Channel, IdealProfile, IdealValue
from leads.models import Company, JourneyRule, Lead, LeadScore, ScoringModel, ScoringRule, Touch
from leads.tests.builders import NOON, a_lead
from leads.tracking import record_touch

FIT, ENGAGEMENT = ScoringRule.Group.FIT, ScoringRule.Group.ENGAGEMENT
STORED = (
    "model",
    "fit",
    "e1",
    "e2",
    "e3",
    "engagement",
    "grade",
    "total",
    "next_check_at",
    "qualifies_at",
    "dirty_at",
)
# kind, points, half-life (1, 2, 3), cool-down in hours, ceiling: touches, in days
ENGAGEMENT_LINES = [
    ("form", 10, 2, 0, None, None),
    ("download", 12, 3, 24, None, None),
    ("visit", 3, 1, 1, 3, 7),
    ("inquiry", 40, 2, 0, None, None),
    ("click", -4, 1, 0, None, None),
]


def a_model(**columns) -> ScoringModel:
    """Fit: a known company 50, a head of something 30. Engagement as above. Takes the place of the live model."""
    ScoringModel.objects.filter(state="live").update(state="retired")
    columns = {"number": ScoringModel.objects.count() + 1, "state": "live", "reference_at": NOON, **columns}
    model = ScoringModel.objects.create(**columns)
    ScoringRule.objects.create(
        model=model, group=FIT, label="Company mailbox", points=50, field="mailbox", words="company"
    )
    ScoringRule.objects.create(
        model=model, group=FIT, label="Leads a team", points=30, field="job_title", words="head"
    )
    for kind, points, half_life, hours, most, days in ENGAGEMENT_LINES:
        ScoringRule.objects.create(
            model=model, group=ENGAGEMENT, label=kind, points=points, touch_kind=kind, half_life=half_life,
            cool_down_hours=hours, ceiling_touches=most, ceiling_days=days,
        )  # fmt: skip
    JourneyRule.objects.create(model=model, stage="decision", touch_kind="inquiry")
    return model


def touched(lead: Lead, kind: str = "form", at: datetime = NOON, **columns) -> Touch:
    return record_touch(
        person=lead.person, kind=kind, at=at, channel=Channel.objects.get(slug="direct"), **columns
    )


def a_good_lead(email: str = "vera@maasland.example", at: datetime = NOON, **said) -> Lead:
    """Fit A with every required fact; no touch yet, so A4."""
    said = {"job_title": "Head of Maintenance", "company_name": "Maasland", **said}
    return a_lead(email, at, **said)


def keen(lead: Lead, at: datetime = NOON) -> None:
    """Forty points: digit 2."""
    for _ in range(4):
        touched(lead, "form", at)


def excluding(
    word: str = "competitor", field: str = "domain", words: str = "rival.example", **limits
) -> IdealValue:
    profile, _ = IdealProfile.objects.get_or_create(is_active=True, defaults={"name": "Ideal"})
    return IdealValue.objects.create(
        profile=profile, field=field, wish="excluded", words=words, exclusion=word, **limits
    )


def a_company(domain: str, **columns) -> Company:
    return Company.objects.create(name=domain.split(".")[0].title(), domain=domain, **columns)


def stored(**narrow) -> list[dict]:
    """What the rows hold, without the moment of writing; sums made in another order differ in the last digits."""
    rows = LeadScore.objects.filter(**narrow).order_by("lead").values("lead", *STORED)
    return [row | {name: float(f"{row[name]:.9g}") for name in ("e1", "e2", "e3")} for row in rows]


def undone() -> None:
    """Every score as if nothing had been computed yet."""
    LeadScore.objects.all().delete()
    LeadScore.objects.bulk_create(LeadScore(lead=lead) for lead in Lead.objects.all())
