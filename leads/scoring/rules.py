"""Frozen copies of what staff edit: the scoring model, the ideal profile's exclusions, the personas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from campaigns.models import IdealValue, JourneyStage, Persona
from leads.models import LeadStatus, ScoringModel, ScoringRule
from leads.scoring.matching import FactsSeen, FitRule, fit_value, in_title, words_of
from leads.scoring.points import OPEN, Rules, TouchRule, TouchSeen

_STAGES = list(JourneyStage.values)  # from the first to the furthest


@dataclass(frozen=True, slots=True)
class PersonaWords:
    id: int
    slug: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setup:
    """All that a run reads once. `rules` is None where no scoring model is live."""

    rules: Rules | None
    zone: ZoneInfo
    exclusions: tuple[tuple[FitRule, str], ...]
    personas: tuple[PersonaWords, ...]

    def exclusion_for(self, facts: FactsSeen, *, year: int, status: str, said: str) -> str:
        """Why the person can never qualify; empty: nothing stands against it.

        What sales said (`said`) of a lead they disqualified holds; for the others the profile decides anew.
        """
        if status == LeadStatus.DISQUALIFIED and said:
            return said
        return next((word for rule, word in self.exclusions if fit_value(rule, facts, year) is not None), "")

    def persona_for(self, facts: FactsSeen, *, by_hand: str, old: int | None) -> int | None:
        """A person's word first, then the longest words found in the job title; else it stays as it is."""
        chosen = next((one.id for one in self.personas if by_hand and one.slug == by_hand), None)
        if chosen is not None:
            return chosen
        found = [
            (-len(word), place, one.id)
            for place, one in enumerate(self.personas)
            for word in one.words
            if in_title(word, facts.job_title)
        ]
        return min(found)[2] if found else old


def load_setup() -> Setup:
    """Five queries."""
    model = ScoringModel.objects.filter(state=ScoringModel.State.LIVE).first()
    excluded = IdealValue.objects.filter(
        profile__is_active=True, profile__archived_at=None, wish=IdealValue.Wish.EXCLUDED
    ).exclude(exclusion="")
    return Setup(
        rules=rules_of(model) if model else None,
        zone=ZoneInfo(settings.TIME_ZONE),
        exclusions=tuple((_exclusion(value), value.exclusion) for value in excluded.order_by("pk")),
        personas=tuple(
            PersonaWords(one.pk, one.slug, words_of(one.title_words))
            for one in Persona.objects.in_use().order_by("name", "pk")
        ),
    )


def rules_of(model: ScoringModel) -> Rules:
    """One query: the lines of the model."""
    lines = list(model.rules.all())
    return Rules(
        id=model.pk,
        reference_at=model.reference_at,
        zone=ZoneInfo(settings.TIME_ZONE),
        fit=tuple(_fit(line) for line in lines if line.group == ScoringRule.Group.FIT),
        engagement=tuple(_engagement(line) for line in lines if line.group == ScoringRule.Group.ENGAGEMENT),
        half_lives=(model.half_life_1, model.half_life_2, model.half_life_3),
        fit_from=(model.fit_a, model.fit_b, model.fit_c),
        engagement_from=(model.engagement_1, model.engagement_2, model.engagement_3),
        fit_ceiling=model.fit_ceiling,
        engagement_ceiling=model.engagement_ceiling,
        qualify_fit=model.qualify_fit,
        qualify_engagement=model.qualify_engagement,
        required=words_of(model.required_facts),
    )


def stage_for(touches: Sequence[TouchSeen], *, by_hand: str, old: str) -> str:
    """How far the person has come: the furthest stage of what they touched, `decision` for an inquiry."""
    if by_hand in _STAGES:
        return by_hand
    reached = {
        "decision" if one.kind == "inquiry" else one.journey_stage for one in touches if one.kind != OPEN
    }
    return next((stage for stage in reversed(_STAGES) if stage in reached), old)


def missing_facts(facts: FactsSeen, rules: Rules) -> list[str]:
    """Which of the model's required facts are not known."""
    return [name for name in rules.required if not _known(name, facts)]


def _known(name: str, facts: FactsSeen) -> bool:
    if name in ("email", "phone", "company", "job_title", "country", "industry"):
        return bool(getattr(facts, name))
    if name == "company_size":
        return facts.company_size is not None
    return bool(facts.named.get(name))


def _fit(line: ScoringRule) -> FitRule:
    return FitRule(
        id=line.pk,
        label=line.label,
        points=line.points,
        field=line.field,
        fact_name=line.fact_name,
        words=words_of(line.words),
        minimum=_number(line.minimum),
        maximum=_number(line.maximum),
    )


def _exclusion(value: IdealValue) -> FitRule:
    return FitRule(
        field=value.field,
        words=words_of(value.words),
        minimum=_number(value.minimum),
        maximum=_number(value.maximum),
    )


def _engagement(line: ScoringRule) -> TouchRule:
    return TouchRule(
        id=line.pk,
        label=line.label,
        points=line.points,
        kind=line.touch_kind,
        asset_kind=line.asset_kind_id,
        journey_stage=line.journey_stage,
        half_life=line.half_life - 1,
        cool_down_hours=line.cool_down_hours,
        ceiling_touches=line.ceiling_touches,
        ceiling_days=line.ceiling_days,
    )


def _number(value) -> float | None:
    return None if value is None else float(value)
