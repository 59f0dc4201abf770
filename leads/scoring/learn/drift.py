"""Do the chances still come true? What live learned points expect of newly closed leads, beside what came of them.

A week at a time a two-sided test looks at all leads closed since the rules went live. It may look for ever: that it
ever alarms while the chances hold has a probability of one in twenty (Ville's inequality). It asks two things: have the
odds of all moved by more than what learning itself could not know, and do more points still mean better odds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from leads.models import ScoringModel
from leads.models.learned import DriftCheck, LearnedModel
from leads.scoring.days import local_midnight
from leads.scoring.learn.chances import chance_of_points, points_of, rules_to_count
from leads.scoring.learn.closed import Closed, closed_leads
from leads.scoring.learn.regression import chance
from leads.scoring.matching import FitRule

FALSE_ALARM = 0.05
SHIFTS = (0.5, 1.0)  # of the log-odds, beyond what is tolerated, each way
LEAST = 0.1  # of the log-odds: less is nothing to act on
ERRORS = 1.5
HOLDS = 0.6  # of a difference in log-odds: so much of it may be left before it is held against the points
SLOPES = (0.0, -0.6)  # the points say nothing; they say the opposite
EARLY = 10  # a change may come in any week; the first ten are as likely as all later ones together
SURE = 1e-6

Week = Sequence[tuple[float, bool]]  # chance and outcome of each lead closed in it


def check_due(*, at: datetime) -> dict[str, int]:
    """Job: a row for each full week since the live rules were published. Safe twice, late and after a crash."""
    model = ScoringModel.objects.filter(state=ScoringModel.State.LIVE).exclude(learned=None).first()
    if model is None or model.learned is None or model.published_at is None:
        return {}
    weeks = list(_weeks(model.published_at, at))
    kept = set(model.learned.drift.values_list("until", flat=True))
    if all(week.until in kept for week in weeks):
        return {}
    made = DriftCheck.objects.bulk_create(
        (one for one in _checks(model.learned, weeks) if one.until not in kept), ignore_conflicts=True
    )
    return {"weeks": len(made), "alarms": sum(one.alarm for one in made)}


def alarms(weeks: Iterable[Week], *, tolerated: float, usual: float = 0.0) -> Iterator[bool]:
    """Of each week whether there is, by its end, reason to say that the chances no longer hold.

    `tolerated` (of the log-odds) either way is no reason; `usual` are the log-odds of all leads together.
    """
    found = False
    tests = [
        _Test(_Line(sign * tolerated, 1.0), _Line(sign * (tolerated + shift), 1.0), usual)
        for sign in (1, -1)
        for shift in SHIFTS
    ] + [_Test(_Line(0.0, HOLDS), _Line(0.0, slope), usual) for slope in SLOPES]
    for number, week in enumerate(weeks, start=1):
        for test in tests:
            test.look(week, number)
        found = found or sum(test.evidence for test in tests) / len(tests) >= 1 / FALSE_ALARM
        yield found


def tolerated_by(learned: LearnedModel) -> float:
    """What learning could not know: so many standard errors of the log-odds of all leads it was learned from."""
    share = learned.won / learned.closed
    return max(LEAST, ERRORS / math.sqrt(learned.closed * share * (1 - share)))


@dataclass(frozen=True, slots=True)
class _Line:
    """How true log-odds depend on those expected: all moved by `shift`, differences stretched by `slope`."""

    shift: float
    slope: float


class _Test:
    """Evidence that the log-odds went over to `to`, in some week or other, rather than stayed within `within`.

    A fair bet: while they stay within, its expectation is never above 1.
    """

    def __init__(self, within: _Line, to: _Line, usual: float) -> None:
        self._within, self._to, self._usual = within, to, usual
        self._begun, self._waiting = 0.0, 1.0

    @property
    def evidence(self) -> float:
        return self._begun + self._waiting

    def look(self, week: Week, number: int) -> None:
        stake = EARLY / ((number + EARLY - 1) * (number + EARLY))
        self._waiting -= stake
        for_it = sum(self._log_ratio(expected, won) for expected, won in week)
        self._begun = (self._begun + stake) * math.exp(min(for_it, 500))

    def _log_ratio(self, expected: float, won: bool) -> float:
        sure = min(1 - SURE, max(SURE, expected))
        logit = math.log(sure / (1 - sure))
        to, within = (
            chance(self._usual + line.slope * (logit - self._usual) + line.shift)
            for line in (self._to, self._within)
        )
        return math.log(to / within) if won else math.log((1 - to) / (1 - within))


@dataclass(frozen=True, slots=True)
class Span:
    since: datetime
    until: datetime


def _weeks(since: datetime, at: datetime) -> Iterator[Span]:
    """Full weeks from the local midnight after `since`."""
    zone = ZoneInfo(settings.TIME_ZONE)
    day = local_midnight(since, zone).astimezone(zone).date() + timedelta(days=1)
    while (until := _begins(day + timedelta(days=7), zone)) <= at:
        yield Span(_begins(day, zone), until)
        day += timedelta(days=7)


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def _checks(learned: LearnedModel, weeks: Sequence[Span]) -> Iterator[DriftCheck]:
    closed = closed_leads(until=weeks[-1].until, since=weeks[0].since)
    rules = rules_to_count(learned)
    filled = [_filled(learned, rules, week, closed) for week in weeks]
    usual = math.log(learned.won / (learned.closed - learned.won))
    found = alarms(filled, tolerated=tolerated_by(learned), usual=usual)
    for week, leads, alarm in zip(weeks, filled, found, strict=True):
        yield DriftCheck(
            learned=learned, since=week.since, until=week.until, leads=len(leads), alarm=alarm,
            expected=sum(expected for expected, _won in leads), won=sum(won for _expected, won in leads),
        )  # fmt: skip


def _filled(learned: LearnedModel, rules: Sequence[FitRule], week: Span, closed: Sequence[Closed]) -> Week:
    inside = (one for one in closed if week.since < one.at <= week.until)
    return [
        (chance_of_points(learned, points_of(rules, one.facts, one.year)) or 0.0, one.won) for one in inside
    ]
