"""Reconciliation: every mail of a step and every person of a sequence is accounted for."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from campaigns.models import PublishedStep, Sequence
from leads.models import Enrolment, Message


@dataclass(frozen=True)
class Sums:
    """`entered` is counted by itself, `parts` by state; they must agree."""

    entered: int
    parts: dict[str, int]

    @property
    def balanced(self) -> bool:
        return self.entered == sum(self.parts.values())


def step_sums(step: PublishedStep) -> Sums:
    """Mails of one published step: entered = scheduled + sending + sent + failed + unknown + cancelled + suppressed.

    Entered are the people who came to the step, counted from their enrolments, not from the mails.
    """
    by_state = dict.fromkeys(Message.State.values, 0)
    rows = Message.objects.filter(step=step).order_by().values_list("state").annotate(number=Count("pk"))
    by_state.update(rows)
    return Sums(entered=_entered(step), parts=by_state)


def _entered(step: PublishedStep) -> int:
    """Past it, or on it with nothing due: a mail on its way, or one that was when they left."""
    walking = Enrolment.objects.filter(version=step.version)
    past = walking.filter(position__gte=step.position)
    on_it = walking.filter(position=step.position - 1, due_at=None)
    return past.count() + on_it.count()


def sequence_sums(sequence: Sequence) -> Sums:
    """People of one sequence, all its versions: enrolled = active + finished + left early, by reason."""
    rows = Enrolment.objects.filter(sequence=sequence).order_by()
    parts: dict[str, int] = {"active": 0, "finished": 0}
    for state, reason, number in rows.values_list("state", "exit_reason").annotate(number=Count("pk")):
        name = f"left: {reason}" if state == Enrolment.State.EXITED else state
        parts[name] = parts.get(name, 0) + number
    return Sums(entered=rows.count(), parts=parts)
