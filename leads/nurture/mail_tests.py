"""What a test of two wordings of a mail found. It says nothing until both had their mails, and nothing new after that.

Counted are the mails that left with the usual wording A or B (a persona's own words are no part of a test) and those of
them that a person clicked in, or replied to. The count ends when the second wording had its number, and `ANSWER_WAIT`
later for the answers to the last mails: who looks every day cannot stop at a lucky moment, there is one moment only.
Clicks of programs make no touch and are not counted; clicks of people who did not agree to tracking are not known, for
A as little as for B.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from campaigns.models import PublishedStep, PublishedWords, SequenceVersion, StepRule, StepTest
from campaigns.proportions import Difference, Share, difference, share
from leads.models import MailEvent, Message, Touch

ANSWER_WAIT = timedelta(days=3)
A, B = PublishedWords.Variant.A.value, PublishedWords.Variant.B.value


@dataclass(frozen=True)
class Side:
    """One wording, in numbers."""

    variant: str
    subject: str
    share: Share

    @property
    def percent(self) -> str:
        return f"{self.share.value:.1%}" if self.share.of else "–"

    @property
    def between(self) -> str:
        return f"{self.share.low:.1%} – {self.share.high:.1%}" if self.share.of else "–"


@dataclass(frozen=True)
class Found:
    """Both wordings of a step, counted until ``until`` (None: until now). ``gap`` is None while it is too early."""

    step: PublishedStep
    a: Side
    b: Side
    needed: int
    until: datetime | None
    gap: Difference | None
    ended: StepTest | None

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.a, self.b

    @property
    def better(self) -> str:
        """``"a"`` or ``"b"``; empty where nothing can be said or nothing differs."""
        if self.gap is None or not self.gap.clear:
            return ""
        return B if self.gap.value > 0 else A

    @property
    def counts(self) -> str:
        """What is counted, in words."""
        return str(StepRule.Measure(self.step.test_measure).label)

    @property
    def words(self) -> str:
        """The verdict as a sentence."""
        if not self.needed:
            return _("No number of mails was fixed before the start, so nothing can be said.")
        if self.gap is None:
            least = min(self.a.share.of, self.b.share.of)
            if least >= self.needed:
                return _("Both had their mails. Answers to the last ones are waited for, three days at most.")
            return _("Not enough data yet: %(least)d of %(needed)d mails.") % {
                "least": least,
                "needed": self.needed,
            }
        if not self.better:
            return _("No difference found.")
        return _("A does better.") if self.better == A else _("B does better.")

    @property
    def interval(self) -> str:
        """The difference in percentage points with its interval; empty while it is too early."""
        if self.gap is None:
            return ""
        low, value, high = (_points(part) for part in (self.gap.low, self.gap.value, self.gap.high))
        return _("B minus A: %(value)s points, between %(low)s and %(high)s (95 %%).") % {
            "value": value,
            "low": low,
            "high": high,
        }


def shown(version: SequenceVersion, *, at: datetime) -> list[Found]:
    """The tests of a version, by step."""
    steps = version.steps.filter(words__variant=B, words__persona=None).order_by("position")
    return [result(step, at=at) for step in steps.distinct()]


def result(step: PublishedStep, *, at: datetime) -> Found:
    """The figures of one step's test as of ``at``."""
    words = {row.variant: row for row in step.words.filter(persona=None)}
    ended = StepTest.objects.filter(step=step).first()
    needed = step.test_mails or 0
    ends = [_when_full(words[which], needed) for which in (A, B)]
    until = max(end for end in ends if end) if needed and all(ends) else None
    a, b = (_side(words[which], step.test_measure, until) for which in (A, B))
    decided = until is not None and (at >= until + ANSWER_WAIT or ended is not None)
    return Found(step, a, b, needed, until, difference(a.share, b.share) if decided else None, ended)


def _sent(words: PublishedWords) -> QuerySet[Message]:
    return Message.objects.filter(step=words.step_id, words=words, state=Message.State.SENT)


def _when_full(words: PublishedWords, needed: int) -> datetime | None:
    """When this wording's last needed mail left."""
    times = _sent(words).order_by("ended_at", "pk").values_list("ended_at", flat=True)
    return next(iter(times[needed - 1 : needed]), None) if needed else None


def _side(words: PublishedWords, measure: str, until: datetime | None) -> Side:
    mails = _sent(words)
    answers = _answers(measure)
    if until:
        mails = mails.filter(ended_at__lte=until)
        answers = answers.filter(at__lte=until + ANSWER_WAIT)
    hits = mails.filter(Exists(answers)).count()
    return Side(words.variant, words.subject, share(hits, mails.count()))


def _answers(measure: str) -> QuerySet:
    if measure == StepRule.Measure.REPLY:
        return MailEvent.objects.filter(message=OuterRef("pk"), kind=MailEvent.Kind.REPLY)
    return Touch.objects.filter(message=OuterRef("pk"), kind="click")


def _points(value: float) -> str:
    """``+3.1``: percentage points with their sign; a true minus, as in print."""
    return f"{value * 100:+.1f}".replace("-", "−")
