"""Versions of the scoring rules: a draft becomes live, a new draft begins. Broken rules never go live."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from leads.models import LeadScore, ScoringModel, ScoringRule
from leads.nudge import nudge
from leads.scoring.matching import words_of

MOST_POINTS = 1000
SHORTEST_HALF_LIFE = 3  # days; shorter ones overflow the sums to a reference time within five years
_NUMBERS = (ScoringRule.Field.SIZE, ScoringRule.Field.AGE)


def publish(*, model: ScoringModel, by, at: datetime) -> ScoringModel:
    """Make `model` live and the live one retired; every score becomes due.

    Raises Refused with the faults in `missing`, Conflict where the model is no draft any more.
    """
    with transaction.atomic():
        models = {one.pk: one for one in ScoringModel.objects.select_for_update().order_by("pk")}
        draft = models[model.pk]
        if draft.state != ScoringModel.State.DRAFT:
            raise Conflict(now=draft.get_state_display())
        if found := list(faults(draft)):
            raise Refused(_("These rules cannot go live."), missing=found)
        for one in models.values():
            if one.state == ScoringModel.State.LIVE:
                _set(one, by, state=ScoringModel.State.RETIRED)
        _set(draft, by, state=ScoringModel.State.LIVE, published_at=at, reference_at=at)
        LeadScore.objects.update(dirty_at=at)
        nudge("leads.scoring.rescore.rescore_dirty")
    return draft


def draft_from(*, model: ScoringModel, by, at: datetime) -> ScoringModel:
    """A draft with the rules of `model` and the next number."""
    with transaction.atomic():
        numbers = ScoringModel.objects.select_for_update().order_by("pk").values_list("number", flat=True)
        rules = list(model.rules.all())
        draft = ScoringModel.objects.get(pk=model.pk)
        draft.pk, draft.published_at, draft.note = None, None, ""
        draft.number, draft.state, draft.reference_at = max(numbers) + 1, ScoringModel.State.DRAFT, at
        draft._state.adding = True
        draft._history_user = by  # type: ignore[attr-defined]
        draft.save(force_insert=True)
        for rule in rules:
            rule.pk, rule.model = None, draft
        ScoringRule.objects.bulk_create(rules)
    return draft


def faults(model: ScoringModel) -> Iterator[str]:
    """What is wrong with a model and its rules, in words for the person who edits them."""
    if min(model.half_life_1, model.half_life_2, model.half_life_3) < SHORTEST_HALF_LIFE:
        yield _("A half-life is at least %(days)d days.") % {"days": SHORTEST_HALF_LIFE}
    if not model.fit_a > model.fit_b > model.fit_c:
        yield _("Fit: A must begin above B, and B above C.")
    if not model.engagement_1 > model.engagement_2 > model.engagement_3:
        yield _("Engagement: 1 must begin above 2, and 2 above 3.")
    if model.qualify_fit not in tuple("ABCD") or model.qualify_engagement not in tuple("1234"):
        yield _("A lead qualifies from a letter A to D and a digit 1 to 4.")
    for rule in model.rules.all():
        for words in rule_faults(rule):
            yield f"{rule.label}: {words}"


def rule_faults(rule: ScoringRule) -> Iterator[str]:
    """What is wrong with one line."""
    if abs(rule.points) > MOST_POINTS:
        yield _("at most %(points)d points either way.") % {"points": MOST_POINTS}
    if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        yield _("the smallest number is above the largest.")
    if rule.group == ScoringRule.Group.FIT:
        yield from _fit_faults(rule)
    elif rule.touch_kind == "open":
        yield _("opens never score: machines open mails too.")
    elif (rule.ceiling_touches is None) != (rule.ceiling_days is None) or rule.ceiling_days == 0:
        yield _("a ceiling needs both a number of touches and of days.")


def _fit_faults(rule: ScoringRule) -> Iterator[str]:
    if not rule.field:
        yield _("say what it looks at.")
    if rule.field == ScoringRule.Field.FACT and not rule.fact_name:
        yield _("name the fact.")
    if rule.field in _NUMBERS and rule.minimum is None and rule.maximum is None:
        yield _("give the smallest or the largest number.")
    if rule.field == ScoringRule.Field.MAILBOX and not set(words_of(rule.words)) <= {"company", "free", "*"}:
        yield _("a mailbox is “company” or “free”.")


def _set(model: ScoringModel, by, **changed) -> None:
    """Saved one by one: the history of a model names who changed it."""
    for name, value in changed.items():
        setattr(model, name, value)
    model._history_user = by  # type: ignore[attr-defined]
    model.save(update_fields=list(changed))
