"""The first day on which a lead would have been handed over by a version of the rules. Pure.

Sums are carried to the first midnight and decay by one multiplication a half-life; which touches count does not
depend on now, so one walk over a lead's touches does for all days (docs/backtest.md). A touch that became known out
of order is the exception: the walk begins anew. `leads.scoring.points.receipts` says the same at the end of each day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from leads.models import LeadMove, LeadStatus
from leads.scoring.backtest.past import Past, Seen, is_with_marketing, returned_at
from leads.scoring.backtest.span import Span
from leads.scoring.graduation import again_from
from leads.scoring.matching import FactsSeen, FitRule, fit_value
from leads.scoring.points import DAY, OPEN, Rules, TouchRule, grade, over_threshold, shown
from leads.scoring.rules import missing_facts

SLACK = 1e-5  # of rounding to six decimals: what is this close to a bound is looked at exactly


class Handed(NamedTuple):
    """The first day over, with grade and points there. Day 0: over before the period begins."""

    day: int
    grade: str
    points: float
    by_inquiry: bool = False


class Standing(NamedTuple):
    """What a profile is worth from a day on: fit, and whether grade and facts could hand it over at all."""

    day: int
    fit: int
    may: bool


@dataclass(slots=True)
class Sums:
    """Counted points at the first midnight, one sum a half-life; and what cool-downs and ceilings have used up.

    `today` are the points of the day that is looked at: they count in full, and are carried (`waiting`) from the next.
    """

    carried: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    cool: set[tuple[int, int]] = field(default_factory=set)
    full: dict[tuple[int, int], int] = field(default_factory=dict)
    today: float = 0.0
    waiting: list[tuple[int, float]] = field(default_factory=list)
    last: tuple[float, int] = (float("-inf"), 0)
    has_losses: bool = False

    def end_day(self) -> None:
        for place, points in self.waiting:
            self.carried[place] += points
        self.today, self.waiting = 0.0, []

    def begin_anew(self) -> None:
        self.carried, self.cool, self.full = [0.0, 0.0, 0.0], set(), {}


@dataclass(frozen=True)
class Version:
    """One version of the rules, ready to be asked about many leads."""

    rules: Rules
    span: Span
    exclusions: tuple[tuple[FitRule, str], ...] = ()
    _lines: dict[tuple[str, int | None, str], tuple[tuple[int, TouchRule], ...]] = field(default_factory=dict)

    def handed(self, past: Past) -> Handed | None:
        """The first day on which `past` would be handed over; None: on none of them."""
        asked = self._asked_in(past)
        latest = self.span.last if asked is None else asked - 1
        found = self._by_grade(past, latest) if past.scored else None
        if found is None and asked is not None:
            mark, points = self.grade_in(past, asked) if past.scored else ("", 0.0)
            return Handed(asked, mark, points, True)
        return found

    def grade_in(self, past: Past, day: int) -> tuple[str, float]:
        """Grade and points at the end of `day`."""
        engagement = min(self._worth(self._sums(past, day), day), float(self.rules.engagement_ceiling))
        fit = next((one.fit for one in reversed(self._standings(past)) if one.day <= day), 0)
        return grade(fit, engagement, self.rules), fit + engagement

    def _asked_in(self, past: Past) -> int | None:
        """The day of an inquiry that handed the lead over in fact: it does so under any rules."""
        return min(
            (
                move.day
                for move in past.moves
                if move.way == LeadMove.Way.INQUIRY
                and move.new == LeadStatus.MARKETING_QUALIFIED
                and 0 < move.day <= self.span.last
            ),
            default=None,
        )

    def _by_grade(self, past: Past, latest: int) -> Handed | None:
        standings = self._standings(past)
        if not any(one.may for one in standings):
            return None
        sums, place = Sums(), 0
        news = self._news(past, standings)
        # Without news points only fade, unless there are negative ones that fade too.
        for day in range(past.first, latest + 1) if self._has_losses else sorted(news):
            if not past.first <= day <= latest or not (day in news or sums.has_losses):
                continue
            now = next((one for one in reversed(standings) if one.day <= day), None)
            if now is None or not now.may:
                continue
            place = self._take_up(sums, past.touches, place, day)
            worth = min(self._worth(sums, day), float(self.rules.engagement_ceiling))
            if worth < self._least - SLACK:
                continue
            mark = grade(now.fit, worth, self.rules)
            if over_threshold(mark, self.rules) and self._may_go(past, day, shown(worth)):
                return Handed(day, mark, now.fit + worth)
        return None

    def _news(self, past: Past, standings: Sequence[Standing]) -> set[int]:
        """Days on which it may come over the threshold: something became known, or sales gave it back."""
        days = {past.first, *(one.day for one in standings), *(touch.day for touch in past.touches)}
        return days | {move.day + 1 for move in past.moves}

    def _may_go(self, past: Past, day: int, engagement: int) -> bool:
        """What sales said during a day counts from the next: the handover that it answers came before it."""
        by = max(day - 1, 0)
        if not is_with_marketing(past.moves, by=by):
            return False
        since = returned_at(past.moves, by=by)
        if since is None:
            return True
        fresh = any(touch.at > since for touch in past.touches if touch.day <= day)
        return fresh and engagement >= again_from(self.rules)

    @cached_property
    def _has_losses(self) -> bool:
        return any(rule.points < 0 for rule in self.rules.engagement)

    @cached_property
    def _least(self) -> float:
        """Engagement under which the digit is never enough."""
        digit = self.rules.qualify_engagement
        bounds = dict(zip("123", self.rules.engagement_from, strict=True))
        return bounds[digit] - 0.5 if digit in bounds else float("-inf")

    # Engagement

    def _take_up(self, sums: Sums, touches: Sequence[Seen], place: int, day: int) -> int:
        """Add what became known up to the end of `day`; returns how many touches are in by now."""
        sums.end_day()
        begin = place
        while place < len(touches) and touches[place].day <= day:
            place += 1
        fresh = touches[begin:place]
        if fresh and begin and min(touch[1:3] for touch in fresh) < sums.last:
            sums.begin_anew()  # some came late
            fresh = touches[:place]
        for touch in sorted(fresh, key=lambda one: one[1:3]):
            self._add(sums, touch, day)
        return place

    def _sums(self, past: Past, day: int) -> Sums:
        sums = Sums()
        self._take_up(sums, past.touches, 0, day)
        return sums

    def _add(self, sums: Sums, touch: Seen, day: int) -> None:
        sums.last = (touch.at, touch.id)
        for number, rule in self._lines_for(touch.what):
            if rule.cool_down_hours:
                key = (number, int(touch.at // (rule.cool_down_hours * 3600)))
                if key in sums.cool:
                    continue
                sums.cool.add(key)
            if rule.ceiling_touches is not None:
                key = (number, int(touch.at // (rule.ceiling_days * DAY)) if rule.ceiling_days else 0)
                if sums.full.get(key, 0) >= rule.ceiling_touches:
                    continue
                sums.full[key] = sums.full.get(key, 0) + 1
            half_life = self.rules.half_lives[rule.half_life] * DAY
            points = rule.points * 2.0 ** ((touch.at - self.span.begins[0]) / half_life)
            if touch.at >= self.span.begins[day]:
                sums.today += rule.points
                sums.waiting.append((rule.half_life, points))
            else:
                sums.carried[rule.half_life] += points
            sums.has_losses = sums.has_losses or rule.points < 0

    def _lines_for(self, what: tuple[str, int | None, str]) -> tuple[tuple[int, TouchRule], ...]:
        """The rules that a touch of this sort counts under."""
        found = self._lines.get(what)
        if found is None:
            kind, asset_kind, stage = what
            found = self._lines[what] = tuple(
                (number, rule)
                for number, rule in enumerate(self.rules.engagement)
                if kind != OPEN
                and rule.kind in ("", kind)
                and rule.asset_kind in (None, asset_kind)
                and rule.journey_stage in ("", stage)
            )
        return found

    def _worth(self, sums: Sums, day: int) -> float:
        one, two, three = self._fading[day]
        return sums.carried[0] * one + sums.carried[1] * two + sums.carried[2] * three + sums.today

    @cached_property
    def _fading(self) -> list[tuple[float, float, float]]:
        """For each day what a carried sum of each half-life is still worth."""
        return [
            tuple(2.0 ** (-(midnight - self.span.begins[0]) / (days * DAY)) for days in self.rules.half_lives)
            for midnight in self.span.begins
        ]

    # Fit

    def _standings(self, past: Past) -> list[Standing]:
        found = []
        for place, (day, facts) in enumerate(past.facts):
            until = past.facts[place + 1][0] if place + 1 < len(past.facts) else self.span.last + 1
            for turn in (day, *(year for year in self._new_years if day < year < until)):
                found.append(self._standing(turn, facts))
        return found

    def _standing(self, day: int, facts: FactsSeen) -> Standing:
        year = self.span.days[day].year
        fit = sum(rule.points for rule in self.rules.fit if fit_value(rule, facts, year) is not None)
        fit = min(fit, self.rules.fit_ceiling)
        may = grade(fit, 0, self.rules)[0] <= self.rules.qualify_fit
        may = may and not missing_facts(facts, self.rules)
        may = may and all(fit_value(rule, facts, year) is None for rule, _word in self.exclusions)
        return Standing(day, fit, may)

    @cached_property
    def _new_years(self) -> list[int]:
        """Days on which a year begins, where the age of a company counts."""
        aged = [*self.rules.fit, *(rule for rule, _word in self.exclusions)]
        if all(rule.field != "company_age" for rule in aged):
            return []
        days = self.span.days
        return [day for day in range(1, len(days)) if days[day].year != days[day - 1].year]
