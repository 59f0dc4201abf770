"""Averdahl's people, plans and rules: who works there, whom they want, what they run and how they judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from campaigns import utm
from campaigns.models import (
    Campaign,
    Channel,
    IdealProfile,
    IdealValue,
    Offer,
    Persona,
    PersonaRule,
    Programme,
    ShortLink,
    TargetDomain,
    TargetList,
)
from crm import roles
from leads.models import JourneyRule, ScoringModel, ScoringRule, TouchKind
from leads.scoring import versions
from prospects.models import AssignmentMember, AssignmentRule

# username, first and last name, role
STAFF = [
    ("ines", "Ines", "Okafor", roles.MARKETING),
    ("mara", "Mara", "Lindqvist", roles.SALES),
    ("tomas", "Tomás", "Ribeiro", roles.SALES),
    ("anna", "Anna", "Kowalczyk", roles.SALES),
    ("felix", "Felix", "Brandt", roles.SALES),
    ("henrik", "Henrik", "Aalto", roles.SALES_MANAGER),
    ("jonas", "Jonas", "Feld", roles.OPERATOR),
    ("claire", "Claire", "Vasseur", roles.VIEWER),
]
REPS = ("mara", "tomas", "anna", "felix")

# slug, name, words in titles, description, talking points
PERSONAS = [
    (
        "reliability", "Reliability engineer",
        "reliability, maintenance, maintenance manager, condition monitoring, fitter, technician",
        "Gets the call at night. Trusts numbers from machines more than numbers from slides.",
        "Which machine woke you last?\nHow many alarms a month, and who looks at them?\nWho decides on a planned stop?",
    ),
    (
        "plant", "Plant manager",
        "plant manager, production manager, head of production, operations, managing director, owner, works manager",
        "Answers for output. Buys certainty, and needs one page for the board.",
        "What does a stopped hour cost you?\nWhich stop of the last year hurt most?\nWhen is the budget round?",
    ),
    (
        "process", "Process engineer",
        "process, process engineer, utilities, automation, project engineer, technologist",
        "Owns the recipe and the line. Has been let down by data sheets before.",
        "Which point do you distrust?\nWhich lye, how hot, how often?\nMay the pipe be opened?",
    ),
    (
        "quality", "Quality and instrumentation lead",
        "quality, instrumentation, metrology, calibration, laboratory, compliance",
        "Lives with audits. Likes lists, hates surprises.",
        "When is the next audit?\nHow many points are on the calendar?\nWho signs the certificates?",
    ),
]  # fmt: skip


# persona, looks at, values; where no word of a title says it
PERSONA_RULES = [
    ("plant", "seniority", "owner, c_level"),
    ("process", "industry", "Chemicals, Food and drink"),
    ("reliability", "industry", "Paper and packaging, Metal and machines"),
]


@dataclass(frozen=True)
class Plan:
    """A campaign: its channel, its page, from and until (days ago), its share of leads, what a lead costs."""

    slug: str
    name: str
    programme: str
    channel: str
    page: str
    first: int
    last: int
    weight: float
    cost: float
    persona: str
    objective: str = "lead_generation"


PROGRAMMES = [
    (
        "bearings",
        "Bearings that warn in time",
        "reliability",
        "Six pieces for reliability engineers over a year.",
    ),
    ("clean-plants", "Clean plants", "process", "Everything for halls that are hosed down every night."),
    ("watching", "Watching the whole plant", "plant", "From one machine to fifty: the way to a budget."),
]
PLANS = [
    Plan("bearing-organic", "Bearing paper, search results", "bearings", "organic-search", "bearing", 424, 0, 15, 20,
         "reliability"),
    Plan("bearing-search", "Bearing paper, search ads", "bearings", "paid-search", "bearing", 300, 0, 10, 78,
         "reliability"),
    Plan("bearing-linkedin", "Bearing paper, LinkedIn", "bearings", "paid-social", "bearing", 260, 0, 7, 61,
         "reliability"),
    Plan("course-mail", "Vibration course by mail", "bearings", "email", "vibration-course", 400, 0, 7.5, 23,
         "reliability"),
    Plan("washdown-search", "Wash-down guide, search ads", "clean-plants", "paid-search", "wash-down", 424, 14, 8.5, 84,
         "process"),
    Plan("washdown-native", "Wash-down guide, native ads", "clean-plants", "display", "wash-down", 360, 9, 9, 57,
         "process"),
    Plan("flow-organic", "Flow metering, search results", "clean-plants", "organic-search", "flow-metering", 424, 0, 9,
         24, "process"),
    Plan("webinar-linkedin", "Calibrate in place, LinkedIn", "watching", "paid-social", "calibrate-in-place", 200, 0,
         5.5, 59, "quality"),
    Plan("report-native", "412 plants, native ads", "watching", "display", "plants-report", 240, 0, 8, 61, "plant"),
    Plan("business-case", "Business case, search results", "watching", "organic-search", "business-case", 330, 0, 8, 19,
         "plant"),
    Plan("fair", "Sensor fair, hall 4", "watching", "offline-event", "fair", 108, 82, 7, 76, "plant"),
    Plan("ask-engineer", "Ask an engineer", "", "website", "ask", 424, 0, 2.5, 0, "plant", "demand_generation"),
]  # fmt: skip
OTHER_SOURCES = [("referral", 3.7), ("directory", 2.1), ("partner", 1.4), ("direct", 2.6), ("social", 1.2)]

IDEAL = [
    ("company_size", "required", "", 30, None, ""),
    ("company_size", "preferred", "", 100, 1000, ""),
    ("industry", "preferred", "Food and drink, Paper and packaging, Chemicals, Metal and machines", None, None, ""),
    ("country", "preferred", "CH, DE, AT, FR, IT, NL, SE, PL, GB", None, None, ""),
    ("job_title", "excluded", "student, intern, thesis", None, None, "student"),
    ("job_title", "excluded", "looking for work, applicant", None, None, "job_seeker"),
    ("domain", "excluded", "kestrel-gauging.example, sensoria.example", None, None, "competitor"),
    ("country", "excluded", "US, CA", None, None, "country"),
]  # fmt: skip

FIT, DOES = ScoringRule.Group.FIT, ScoringRule.Group.ENGAGEMENT
WANTED = "Food and drink, Paper and packaging, Chemicals, Metal and machines"
RULES: list[dict[str, Any]] = [
    {"group": FIT, "label": "Industry we know", "points": 25, "field": "industry", "words": WANTED},
    {"group": FIT, "label": "Industry we want to know", "points": 12, "field": "industry", "words": "Water and energy"},
    {"group": FIT, "label": "Size wanted, 100 to 1,000", "points": 20, "field": "company_size", "minimum": 100,
     "maximum": 1000},
    {"group": FIT, "label": "Larger than 1,000", "points": 15, "field": "company_size", "minimum": 1001},
    {"group": FIT, "label": "30 to 99 people", "points": 10, "field": "company_size", "minimum": 30, "maximum": 99},
    {"group": FIT, "label": "Title of one of our personas", "points": 20, "field": "job_title",
     "words": "reliability, maintenance, plant manager, production manager, head of production, operations, process, "
     "quality, instrumentation, works manager, utilities"},
    {"group": FIT, "label": "Leads a team or the company", "points": 12, "field": "seniority",
     "words": "owner, c_level, vp, director, head, manager"},
    {"group": FIT, "label": "Country we serve from", "points": 10, "field": "country",
     "words": "CH, DE, AT, FR, IT, NL, SE, PL, GB"},
    {"group": FIT, "label": "Company mailbox", "points": 8, "field": "mailbox", "words": "company"},
    {"group": FIT, "label": "Over five years in business", "points": 5, "field": "company_age", "minimum": 6},
    {"group": DOES, "label": "Asked for contact", "points": 40, "touch_kind": TouchKind.INQUIRY, "half_life": 2},
    {"group": DOES, "label": "Replied", "points": 30, "touch_kind": TouchKind.REPLY, "half_life": 2},
    {"group": DOES, "label": "Took part in an event", "points": 13, "touch_kind": TouchKind.EVENT, "half_life": 2},
    {"group": DOES, "label": "Downloaded", "points": 12, "touch_kind": TouchKind.DOWNLOAD, "half_life": 2,
     "cool_down_hours": 24},
    {"group": DOES, "label": "Looked at something to decide by", "points": 6, "journey_stage": "decision",
     "half_life": 2, "cool_down_hours": 12},
    {"group": DOES, "label": "Sent a form", "points": 8, "touch_kind": TouchKind.FORM, "half_life": 2,
     "cool_down_hours": 1},
    {"group": DOES, "label": "Clicked in a mail", "points": 7, "touch_kind": TouchKind.CLICK, "half_life": 2,
     "cool_down_hours": 1, "ceiling_touches": 5, "ceiling_days": 30},
    {"group": DOES, "label": "Read a piece", "points": 5, "touch_kind": TouchKind.READ, "half_life": 2,
     "cool_down_hours": 12},
    {"group": DOES, "label": "Visited", "points": 3, "touch_kind": TouchKind.VISIT, "half_life": 1,
     "cool_down_hours": 1, "ceiling_touches": 5, "ceiling_days": 7},
]  # fmt: skip
# stage, touch, times
JOURNEY = [
    ("consideration", TouchKind.DOWNLOAD, 2),
    ("consideration", TouchKind.EVENT, 1),
    ("decision", TouchKind.REPLY, 1),
    ("decision", TouchKind.INQUIRY, 1),
]


def staff() -> dict[str, Any]:
    """The users by username, without a password until the logins are written."""
    return {
        name: roles.make_user(
            username=name,
            role=role,
            first_name=first,
            last_name=last,
            email=f"{name}@averdahl.example",
            time_zone="Europe/Zurich",
        )
        for name, first, last, role in STAFF
    }


def personas() -> dict[str, Persona]:
    who = {
        slug: Persona.objects.create(
            slug=slug, name=name, title_words=words, description=about, talking_points=points
        )
        for slug, name, words, about, points in PERSONAS
    }
    for order, (slug, field, words) in enumerate(PERSONA_RULES, 1):
        PersonaRule.objects.create(persona=who[slug], field=field, words=words, order=order * 10)
    return who


def ideal_profile() -> None:
    profile = IdealProfile.objects.create(name="Plants that run at night", is_active=True)
    IdealValue.objects.bulk_create(
        IdealValue(
            profile=profile,
            field=field,
            wish=wish,
            words=words,
            minimum=low,
            maximum=high,
            exclusion=out,
        )
        for field, wish, words, low, high, out in IDEAL
    )
    wanted = TargetList.objects.create(name="Twenty plants we want to see from inside")
    TargetDomain.objects.bulk_create(
        TargetDomain(target_list=wanted, domain=f"{stem}.example")
        for stem in (
            "oderland-papier",
            "brackwerk",
            "siegtal-wellen",
            "tolvar-dairies",
            "maasland-drivetrain",
        )
    )


def plans(people: dict[str, Any], who: dict[str, Persona], now: datetime) -> dict[str, Campaign]:
    """Programmes, campaigns with their UTM sets, offers and short links."""
    today = now.date()
    efforts = {
        slug: Programme.objects.create(
            slug=slug, name=name, persona=who[persona], aim=aim, starts_on=today - timedelta(days=424)
        )
        for slug, name, persona, aim in PROGRAMMES
    }
    made = {plan.slug: _campaign(plan, people, who, efforts, today) for plan in PLANS}
    Offer.objects.create(
        name="Pilot for sixty days", code="PILOT60", campaign=made["ask-engineer"], limit=20,
        terms="Three machines, sensors on loan, no order needed.", valid_from=today - timedelta(days=120),
        valid_until=today + timedelta(days=27),
    )  # fmt: skip
    Offer.objects.create(
        name="Twelve sensors, first line", code="LINE12", campaign=made["business-case"], limit=30,
        terms="Mounting included for the first twelve.", discount_percent=Decimal(12),
        valid_from=today - timedelta(days=300), valid_until=today + timedelta(days=60),
    )  # fmt: skip
    for code, slug, target in (
        ("hall4", "fair", "/p/fair/"), ("bearing", "bearing-linkedin", "/p/bearing/"), ("plan", "business-case",
         "/p/business-case/"),
    ):  # fmt: skip
        ShortLink.objects.create(code=code, campaign=made[slug], target=target)
    return made


def _campaign(plan: Plan, people: dict, who: dict, efforts: dict, today: date) -> Campaign:
    campaign = Campaign(
        slug=plan.slug, name=plan.name, programme=efforts.get(plan.programme), persona=who[plan.persona],
        channel=Channel.objects.get(slug=plan.channel), objective=plan.objective, owner=people["ines"],
        starts_on=today - timedelta(days=plan.first), created_at=_noon(today, plan.first + 7),
        ends_on=today - timedelta(days=plan.last) if plan.last else None,
        budget=Decimal(round(plan.cost * plan.weight * 52, -3)),
    )  # fmt: skip
    utm.fill(campaign)
    campaign._history_user = people["ines"]  # type: ignore[attr-defined]
    campaign.save()
    return campaign


def _noon(today: date, days_ago: int) -> datetime:
    return datetime(today.year, today.month, today.day, 12, tzinfo=UTC) - timedelta(days=days_ago)


def scoring(people: dict[str, Any], now: datetime) -> ScoringModel:
    """Retire the rules an installation starts with and publish Averdahl's own, fourteen months ago."""
    began = now - timedelta(days=430)
    first = ScoringModel.objects.get(state=ScoringModel.State.LIVE)
    ScoringModel.objects.filter(pk=first.pk).update(published_at=began - timedelta(days=60))
    model = versions.draft_from(model=first, by=people["ines"], at=began)
    model.rules.all().delete()
    model.journey_rules.all().delete()
    model.note = "Tuned on 300 old verdicts: decisions count, mere visits count less"
    model.fit_a, model.fit_b, model.fit_c, model.engagement_2 = 88, 70, 50, 40
    model.save(update_fields=["note", "fit_a", "fit_b", "fit_c", "engagement_2"])
    for order, rule in enumerate(RULES, 1):
        ScoringRule.objects.create(model=model, order=order * 10, **rule)
    for stage, kind, times in JOURNEY:
        JourneyRule.objects.create(model=model, stage=stage, touch_kind=kind, times=times)
    return versions.publish(model=model, by=people["ines"], at=began)


def assignment(people: dict[str, Any]) -> None:
    """Who gets whom: by country, and whoever is left by turns."""
    rules = [
        (10, "DACH", "country", "CH, DE, AT", {"mara": 2, "felix": 2}),
        (20, "France, Italy, Iberia", "country", "FR, IT, ES, PT, BE", {"tomas": 2}),
        (30, "North and east", "country", "SE, FI, NO, DK, PL, CZ", {"anna": 2}),
        (40, "Everybody else", "any", "", {"mara": 1, "tomas": 1, "anna": 1, "felix": 1}),
    ]
    for order, name, field, words, members in rules:
        rule = AssignmentRule.objects.create(order=order, name=name, field=field, words=words)
        for username, weight in members.items():
            AssignmentMember.objects.create(rule=rule, user=people[username], weight=weight)
