"""What a score says of who somebody is: fit, persona, exclusion. Worked out once for each value that a run meets.

Rules look at one thing each, so the job title and all the rest are judged apart, and the halves are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from leads.scoring.fold import small
from leads.scoring.matching import FactsSeen, FitRule, fit_value
from leads.scoring.points import Rules, grade
from leads.scoring.rules import Setup, missing_facts

TITLE_FIELDS = ("job_title", "seniority")
_NEVER = 1_000_000  # later than any line
_KEPT = 50_000  # halves remembered; a run meets the same titles and companies again and again


class Half(NamedTuple):
    """One half of what is known, judged: points, the first exclusion and persona rule that hold, facts missing."""

    points: int
    exclusion: int
    persona: int | None
    persona_rule: int
    complete: bool
    has_age: bool


class Profile(NamedTuple):
    """`persona` None: it stays. `has_age`: a new year may change the fit. `stage`: by hand; empty: not."""

    fit: int
    letter: str
    persona: int | None
    exclusion: str
    complete: bool
    has_age: bool
    stage: str = ""
    scored: bool = True


UNSCORED = Profile(0, "", None, "", False, False, "", False)


@dataclass(slots=True)
class Profiles:
    """Judges people under one setup and local year, and remembers the halves."""

    setup: Setup
    rules: Rules
    year: int
    _titles: dict[str, Half]
    _rests: dict[Hashable, Half]
    # Equal halves are one object, and so are equal profiles: there are few, and they are compared by identity.
    _halves: dict[Half, Half]
    _profiles: dict[Profile, Profile]
    _whole: dict[tuple[int, int], Profile]
    _of_title: Rules
    _of_rest: Rules

    @classmethod
    def at(cls, setup: Setup, at: datetime) -> Profiles:
        assert setup.rules is not None
        of_title, of_rest = _parted(setup.rules)
        return cls(setup, setup.rules, at.astimezone(setup.zone).year, {}, {}, {}, {}, {}, of_title, of_rest)

    def title(self, title: str) -> Half:
        half = self._titles.get(title)
        if half is None:
            if len(self._titles) >= _KEPT:
                self._titles.clear()
            half = self._titles[title] = self._one(self.title_of(title))
        return half

    def title_of(self, title: str) -> Half:
        seen = FactsSeen(job_title=title)
        persona, why = self.setup.persona_and_why(seen, by_hand="", old=None)
        half = self._half(seen, self._of_title, of_title=True)
        return half._replace(persona=persona if why.how == "title" else None)

    def rest(self, key: Hashable, facts: Callable[[], FactsSeen]) -> Half:
        """`key` stands for all that `facts` holds besides the title; `facts` is asked for a new key only."""
        half = self._rests.get(key)
        if half is None:
            if len(self._rests) >= _KEPT:
                self._rests.clear()
            half = self._rests[key] = self._one(self.rest_of(facts()))
        return half

    def rest_of(self, facts: FactsSeen) -> Half:
        half = self._half(facts, self._of_rest, of_title=False)
        has_age = facts.founded_year is not None and any(
            rule.field == "company_age" for rule in self.rules.fit
        )
        return half._replace(has_age=has_age)

    def whole(self, title: Half, rest: Half) -> Profile:
        """Both halves, as `title` and `rest` gave them, together."""
        key = (id(title), id(rest))
        found = self._whole.get(key)
        if found is None:
            joined = self._joined(title, rest)
            found = self._whole[key] = self._profiles.setdefault(joined, joined)
        return found

    def by_hand(self, profile: Profile, persona: str, stage: str, stages: tuple[str, ...]) -> Profile:
        """The same, with what a colleague said of persona (a short name) and stage."""
        chosen = next((one.id for one in self.setup.personas if persona and one.slug == persona), None)
        said = profile._replace(
            persona=profile.persona if chosen is None else chosen, stage=stage if stage in stages else ""
        )
        return self._profiles.setdefault(said, said)

    def _one(self, half: Half) -> Half:
        return self._halves.setdefault(half, half)

    def _joined(self, title: Half, rest: Half) -> Profile:
        points = min(title.points + rest.points, self.rules.fit_ceiling)
        exclusion = min(title.exclusion, rest.exclusion)
        persona, rule = title.persona, min(title.persona_rule, rest.persona_rule)
        if persona is None and rule != _NEVER:
            persona = self.setup.persona_rules[rule][1]
        return Profile(
            fit=small(points),
            letter=grade(points, 0, self.rules)[0],
            persona=persona,
            exclusion="" if exclusion == _NEVER else self.setup.exclusions[exclusion][1],
            complete=title.complete and rest.complete,
            has_age=rest.has_age,
        )

    def _half(self, facts: FactsSeen, rules: Rules, *, of_title: bool) -> Half:
        year = self.year
        return Half(
            points=sum(rule.points for rule in rules.fit if fit_value(rule, facts, year) is not None),
            exclusion=_first([rule for rule, _word in self.setup.exclusions], facts, year, of_title),
            persona=None,
            persona_rule=_first([rule for rule, _id in self.setup.persona_rules], facts, 0, of_title),
            complete=not missing_facts(facts, rules),
            has_age=False,
        )


def _first(lines: list[FitRule], facts: FactsSeen, year: int, of_title: bool) -> int:
    """The place of the first line about this half that holds."""
    for place, rule in enumerate(lines):
        if (rule.field in TITLE_FIELDS) == of_title and fit_value(rule, facts, year) is not None:
            return place
    return _NEVER


def _parted(rules: Rules) -> tuple[Rules, Rules]:
    """The lines about the job title, and the others."""
    return (
        replace(
            rules,
            fit=tuple(rule for rule in rules.fit if rule.field in TITLE_FIELDS),
            required=tuple(name for name in rules.required if name == "job_title"),
        ),
        replace(
            rules,
            fit=tuple(rule for rule in rules.fit if rule.field not in TITLE_FIELDS),
            required=tuple(name for name in rules.required if name != "job_title"),
        ),
    )
