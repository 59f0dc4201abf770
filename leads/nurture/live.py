"""What happens on a version of a sequence right now, step by step, in sums that add up.

A constant number of queries, whatever the number of people and steps: who stands where is counted by one GROUP BY over
the walks' own marks (bit n of `entered`, of `went_first_way`), since few walks differ in them; the mails by another.
Opens and clicks are touches, so people's; what machines did is counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from campaigns import step_words
from campaigns.models import PublishedStep, PublishedWords, Sequence, SequenceVersion, StepKind
from leads.models import (
    Enrolment,
    EnrolmentMove,
    Hit,
    Message,
    Suppression,
    Touch,
    TouchKind,
    Verdict,
)

ASKS = (StepKind.BRANCH, StepKind.WAIT_FOR)
READ = (TouchKind.OPEN, TouchKind.CLICK, TouchKind.REPLY)
State = Message.State


@dataclass
class StepLive:
    """One step and its numbers. People, but for `mails`, which are counted by state."""

    step: PublishedStep
    words: step_words.StepWords
    entered: int = 0
    before: int = 0  # wait for its time
    inside: int = 0  # wait in it for something to happen
    first: int = 0
    other: int = 0
    left: int = 0  # left while they waited in it
    goals: int = 0  # reached the goal after it, before the next
    mails: Counter[str] = field(default_factory=Counter)  # state → mails
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)  # (state, reason) → mails
    opened: int = 0
    clicked: int = 0
    replied: int = 0
    unsubscribed: int = 0
    machine_opens: int = 0
    machine_clicks: int = 0

    @property
    def is_mail(self) -> bool:
        return self.step.kind == StepKind.MAIL

    @property
    def asks(self) -> bool:
        return self.step.kind in ASKS

    @property
    def parts(self) -> list[tuple[str, int]]:
        """What `entered` is made of, by name: the states of its mails, or the ways out of a question."""
        if self.is_mail:
            return [(state, self.mails[state]) for state in State.values]
        if self.asks:
            return [
                ("inside", self.inside),
                ("first", self.first),
                ("other", self.other),
                ("left", self.left),
            ]
        return [("entered", self.entered)]

    @property
    def shown_parts(self) -> list[tuple[str, int]]:
        return [(name, number) for name, number in self.parts if number]

    @property
    def balanced(self) -> bool:
        return self.entered == sum(number for _name, number in self.parts)

    @property
    def held(self) -> list[tuple[str, str, int]]:
        """(state, reason, mails) of what did not go out or waits, the most first."""
        lines = [(state, reason, number) for (state, reason), number in self.reasons.items() if reason]
        return sorted(lines, key=lambda line: (-line[2], line[1]))

    @property
    def sent(self) -> int:
        return self.mails[State.SENT]


def live(version: SequenceVersion) -> list[StepLive]:
    """All steps of one version with their numbers, in order."""
    steps = list(version.steps.select_related("asset", "page", "topic").order_by("position"))
    words = step_words.of_published(steps, subjects(steps))
    lines = {step.position: StepLive(step, words[step.position]) for step in steps}
    _walks(version, lines)
    by_id = {line.step.pk: line for line in lines.values()}
    _mails(version, by_id)
    _answers(version, by_id)
    return list(lines.values())


def inside(versions: Iterable[SequenceVersion]) -> dict[int, int]:
    """Version id → people who walk on it now."""
    walking = Enrolment.objects.of_versions(versions).filter(state=Enrolment.State.ACTIVE)
    return dict(walking.order_by().values_list("version").annotate(number=Count("pk")))


def goals_reached(sequence: Sequence) -> int:
    """People who left with success."""
    return Enrolment.objects.filter(sequence=sequence).exclude(goal_at=None).count()


def subjects(steps: Iterable[PublishedStep]) -> dict[int, str]:
    """Step id → the subject of its usual words."""
    usual = PublishedWords.objects.filter(step__in=[step.pk for step in steps], persona=None, variant="a")
    return dict(usual.values_list("step_id", "subject"))


def _walks(version: SequenceVersion, lines: Mapping[int, StepLive]) -> None:
    """Who stands where, and which way they went. Who was taken to another version keeps what they had passed here."""
    here = Enrolment.objects.filter(sequence=version.sequence_id, version=version).annotate(
        at_rest=_whether(due_at=None),
        waits=_whether(waits_until__isnull=False),
        won=_whether(goal_at__isnull=False),
    )
    marks = ("state", "position", "next_position", "entered", "went_first_way", "at_rest", "waits", "won")
    for row in here.order_by().values(*marks).annotate(people=Count("pk")):
        _passed(row, lines, active=row["state"] == Enrolment.State.ACTIVE)
        if row["won"] and row["position"] in lines:
            lines[row["position"]].goals += row["people"]
        if row["state"] == Enrolment.State.ACTIVE and not row["at_rest"] and row["next_position"] in lines:
            line = lines[row["next_position"]]
            if not row["waits"]:
                line.before += row["people"]
    moved = EnrolmentMove.objects.filter(old=version).order_by()
    for row in moved.values("position", "entered", "went_first_way").annotate(people=Count("pk")):
        _passed(row, lines, active=False)


def _whether(**condition: Any) -> Case:
    return Case(When(**condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _passed(row: Mapping[str, Any], lines: Mapping[int, StepLive], *, active: bool) -> None:
    people = row["people"]
    for position, line in lines.items():
        bit = 1 << position
        if not row["entered"] & bit:
            continue
        line.entered += people
        if row["went_first_way"] & bit:
            line.first += people
        elif position <= row["position"]:
            line.other += people
        elif active:
            line.inside += people
        else:
            line.left += people


def _mails(version: SequenceVersion, lines: Mapping[int, StepLive]) -> None:
    rows = Message.objects.filter(step__version=version).order_by().values("step", "state", "reason")
    for row in rows.annotate(number=Count("pk")):
        line = lines[row["step"]]
        line.mails[row["state"]] += row["number"]
        if row["state"] not in (State.SENT, State.SENDING):
            line.reasons[row["state"], row["reason"]] += row["number"]


def _answers(version: SequenceVersion, lines: Mapping[int, StepLive]) -> None:
    """What people did with the mails, and, apart, what machines did."""
    names = {TouchKind.OPEN: "opened", TouchKind.CLICK: "clicked", TouchKind.REPLY: "replied"}
    for step, kind, number in _per_step(touches(version), "kind", count="person"):
        setattr(lines[step], names[TouchKind(kind)], number)
    for step, _kind, number in _per_step(unsubscribes(version), "reason", count="person"):
        lines[step].unsubscribed += number
    for step, kind, number in _per_step(machine_hits(version), "kind", count="message"):
        setattr(lines[step], f"machine_{kind}s", number)


def _per_step(rows: QuerySet[Any], *names: str, count: str) -> Iterable[tuple[Any, ...]]:
    return rows.order_by().values_list("message__step", *names).annotate(number=Count(count, distinct=True))


def touches(version: SequenceVersion) -> QuerySet[Touch]:
    """Opens, clicks and replies of people."""
    return Touch.objects.filter(message__step__version=version, kind__in=READ)


def unsubscribes(version: SequenceVersion) -> QuerySet[Suppression]:
    return Suppression.objects.filter(message__step__version=version, reason=Suppression.Reason.UNSUBSCRIBED)


def machine_hits(version: SequenceVersion) -> QuerySet[Hit]:
    """Opens and clicks whose latest verdict says machine."""
    newer = Verdict.objects.filter(hit=OuterRef("hit"), version__gt=OuterRef("version"))
    said = Verdict.objects.filter(verdict=Verdict.Kind.MACHINE).exclude(Exists(newer))
    kinds = Q(kind__in=(Hit.Kind.OPEN, Hit.Kind.CLICK))
    return Hit.objects.filter(kinds, message__step__version=version, pk__in=said.values("hit"))
