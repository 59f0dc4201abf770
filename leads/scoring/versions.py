"""Versions of the scoring rules: a draft from an old one, and publishing, which leaves one live."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from leads.models import LeadScore, ScoringModel, ScoringRule

State = ScoringModel.State
SHORTEST_HALF_LIFE = 3  # days; below that a grade would change within the day it was shown


def publish(*, model: ScoringModel, by: Any, at: datetime) -> ScoringModel:
    """Make a draft the live model, retire the one before, and mark all scores as due.

    Refused for a draft without rules, with limits out of order or a half-life under three days.
    """
    with transaction.atomic():
        locked = {row.pk: row for row in ScoringModel.objects.select_for_update()}
        draft = locked[model.pk]
        if draft.state != State.DRAFT:
            raise Conflict(now=str(draft.get_state_display()))
        if problems := _problems(draft):
            raise Refused(_("These rules cannot go live yet:"), missing=problems)
        for old in (row for row in locked.values() if row.state == State.LIVE):
            _set(old, State.RETIRED, by)
        draft.published_at = at
        _set(draft, State.LIVE, by)
        LeadScore.objects.update(dirty_at=at)
    return draft


def draft_from(*, model: ScoringModel, by: Any, at: datetime) -> ScoringModel:
    """A new draft with the next number and a copy of all rules. Refused while another draft is open."""
    with transaction.atomic():
        if ScoringModel.objects.select_for_update().filter(state=State.DRAFT).exists():
            raise Refused(_("There is a draft already; publish or finish that one first."))
        rules = list(model.rules.all())
        number = (ScoringModel.objects.aggregate(top=Max("number"))["top"] or 0) + 1
        draft = ScoringModel.objects.get(pk=model.pk)
        draft.pk, draft.number, draft.state = None, number, State.DRAFT
        draft.published_at, draft.note, draft.reference_at = None, "", at
        draft._history_user = by
        draft.save(force_insert=True)
        for rule in rules:
            rule.pk, rule.model = None, draft
        ScoringRule.objects.bulk_create(rules)
    return draft


def _set(model: ScoringModel, state: str, by: Any) -> None:
    model.state = state
    model._history_user = by
    model.save(update_fields=["state", "published_at"])


def _problems(model: ScoringModel) -> list[str]:
    half_lives = (model.half_life_1, model.half_life_2, model.half_life_3)
    checks = [
        (model.rules.exists(), _("there is no rule")),
        (model.fit_a > model.fit_b > model.fit_c > 0, _("the letters must begin in order: A over B over C")),
        (
            model.engagement_1 > model.engagement_2 > model.engagement_3 > 0,
            _("the digits must begin in order: 1 over 2 over 3"),
        ),
        (min(half_lives) >= SHORTEST_HALF_LIFE, _("no half-life may be under three days")),
    ]
    return [words for holds, words in checks if not holds]
