"""Scores of known leads that an import touches become due, in a way that can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leads.importing.changes import Changes
from leads.models import LeadScore
from leads.nudge import nudge


def make_due(*, lead_ids: Sequence[int], at: datetime, changes: Changes) -> None:
    """Call inside a transaction. Undone before anybody looked, they are as they were; else they are due again."""
    if not lead_ids:
        return
    rows = LeadScore.objects.select_for_update(no_key=True).filter(lead__in=lead_ids).order_by("lead")
    scores = [score for score in rows.only("dirty_at") if score.dirty_at != at]
    for score in scores:
        changes.move(score, dirty_at=at)
    LeadScore.objects.filter(pk__in=[score.pk for score in scores]).update(dirty_at=at)
    nudge("leads.scoring.rescore.rescore_dirty")
