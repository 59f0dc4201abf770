"""Learned points become a draft of the scoring rules, to be looked at, edited and published like any other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.models import ScoringModel, ScoringRule
from leads.models.learned import LearnedModel, LearnedPoint
from leads.scoring.learn.saying import rules_of
from leads.scoring.versions import draft_from

ODDS = 3.0  # A begins at three times the usual odds, C ends at a third


def make_draft(*, learned: LearnedModel, by: Any, at: datetime) -> ScoringModel:
    """A draft with the learned fit rules; engagement and all else as in the live version. Asked twice, it is one draft.

    Raises Refused where learning is not done, or there are no rules to begin from.
    """
    with transaction.atomic():
        learned = LearnedModel.objects.select_for_update().get(pk=learned.pk)
        if learned.state != LearnedModel.State.DONE:
            raise Refused(_("These points are not learned yet. Wait until the work is done."))
        draft = draft_of(learned)
        if draft is not None:
            return draft
        base = _base()
        if base is None:
            raise Refused(_("There are no scoring rules to begin from. Make a version first."))
        draft = draft_from(model=base, by=by, at=at)
        points = list(learned.points.order_by("pk"))
        _replace_fit(draft, points)
        _set_bounds(draft, learned, points)
        draft.learned = learned
        draft.note = _("Fit learned from %(number)d closed leads") % {"number": learned.closed}
        draft._history_user = by  # type: ignore[attr-defined]
        draft.save()
    return draft


def draft_of(learned: LearnedModel) -> ScoringModel | None:
    """The draft made of these points that nobody has published yet."""
    return ScoringModel.objects.filter(learned=learned, state=ScoringModel.State.DRAFT).first()


def _base() -> ScoringModel | None:
    live = ScoringModel.objects.filter(state=ScoringModel.State.LIVE).first()
    return live or ScoringModel.objects.order_by("-number").first()


def _replace_fit(draft: ScoringModel, points: Sequence[LearnedPoint]) -> None:
    draft.rules.filter(group=ScoringRule.Group.FIT).delete()
    rules = list(rules_of(points))
    for rule in rules:
        rule.model = draft
    ScoringRule.objects.bulk_create(rules)


def _set_bounds(draft: ScoringModel, learned: LearnedModel, points: Sequence[LearnedPoint]) -> None:
    """B begins at the usual chance, A and C at odds so many times better and worse; no ceiling cuts the best off."""
    usual = math.log(learned.won / (learned.closed - learned.won))
    middle = (usual - learned.intercept) * learned.points_per_logit
    step = math.log(ODDS) * learned.points_per_logit
    draft.fit_a, draft.fit_b, draft.fit_c = (round(middle + step), round(middle), round(middle - step))
    draft.fit_ceiling = max(100, _best(points), draft.fit_a)


def _best(points: Sequence[LearnedPoint]) -> int:
    groups = groupby(points, key=lambda one: (one.field, one.fact_name, one.label))
    return sum(max(0, *(one.points for one in group)) for _key, group in groups)
