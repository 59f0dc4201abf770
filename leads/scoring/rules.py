"""Frozen copies of what staff edit: the scoring model, the ideal profile's exclusions, the personas."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from campaigns.models import IdealValue, JourneyStage, Persona, PersonaRule
from leads.models import LeadStatus, ScoringModel, ScoringRule
from leads.scoring.matching import FactsSeen, FitRule, fact_named, fit_value, in_title, words_of
from leads.scoring.points import OPEN, Rules, StageRule, TouchRule, TouchSeen

log = logging.getLogger(__name__)

_STAGES = list(JourneyStage.values)  # from the first to the furthest


@dataclass(frozen=True, slots=True)
class Why:
    """Where a persona, a stage or an exclusion comes from.

    `how`: hand (a colleague's fact), title (`source`: the word), rule (a persona's; `source`: the value it held for),
    asset (the stage of what was touched), touches (a rule of the scoring model, reached by this touch), profile (the
    ideal profile), sales, kept (from an earlier run); empty: unknown. `rule` is the id of the line, `touch` of the
    first touch that was enough, `at` its time.
    """

    how: str = ""
    source: str = ""
    rule: int | None = None
    touch: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonaWords:
    id: int
    slug: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setup:
    """All that a run reads once. `rules` is None where no scoring model is live; rules of personas in their order."""

    rules: Rules | None
    zone: ZoneInfo
    exclusions: tuple[tuple[FitRule, str], ...]
    personas: tuple[PersonaWords, ...]
    persona_rules: tuple[tuple[FitRule, int], ...] = ()
    # The clock before anything of this was read: who was marked after it may be marked because it changed.
    loaded_at: datetime = field(default_factory=timezone.now, compare=False)
    # Titles met so far, with the persona whose longest words they hold: many people have the same.
    _titles: dict[str, tuple[int, str] | None] = field(default_factory=dict, compare=False, repr=False)

    def exclusion_for(self, facts: FactsSeen, *, year: int, status: str, said: str) -> str:
        """Why the person can never qualify; empty: nothing stands against it."""
        return self.exclusion_and_why(facts, year=year, status=status, said=said)[0]

    def exclusion_and_why(self, facts: FactsSeen, *, year: int, status: str, said: str) -> tuple[str, Why]:
        """What sales said (`said`) of a lead they disqualified holds; for the others the profile decides anew."""
        if status == LeadStatus.DISQUALIFIED and said:
            return said, Why("sales", said)
        for rule, word in self.exclusions:
            if (value := fit_value(rule, facts, year)) is not None:
                return word, Why("profile", value, rule.id)
        return "", Why()

    def persona_for(self, facts: FactsSeen, *, by_hand: str, old: int | None) -> int | None:
        return self.persona_and_why(facts, by_hand=by_hand, old=old)[0]

    def persona_and_why(self, facts: FactsSeen, *, by_hand: str, old: int | None) -> tuple[int | None, Why]:
        """A colleague's word, the longest words found in the job title, the first rule that holds; else it stays."""
        chosen = next((one.id for one in self.personas if by_hand and one.slug == by_hand), None)
        if chosen is not None:
            return chosen, Why("hand", by_hand)
        if (found := self._by_title(facts.job_title)) is not None:
            return found[0], Why("title", found[1])
        for rule, persona in self.persona_rules:
            if (value := fit_value(rule, facts, 0)) is not None:
                return persona, Why("rule", value, rule.id)
        return old, Why("kept" if old else "")

    def _by_title(self, title: str) -> tuple[int, str] | None:
        if title not in self._titles:
            found = [
                (-len(word), place, one.id, word)
                for place, one in enumerate(self.personas)
                for word in one.words
                if in_title(word, title)
            ]
            self._titles[title] = min(found)[2:] if found else None
        return self._titles[title]


def load_setup() -> Setup:
    """Six queries."""
    began = timezone.now()
    model = ScoringModel.objects.filter(state=ScoringModel.State.LIVE).first()
    excluded = IdealValue.objects.filter(
        profile__is_active=True, profile__archived_at=None, wish=IdealValue.Wish.EXCLUDED
    ).exclude(exclusion="")
    return Setup(
        rules=rules_of(model) if model else None,
        zone=ZoneInfo(settings.TIME_ZONE),
        exclusions=tuple((_line_of(value), value.exclusion) for value in excluded.order_by("pk")),
        personas=tuple(
            PersonaWords(one.pk, one.slug, words_of(one.title_words))
            for one in Persona.objects.in_use().order_by("name", "pk")
        ),
        persona_rules=tuple(
            (_line_of(line), line.persona_id)
            for line in PersonaRule.objects.filter(persona__archived_at=None).order_by("order", "pk")
        ),
        loaded_at=began,
    )


def rules_of(model: ScoringModel) -> Rules:
    """Two queries: the lines of the model. A line that cannot be used is left out; the log says so once."""
    lines = list(model.rules.all())
    return Rules(
        id=model.pk,
        reference_at=model.reference_at,
        zone=ZoneInfo(settings.TIME_ZONE),
        fit=tuple(_fit(line) for line in lines if line.group == ScoringRule.Group.FIT),
        engagement=tuple(
            _engagement(line)
            for line in lines
            if line.group == ScoringRule.Group.ENGAGEMENT and _has_half_life(line)
        ),
        half_lives=(max(1, model.half_life_1), max(1, model.half_life_2), max(1, model.half_life_3)),
        fit_from=(model.fit_a, model.fit_b, model.fit_c),
        engagement_from=(model.engagement_1, model.engagement_2, model.engagement_3),
        fit_ceiling=model.fit_ceiling,
        engagement_ceiling=model.engagement_ceiling,
        qualify_fit=model.qualify_fit,
        qualify_engagement=model.qualify_engagement,
        again_margin=model.again_margin,
        journey=tuple(
            StageRule(
                id=line.pk,
                stage=line.stage,
                kind=line.touch_kind,
                asset_kind=line.asset_kind_id,
                times=line.times,
            )
            for line in model.journey_rules.all()
            if line.stage in _STAGES
        ),
        required=words_of(model.required_facts),
    )


def stage_for(
    touches: Sequence[TouchSeen], *, by_hand: str, old: str, journey: Sequence[StageRule] = ()
) -> str:
    """How far the person has come: by hand, else the furthest that an asset or a rule says, else as it was."""
    return stage_and_why(touches, by_hand=by_hand, old=old, journey=journey)[0]


def stage_and_why(
    touches: Sequence[TouchSeen], *, by_hand: str, old: str, journey: Sequence[StageRule] = ()
) -> tuple[str, Why]:
    """The stage, and the first touch that was enough for it. Opens reach nothing; `touches` are past ones."""
    if by_hand in _STAGES:
        return by_hand, Why("hand", by_hand)
    signs = sorted((one for one in touches if one.kind != OPEN), key=lambda one: (one.at, one.id))
    reached: dict[str, Why] = {}
    for one in signs:
        if one.journey_stage:
            reached.setdefault(one.journey_stage, Why("asset", one.source, touch=one.id, at=one.at))
    for rule in journey:
        enough = (
            [one for one in signs if _counts(rule, one)][rule.times - 1 : rule.times] if rule.times else []
        )
        for one in enough:
            if rule.stage not in reached or (one.at, one.id) < _first(reached[rule.stage]):
                reached[rule.stage] = Why("touches", one.source, rule.id, one.id, one.at)
    stage = next((stage for stage in reversed(_STAGES) if stage in reached), "")
    return (stage, reached[stage]) if stage else (old, Why("kept" if old else ""))


def _counts(rule: StageRule, touch: TouchSeen) -> bool:
    return touch.kind == rule.kind and rule.asset_kind in (None, touch.asset_kind)


def _first(why: Why) -> tuple:
    return (why.at, why.touch)


def missing_facts(facts: FactsSeen, rules: Rules) -> list[str]:
    """Which of the model's required facts are not known."""
    return [name for name in rules.required if not _known(name, facts)]


def _known(name: str, facts: FactsSeen) -> bool:
    if name in ("email", "phone", "company", "job_title", "country", "industry"):
        return bool(getattr(facts, name))
    if name == "company_size":
        return facts.company_size is not None
    return bool(fact_named(name, facts))


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


def _line_of(value: IdealValue | PersonaRule) -> FitRule:
    return FitRule(
        id=value.pk,
        label=str(value.get_field_display()),
        field=value.field,
        fact_name=getattr(value, "fact_name", ""),
        words=words_of(value.words),
        minimum=_number(value.minimum),
        maximum=_number(value.maximum),
    )


def _has_half_life(line: ScoringRule) -> bool:
    if line.half_life in (1, 2, 3):
        return True
    _say_once(line.pk, f"half-life {line.half_life}")
    return False


@lru_cache(maxsize=1000)
def _say_once(rule: int, fault: str) -> None:
    log.error("Scoring rule %s is left out: %s", rule, fault)


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
