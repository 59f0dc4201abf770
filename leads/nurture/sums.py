"""Reconciliation: every mail of a step and every person of a sequence is accounted for.

Who entered a step is counted from the bits that walking leaves behind, by itself, and must agree with the mails. A
page of all steps takes three queries, whatever the number of steps and people: few patterns of bits exist.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Count, Q

from campaigns.models import PublishedStep, Sequence, SequenceVersion
from leads.models import Enrolment, EnrolmentMove, Message


@dataclass(frozen=True)
class Sums:
    """`entered` is counted by itself, `parts` by state; they must agree."""

    entered: int
    parts: dict[str, int]

    @property
    def balanced(self) -> bool:
        return self.entered == sum(self.parts.values())


@dataclass(frozen=True)
class StepSums(Sums):
    """Of a mail step also its mails by state. `waiting`: inside a wait for something, or were when they left."""

    first_way: int = 0
    waiting: int = 0

    @property
    def other_way(self) -> int:
        return self.entered - self.first_way - self.waiting


Place = tuple[int, int]  # version id, position


@dataclass
class _Bits:
    """What the bits say, by place."""

    entered: Counter[Place] = field(default_factory=Counter)
    first_way: Counter[Place] = field(default_factory=Counter)
    waiting: Counter[Place] = field(default_factory=Counter)

    def add(self, version: int, entered: int, first_way: int, number: int) -> None:
        for position in _positions(entered):
            self.entered[version, position] += number
        for position in _positions(first_way):
            self.first_way[version, position] += number


def _positions(bits: int) -> Iterator[int]:
    return (position for position in range(bits.bit_length()) if bits >> position & 1)


def step_sums(step: PublishedStep) -> StepSums:
    """Of one published mail step: entered = scheduled + sending + sent + failed + unknown + cancelled + suppressed."""
    return version_sums(step.version)[step.position]


def version_sums(version: SequenceVersion) -> dict[int, StepSums]:
    """Of all steps of a version, by position, as `sequence_steps`."""
    return {position: sums for (_version, position), sums in _of([version.pk]).items()}


def sequence_steps(sequence: Sequence) -> dict[Place, StepSums]:
    """Of all steps of all versions of a sequence, by version and position."""
    return _of(SequenceVersion.objects.filter(sequence=sequence).values_list("pk", flat=True))


def _of(versions: Iterable[int]) -> dict[Place, StepSums]:
    steps = PublishedStep.objects.filter(version__in=versions).order_by("version", "position")
    places = {
        pk: (version, position) for pk, version, position in steps.values_list("pk", "version", "position")
    }
    bits, mails = _bits({version for version, _position in places.values()}), _mails(places)
    return {
        place: StepSums(bits.entered[place], mails[place], bits.first_way[place], bits.waiting[place])
        for place in places.values()
    }


def _bits(versions: Iterable[int]) -> _Bits:
    found, inside = _Bits(), Count("pk", filter=~Q(waits_until=None))
    walks = Enrolment.objects.of_versions(versions).order_by()
    columns = ("version", "entered", "went_first_way", "next_position")
    for version, entered, first_way, ahead, number, waiting in walks.values_list(*columns).annotate(
        number=Count("pk"), waiting=inside
    ):
        found.add(version, entered, first_way, number)
        found.waiting[version, ahead] += waiting
    moved = EnrolmentMove.objects.filter(old__in=versions).order_by()
    for row in moved.values_list("old", "entered", "went_first_way").annotate(number=Count("pk")):
        found.add(*row)
    return found


def _mails(places: dict[int, Place]) -> dict[Place, dict[str, int]]:
    found: dict[Place, dict[str, int]] = defaultdict(lambda: dict.fromkeys(Message.State.values, 0))
    rows = Message.objects.filter(step__in=places).order_by()
    for step, state, number in rows.values_list("step", "state").annotate(number=Count("pk")):
        found[places[step or 0]][state] = number
    return found


def sequence_sums(sequence: Sequence) -> Sums:
    """People of one sequence, all its versions: enrolled = active + finished + left early, by reason."""
    rows = Enrolment.objects.filter(sequence=sequence).order_by()
    parts: dict[str, int] = {"active": 0, "finished": 0}
    for state, reason, number in rows.values_list("state", "exit_reason").annotate(number=Count("pk")):
        name = f"left: {reason}" if state == Enrolment.State.EXITED else state
        parts[name] = parts.get(name, 0) + number
    return Sums(entered=rows.count(), parts=parts)
