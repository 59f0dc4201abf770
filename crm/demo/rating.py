"""What Averdahl's marketing has at hand beside its rules: segments, a draft tried on the past, learned points."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from campaigns.errors import Refused
from leads import segments
from leads.models import LearnedModel, ScoringModel, Segment, SegmentCondition, TouchKind
from leads.models.asked import Backtest
from leads.scoring import learn, versions
from leads.scoring.backtest import asking as backtest
from leads.segments import editing
from leads.segments.lines import NO, Compare, Field

WEEKS, CALLS = 26, 20

# name, what for, all or any, lines
SEGMENTS: list[tuple[str, str, str, list[dict[str, Any]]]] = [
    (
        "Warm and not with sales", "The first to write to on a Monday.", "all",
        [
            {"field": Field.GRADE, "compare": Compare.FROM, "value": "B3"},
            {"field": Field.STATUS, "value": "new, nurturing"},
            {"field": Field.WITH_SALES, "value": NO},
        ],
    ),
    (
        "Downloaded twice, never asked", "For the invitation to ask an engineer.", "all",
        [
            {"field": Field.DID, "name": TouchKind.DOWNLOAD, "times": 2, "days": 180},
            {"field": Field.DID, "name": TouchKind.INQUIRY, "negate": True},
            {"field": Field.CONSENT, "value": "marketing"},
        ],
    ),
    (
        "Lead a larger plant", "For the business case and the fair.", "all",
        [
            {"field": Field.SIZE, "compare": Compare.FROM, "value": "200"},
            {"field": Field.TITLE, "value": "head, director, manager, owner"},
            {"field": Field.EXCLUSION, "compare": Compare.KNOWN, "negate": True},
        ],
    ),
    (
        "Gone quiet, worth waking", "They fit, and have not been seen for four months.", "all",
        [
            {"field": Field.FIT, "compare": Compare.FROM, "value": "70"},
            {"field": Field.TOUCHED, "value": "120", "negate": True},
            {"field": Field.STATUS, "value": "new, nurturing"},
        ],
    ),
    (
        "Persona unknown", "Ask them, or write another rule for the persona.", "all",
        [{"field": Field.PERSONA, "compare": Compare.KNOWN, "negate": True}],
    ),
]  # fmt: skip


def prepare(users: dict[str, Any], at: datetime) -> None:
    """Everything by the product's own verbs, after the scores are there."""
    by = users["ines"]
    for columns in SEGMENTS:
        _segment(by, *columns)
    for segment in Segment.objects.order_by("pk"):  # those of before knew no grades yet
        segments.refresh(segment=segment, at=at, all=True)
    draft = _draft(by, at - timedelta(days=2))
    _tried(draft, by, at)
    _learned(by, at)


def _segment(by: Any, name: str, what_for: str, match: str, lines: list[dict[str, Any]]) -> Segment:
    return editing.create(
        name=name,
        description=what_for,
        match=match,
        lines=[SegmentCondition(**line) for line in lines],
        submit_key=uuid.uuid5(uuid.NAMESPACE_URL, name),
        by=by,
    )


def _draft(by: Any, at: datetime) -> ScoringModel:
    """Three changes against the live version: those who lead count more, mere visits less, and 2 begins later."""
    live = ScoringModel.objects.get(state=ScoringModel.State.LIVE)
    draft = versions.draft_from(model=live, by=by, at=at)
    draft.note = "Those who decide count more, mere visits less"
    draft.engagement_2 = live.engagement_2 + 5
    draft.save(update_fields=["note", "engagement_2"])
    for label, points in (("Leads a team or the company", 18), ("Asked for contact", 45), ("Visited", 1)):
        draft.rules.filter(label=label).update(points=points)
    return draft


def _tried(draft: ScoringModel, by: Any, at: datetime) -> None:
    """As the worker does it when somebody asks."""
    backtest.ask(model=draft, by=by, at=at, weeks=WEEKS, capacity=CALLS)
    backtest.work_due(at=at)
    Backtest.objects.filter(done_at__gt=at).update(beat_at=at, done_at=at)


def _learned(by: Any, at: datetime) -> None:
    """Where the demo is large enough to learn from."""
    try:
        learn.ask(by=by, at=at)
    except Refused:
        return
    learn.work_due(at=at)
    LearnedModel.objects.filter(done_at__gt=at).update(beat_at=at, done_at=at)
