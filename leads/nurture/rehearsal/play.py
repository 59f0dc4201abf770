"""One person under a simulated clock: all their walks at once, each mail held to the gate as the ledger would.

Pure: the steps are taken by `leads.nurture.walk`, the answers come from `leads.sending.gate.judge`, and what went
out is kept in the `Known` that the next answer is judged by. No row is read or written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from campaigns.models import PublishedStep, StepKind
from leads.models import Enrolment, Message
from leads.nurture.walk import Steps, Walk, mail_ended, mail_refused, step_on
from leads.sending import gate

Holds = Callable[[PublishedStep, Walk, datetime], bool]
DISTANCE = (gate.Why.GAP, gate.Why.CAP, gate.Why.RIVAL)  # one person, too many mails
SEEN_AT_ONCE = timedelta(
    days=3650
)  # nothing happens meanwhile: a wait is looked at when it begins and when it ends
MOST_LOOKS = 1000  # a person; a gate that says "later" for ever must not be walked for ever


class What(StrEnum):
    """What would happen."""

    SENT = "sent"
    HELD = "held"  # for a while: asked again at `until`
    REFUSED = "refused"  # for good
    FOLLOW_UP = "follow_up"
    CHANGE = "change"


@dataclass(eq=False)
class Flow:
    """One walk of one sequence. `message`: the row as it would stand in the ledger; `mail`: its step while it waits."""

    message: Message
    steps: Steps
    walk: Walk
    holds: Holds
    mail: PublishedStep | None = None

    @property
    def due_at(self) -> datetime | None:
        """When something happens next; None when the walk is over."""
        if self.mail is not None:
            return self.message.due_at
        return self.walk.due_at if self.walk.state == Enrolment.State.ACTIVE else None


@dataclass(frozen=True)
class Event:
    """Something that would happen to one person. `until` and `after` only where a mail is held for a while."""

    what: What
    flow: Flow
    step: PublishedStep
    at: datetime
    reason: str = ""
    until: datetime | None = None
    rival: Flow | None = None  # whose mail goes out in its place, where one person would get too many


@dataclass
class Play:
    """A person's flows, what the gate knows of them, and where it is told what happens."""

    flows: Sequence[Flow]
    known: gate.Known
    zone: ZoneInfo
    tell: Callable[[Event], None]
    last_sent: Flow | None = field(default=None, init=False)

    def run(self, *, begins_at: datetime, until: datetime, about: Flow | None = None) -> None:
        """Let the clock jump from one due time to the next, up to `until`, or until the flow it is `about` is over.

        What is overdue comes at `begins_at`.
        """
        for _look in range(MOST_LOOKS):
            if about is not None and about.due_at is None:
                return
            times = [due for flow in self.flows if (due := flow.due_at) is not None]
            if not times or min(times) > until:
                return
            self._at(max(begins_at, min(times)))

    def _at(self, at: datetime) -> None:
        for flow in self.flows:
            if flow.mail is None and flow.due_at is not None and flow.due_at <= at:
                self._step_on(flow, at)
        due = {id(flow.message): flow for flow in self.flows if flow.mail and flow.message.due_at <= at}
        if due:
            answers = gate.first_of([flow.message for flow in due.values()], self.known, at)
            winner = next((due[id(message)] for message, answer in answers if answer.allowed), None)
            for message, answer in answers:
                self._answered(due[id(message)], answer, winner, at)

    def _step_on(self, flow: Flow, at: datetime) -> None:
        def holds(step: PublishedStep, walk: Walk) -> bool:
            return flow.holds(step, walk, at)

        acts = step_on(flow.walk, flow.steps, at=at, zone=self.zone, holds=holds, look_again=SEEN_AT_ONCE)
        for act in acts:
            if act.kind == StepKind.MAIL:
                flow.mail, flow.message.step, flow.message.due_at = act.step, act.step, act.at
            else:
                self.tell(Event(What(act.kind), flow, act.step, act.at))

    def _answered(self, flow: Flow, answer: gate.Answer, winner: Flow | None, at: datetime) -> None:
        step = flow.mail
        assert step is not None
        if answer.allowed:
            self._sent(flow, step, at)
        elif answer.until is not None:
            rival = (winner or self.last_sent) if answer.reason in DISTANCE else None
            self.tell(Event(What.HELD, flow, step, at, answer.reason, answer.until, rival))
            flow.message.due_at = answer.until
        else:
            self.tell(Event(What.REFUSED, flow, step, at, answer.reason))
            flow.mail = None
            mail_refused(flow.walk, flow.steps, reason=answer.reason, at=at, zone=self.zone)

    def _sent(self, flow: Flow, step: PublishedStep, at: datetime) -> None:
        self.tell(Event(What.SENT, flow, step, at))
        gate.sent(self.known, flow.message, at)
        self.last_sent, flow.mail = flow, None
        mail_ended(flow.walk, flow.steps, ended_at=at, zone=self.zone)
