"""The scoring model a new installation starts with. Fills an empty table only; rules are edited in the admin."""

from typing import Any

from django.apps.registry import Apps
from django.utils import timezone

from campaigns.models import JourneyStage
from leads.models import JourneyRule, ScoringModel, ScoringRule, TouchKind

FIT, ENGAGEMENT = ScoringRule.Group.FIT, ScoringRule.Group.ENGAGEMENT
Field = ScoringRule.Field
RULES = [
    {"group": FIT, "label": "Leads a team or the company", "points": 30, "field": Field.SENIORITY,
     "words": "owner, c_level, vp, director, head, manager"},
    {"group": FIT, "label": "Student or intern", "points": -20, "field": Field.SENIORITY, "words": "student"},
    {"group": FIT, "label": "Company mailbox", "points": 20, "field": Field.MAILBOX, "words": "company"},
    {"group": FIT, "label": "50 people or more", "points": 30, "field": Field.SIZE, "minimum": 50},
    {"group": FIT, "label": "10 to 49 people", "points": 15, "field": Field.SIZE, "minimum": 10, "maximum": 49},
    {"group": FIT, "label": "Country is known", "points": 5, "field": Field.COUNTRY, "words": "*"},
    {"group": FIT, "label": "Industry is known", "points": 15, "field": Field.INDUSTRY, "words": "*"},
    {"group": ENGAGEMENT, "label": "Asked for contact", "points": 40, "touch_kind": TouchKind.INQUIRY, "half_life": 2},
    {"group": ENGAGEMENT, "label": "Replied", "points": 30, "touch_kind": TouchKind.REPLY, "half_life": 2},
    {"group": ENGAGEMENT, "label": "Took part in an event", "points": 20, "touch_kind": TouchKind.EVENT,
     "half_life": 3},
    {"group": ENGAGEMENT, "label": "Downloaded", "points": 12, "touch_kind": TouchKind.DOWNLOAD, "half_life": 3,
     "cool_down_hours": 24},
    {"group": ENGAGEMENT, "label": "Sent a form", "points": 10, "touch_kind": TouchKind.FORM, "half_life": 2,
     "cool_down_hours": 1},
    {"group": ENGAGEMENT, "label": "Clicked in a mail", "points": 8, "touch_kind": TouchKind.CLICK, "half_life": 2,
     "cool_down_hours": 1, "ceiling_touches": 5, "ceiling_days": 30},
    {"group": ENGAGEMENT, "label": "Read a piece", "points": 6, "touch_kind": TouchKind.READ, "half_life": 2,
     "cool_down_hours": 12},
    {"group": ENGAGEMENT, "label": "Used the trial", "points": 15, "touch_kind": TouchKind.USAGE, "half_life": 1,
     "cool_down_hours": 24},
    {"group": ENGAGEMENT, "label": "Visited", "points": 3, "touch_kind": TouchKind.VISIT, "half_life": 1,
     "cool_down_hours": 1, "ceiling_touches": 5, "ceiling_days": 7},
]  # fmt: skip
# stage, touch, times; what was touched says its own stage besides
JOURNEY = [
    (JourneyStage.AWARENESS, TouchKind.VISIT, 1),
    (JourneyStage.CONSIDERATION, TouchKind.DOWNLOAD, 2),
    (JourneyStage.CONSIDERATION, TouchKind.EVENT, 1),
    (JourneyStage.DECISION, TouchKind.INQUIRY, 1),
    (JourneyStage.DECISION, TouchKind.USAGE, 1),
]


def after_migrate(apps: Apps | None = None, **_: Any) -> None:
    """Receiver of post_migrate (and of a flush). A run that stops before these tables leaves it to the next."""
    if apps is None or "journeyrule" in apps.all_models["leads"]:
        install()


def install() -> None:
    """An installation that has rows of its own keeps them as they are."""
    if ScoringModel.objects.exists():
        return
    model = ScoringModel.objects.create(
        number=1,
        state=ScoringModel.State.LIVE,
        published_at=timezone.now(),
        note="The rules a new installation starts with",
    )
    for order, rule in enumerate(RULES, 1):
        ScoringRule.objects.create(model=model, order=order * 10, **rule)
    JourneyRule.objects.bulk_create(
        JourneyRule(model=model, stage=stage, touch_kind=kind, times=times) for stage, kind, times in JOURNEY
    )
