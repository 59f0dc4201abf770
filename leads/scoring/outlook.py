"""What becomes of a grade: when it changes by itself, and what would lift it. Pure, by the rules themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations_with_replacement

from leads.scoring.days import local_midnight, next_midnight, next_new_year
from leads.scoring.fold import carried, score, standing
from leads.scoring.matching import FactsSeen, FitRule, fact_named, fit_value
from leads.scoring.points import OPEN, Rules, TouchRule, TouchSeen, counted_touches, grade

QUIET = 0.4  # points that no screen shows any more: from here on engagement stays as it is
MOST_DAYS, MOST_YEARS = 36_500, 10
NEWER = 2**62  # ids of touches that have not happened sort behind all others
NOT_AGAIN = (OPEN, "first_contact")  # no touch to wait for

Usual = Mapping[tuple[str, int | None], int]


@dataclass(frozen=True, slots=True)
class Change:
    """The next grade that comes by itself, and when."""

    grade: str
    at: datetime
    falls: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What would lift the grade: touches by the names of their rules, or one fact that is not known yet."""

    grade: str
    touches: tuple[str, ...] = ()
    fact: str = ""


def next_change(touches: Sequence[TouchSeen], facts: FactsSeen, rules: Rules, at: datetime) -> Change | None:
    """The first later moment with another grade, if the person does nothing; None where it stays.

    Goes from midnight to midnight, for that is when numbers fade; touches that are dated later count from their time.
    """
    now = score(touches, facts, rules, at).grade
    for moment, mark in _days_ahead(touches, facts, rules, at):
        if mark != now:
            return Change(mark, moment, falls=mark > now)
    return None


def _days_ahead(
    touches: Sequence[TouchSeen], facts: FactsSeen, rules: Rules, at: datetime
) -> Iterator[tuple[datetime, str]]:
    """Each coming midnight with its grade until nothing moves; then New Years, where a company's age counts."""
    pending = sorted({touch.at for touch in touches if touch.at > at}, reverse=True)
    sums, moment, fit = _sums(touches, rules, at), at, _FitOfYear(facts, rules)
    for _day in range(MOST_DAYS):
        midnight = next_midnight(moment, rules.zone)
        if pending and pending[-1] <= midnight:
            moment = pending.pop()
            sums = _sums(touches, rules, moment)
            yield moment, score(touches, facts, rules, moment).grade
            continue
        moment = midnight
        engagement = min(standing(sums, moment, rules), float(rules.engagement_ceiling))
        yield moment, grade(fit(moment), engagement, rules)
        if not pending and _is_quiet(sums, moment, rules):
            break
    if not fit.ages:
        return
    for _year in range(MOST_YEARS):
        moment = next_new_year(moment, rules.zone)
        engagement = min(standing(sums, moment, rules), float(rules.engagement_ceiling))
        yield moment, grade(fit(moment), engagement, rules)


class _FitOfYear:
    """Fit by the local year, for it changes with nothing else."""

    def __init__(self, facts: FactsSeen, rules: Rules) -> None:
        self.facts, self.rules = facts, rules
        self.ages = facts.founded_year is not None and any(rule.field == "company_age" for rule in rules.fit)
        self.known: dict[int, int] = {}

    def __call__(self, at: datetime) -> int:
        year = at.astimezone(self.rules.zone).year if self.ages else 0
        if year not in self.known:
            self.known[year] = fit_of(self.facts, self.rules, at)
        return self.known[year]


def fit_of(facts: FactsSeen, rules: Rules, at: datetime) -> int:
    """The points of the fit rules that hold, at most their ceiling."""
    year = at.astimezone(rules.zone).year
    points = sum(rule.points for rule in rules.fit if fit_value(rule, facts, year) is not None)
    return min(points, rules.fit_ceiling)


def _sums(touches: Sequence[TouchSeen], rules: Rules, at: datetime) -> list[float]:
    return carried((one for one in counted_touches(touches, rules, at) if not one.note), rules)


def _is_quiet(sums: Sequence[float], at: datetime, rules: Rules) -> bool:
    """Each half-life by its size: sums that cancel each other today may part again."""
    return standing([abs(one) for one in sums], at, rules) < QUIET


def steps_up(
    touches: Sequence[TouchSeen], facts: FactsSeen, rules: Rules, at: datetime, usual: Usual
) -> list[Step]:
    """At most two: the touch that lifts the grade (or two of them, where one is not enough), and the missing fact.

    Of several the one that is most usual among `usual` ((kind, kind of asset) → how often it happened). Empty: nothing
    that simple lifts it.
    """
    tried = _Tried(touches, facts, rules, at, usual)
    return [step for step in (tried.step(), _fact_step(facts, tried)) if step]


class _Tried:
    """Tries touches that have not happened: each is folded under the rules it would count by, cool-downs included."""

    def __init__(
        self, touches: Sequence[TouchSeen], facts: FactsSeen, rules: Rules, at: datetime, usual: Usual
    ) -> None:
        self.past = [touch for touch in touches if touch.at <= at]
        self.rules, self.at, self.usual = rules, at, usual
        self.fit = fit_of(facts, rules, at)
        self.engagement = self._engagement()  # before the ceiling
        self.grade = self.mark()

    def step(self) -> Step | None:
        gains = {rule: self.gain((rule,)) for rule in self._candidates()}
        ones = [rule for rule in gains if self._lifts(gains[rule])]
        if ones:
            return self._step((min(ones, key=self._rarity),))
        twos = [
            pair
            for pair in combinations_with_replacement(gains, 2)
            if self._lifts(gains[pair[0]] + gains[pair[1]])
        ]
        twos.sort(key=lambda pair: sorted(map(self._rarity, pair), reverse=True))
        enough = next((pair for pair in twos if self._lifts(self.gain(pair))), None)
        return self._step(enough) if enough else None

    def mark(self, *, fit: int | None = None, gain: float = 0) -> str:
        """The grade with another fit, or with so many more points of engagement."""
        engagement = min(self.engagement + gain, float(self.rules.engagement_ceiling))
        return grade(self.fit if fit is None else fit, engagement, self.rules)

    def gain(self, by: tuple[TouchRule, ...]) -> float:
        """The points that these touches would add now; 0 for one that comes too soon or is over its ceiling."""
        coming = [
            TouchSeen(NEWER + n, rule.kind or "visit", self.at, rule.asset_kind, rule.journey_stage)
            for n, rule in enumerate(by)
        ]
        kinds = {touch.kind for touch in coming}
        theirs = replace(
            self.rules, engagement=tuple(r for r in self.rules.engagement if r.kind in kinds | {""})
        )
        counted = counted_touches([*self.past, *coming], theirs, self.at)
        return sum(one.rule.points for one in counted if one.touch.id >= NEWER and not one.note)

    def _candidates(self) -> Iterable[TouchRule]:
        """One rule of each sort of touch, the one with the most points; its name stands for the touch."""
        found: dict[tuple[str, int | None, str], TouchRule] = {}
        for rule in sorted(self.rules.engagement, key=lambda rule: -rule.points):
            if rule.points > 0 and rule.kind not in NOT_AGAIN:
                found.setdefault((rule.kind, rule.asset_kind, rule.journey_stage), rule)
        return found.values()

    def _rarity(self, rule: TouchRule) -> tuple[int, int, int]:
        often = sum(
            number
            for (kind, asset_kind), number in self.usual.items()
            if rule.kind in ("", kind) and rule.asset_kind in (None, asset_kind)
        )
        return (-often, rule.points, rule.id)

    def _step(self, by: tuple[TouchRule, ...]) -> Step:
        return Step(self.mark(gain=self.gain(by)), touches=tuple(rule.label for rule in by))

    def _lifts(self, gain: float) -> bool:
        return is_better(self.mark(gain=gain), self.grade)

    def _engagement(self) -> float:
        """Touches up to midnight as they stand, today's with full points."""
        midnight = local_midnight(self.at, self.rules.zone)
        counted = [one for one in counted_touches(self.past, self.rules, self.at) if not one.note]
        before = carried((one for one in counted if one.touch.at < midnight), self.rules)
        today = sum(one.rule.points for one in counted if one.touch.at >= midnight)
        return standing(before, midnight, self.rules) + today


def is_better(mark: str, than: str) -> bool:
    """True where letter or digit is better and neither is worse."""
    return mark != than and mark[0] <= than[0] and mark[1] <= than[1]


def _fact_step(facts: FactsSeen, tried: _Tried) -> Step | None:
    """The missing fact that lifts the grade with the fewest points: the most modest of what it could turn out to be."""
    rules, year = tried.rules, tried.at.astimezone(tried.rules.zone).year
    for rule in sorted((rule for rule in rules.fit if rule.points > 0), key=lambda rule: rule.points):
        learnt = _if_known(rule, facts, year)
        if learnt is None:
            continue
        mark = tried.mark(fit=fit_of(learnt, rules, tried.at))
        if is_better(mark, tried.grade):
            return Step(mark, fact=rule.label)
    return None


def _if_known(rule: FitRule, facts: FactsSeen, year: int) -> FactsSeen | None:
    """The facts as they would be if the rule's one turned out right; None where it is known or nothing to ask for."""
    limit = rule.minimum if rule.minimum is not None else rule.maximum
    word = next((word for word in rule.words if word != "*"), "?" if limit is None else f"{limit:.10g}")
    match rule.field:
        case "company_size" if facts.company_size is None:
            return replace(facts, company_size=1.0 if limit is None else limit)
        case "company_age" if facts.founded_year is None:
            return replace(facts, founded_year=year - int(limit or 0))
        case "industry" if not facts.industry:
            return replace(facts, industry=word)
        case "country" if not facts.country:
            return replace(facts, country=word)
        case "job_title" | "seniority" if not facts.job_title:
            return replace(facts, job_title=word.replace("_", " "))
        case "fact" if not fact_named(rule.fact_name, facts):
            return replace(facts, named={**facts.named, rule.fact_name: word})
    return None
