"""Versions of the scoring rules: a draft becomes live, a new draft begins. Broken rules never go live."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.models import CustomField, JourneyStage
from campaigns.profile_lines import line_faults
from leads.models import Company, Fact, JourneyRule, ScoringModel, ScoringRule, TouchKind
from leads.person_facts import COLUMNS, FACT_WORDS
from leads.scoring.matching import CUSTOM, words_of
from leads.tracking import note_change_of_rules

Fault = tuple[str, str]  # a column, and what is wrong with it
Entity = CustomField.Entity
MOST_POINTS = 1000
SHORTEST_HALF_LIFE = 3  # days; shorter ones overflow the sums to a reference time within five years


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
        note_change_of_rules(at=at)
    return draft


def draft_from(*, model: ScoringModel, by, at: datetime) -> ScoringModel:
    """A draft with the rules of `model` and the next number."""
    with transaction.atomic():
        numbers = ScoringModel.objects.select_for_update().order_by("pk").values_list("number", flat=True)
        rules, stages = list(model.rules.all()), list(model.journey_rules.all())
        draft = ScoringModel.objects.get(pk=model.pk)
        draft.pk, draft.published_at, draft.note = None, None, ""
        draft.number, draft.state, draft.reference_at = max(numbers) + 1, ScoringModel.State.DRAFT, at
        draft._state.adding = True
        draft._history_user = by  # type: ignore[attr-defined]
        draft.save(force_insert=True)
        for rule in rules:
            rule.pk, rule.model = None, draft
        for stage in stages:
            stage.pk, stage.model = None, draft
        ScoringRule.objects.bulk_create(rules)
        JourneyRule.objects.bulk_create(stages)
    return draft


def faults(model: ScoringModel) -> Iterator[str]:
    """What is wrong with a model and its rules, in words for the person who edits them."""
    yield from faults_of_limits(model)
    for rule in model.rules.all():
        for _column, words in rule_faults(rule):
            yield f"{rule.label}: {words}"
    for stage in model.journey_rules.all():
        for _column, words in journey_faults(stage):
            yield f"{stage}: {words}"


def faults_of_limits(model: ScoringModel) -> Iterator[str]:
    """What is wrong with the model's own columns."""
    if min(model.half_life_1, model.half_life_2, model.half_life_3) < SHORTEST_HALF_LIFE:
        yield _("A half-life is at least %(days)d days.") % {"days": SHORTEST_HALF_LIFE}
    if not model.fit_a > model.fit_b > model.fit_c:
        yield _("Fit: A must begin above B, and B above C.")
    if not model.engagement_1 > model.engagement_2 > model.engagement_3:
        yield _("Engagement: 1 must begin above 2, and 2 above 3.")
    if model.qualify_fit not in tuple("ABCD") or model.qualify_engagement not in tuple("1234"):
        yield _("A lead qualifies from a letter A to D and a digit 1 to 4.")
    if wrong := sorted(set(words_of(model.required_facts)) - set(_facts_that_can_be_required(model))):
        yield _("Nobody has such a fact: %(names)s. Take it out of the required facts.") % {
            "names": ", ".join(wrong)
        }


def rule_faults(rule: ScoringRule) -> Iterator[Fault]:
    """What is wrong with one line, and in which column."""
    if abs(rule.points or 0) > MOST_POINTS:
        yield "points", _("at most %(points)d points either way.") % {"points": MOST_POINTS}
    if rule.group == ScoringRule.Group.FIT:
        yield from _fit_faults(rule)
    else:
        yield from _engagement_faults(rule)


def journey_faults(rule: JourneyRule) -> Iterator[Fault]:
    """The same for a line of a journey stage."""
    if rule.stage not in JourneyStage.values:
        yield "stage", _("choose a stage of the buyer's journey.")
    yield from _touch_faults(rule.touch_kind)
    if not rule.times:
        yield "times", _("at least once.")


def _fit_faults(rule: ScoringRule) -> Iterator[Fault]:
    if rule.field not in ScoringRule.Field.values:
        yield "field", _("say what it looks at.")
        return
    faults = line_faults(
        field=rule.field,
        words=rule.words,
        minimum=rule.minimum,
        maximum=rule.maximum,
        fact_name=rule.fact_name,
    )
    yield from faults
    if rule.field == ScoringRule.Field.FACT and rule.fact_name and not is_known(rule.fact_name):
        yield "fact_name", _("nobody has this fact, and no field is called so. Check how it is written.")


def _engagement_faults(rule: ScoringRule) -> Iterator[Fault]:
    if rule.touch_kind:
        yield from _touch_faults(rule.touch_kind)
    if rule.journey_stage and rule.journey_stage not in JourneyStage.values:
        yield "journey_stage", _("choose a stage of the buyer's journey, or none.")
    if rule.half_life not in (1, 2, 3):
        yield "half_life", _("choose the first, second or third half-life.")
    if (rule.ceiling_touches is None) != (rule.ceiling_days is None) or rule.ceiling_days == 0:
        yield "ceiling_touches", _("a ceiling needs both a number of touches and of days.")


def _touch_faults(kind: str) -> Iterator[Fault]:
    if kind == TouchKind.OPEN:
        yield "touch_kind", _("opens never score: machines open mails too.")
    elif kind not in TouchKind.values:
        yield "touch_kind", _("choose a kind of touch.")


def is_known(fact_name: str) -> bool:
    """Is there a fact of this name, a field of people or companies, or one that we always ask for?"""
    key = fact_name.removeprefix(CUSTOM)
    whose = (Entity.PERSON, Entity.COMPANY) if fact_name.startswith(CUSTOM) else (Entity.COMPANY,)
    return (
        fact_name in {*COLUMNS, *FACT_WORDS}
        or CustomField.objects.filter(entity__in=whose, key=key).exists()
        or Fact.objects.filter(field=fact_name).exists()
        or Company.objects.filter(custom__has_key=key).exists()
    )


def _facts_that_can_be_required(model: ScoringModel) -> Iterator[str]:
    yield from ("email", "phone", "company", "job_title", "country", "company_size", "industry")
    yield from (name for name in words_of(model.required_facts) if is_known(name))


def _set(model: ScoringModel, by, **changed) -> None:
    """Saved one by one: the history of a model names who changed it."""
    for name, value in changed.items():
        setattr(model, name, value)
    model._history_user = by  # type: ignore[attr-defined]
    model.save(update_fields=list(changed))
