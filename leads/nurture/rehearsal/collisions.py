"""Where two flows want the same person: who waits, whose mail goes, and why that one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from leads.nurture.rehearsal.play import DISTANCE, Event, Flow, What
from leads.sending import gate

LISTED = 50


@dataclass(frozen=True)
class Pair:
    """A flow that waits (`loses`) for another, and why; 0: a mail that had gone out before."""

    loses: int
    wins: int
    why: str


@dataclass
class Collisions:
    """Adds up what `Play` tells: pairs of sequences, and the first `LISTED` people by number."""

    mails: int = 0
    people: set[int] = field(default_factory=set)
    pairs: Counter[Pair] = field(default_factory=Counter)
    listed: list[dict[str, Any]] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    _seen: set[tuple[int, int, int]] = field(default_factory=set)

    def tell(self, event: Event) -> None:
        """Only what is held because of another flow counts; a sequence's own distance is no collision."""
        if event.what != What.HELD or event.reason not in DISTANCE or event.rival is event.flow:
            return
        pair = Pair(_sequence(event.flow), _sequence(event.rival), _why(event))
        if pair.loses == pair.wins:
            return
        person = event.flow.message.person_id
        self.mails += 1
        self.people.add(person)
        for flow in (event.flow, event.rival):
            if flow is not None and flow.message.enrolment is not None:
                self.names[_sequence(flow)] = str(flow.message.enrolment.sequence)
        met = (person, pair.loses, pair.wins)
        if met not in self._seen:
            self._seen.add(met)
            self.pairs[pair] += 1
            if len(self.listed) < LISTED:
                self.listed.append(_line(event, pair))

    def as_json(self) -> dict[str, Any]:
        return {
            "mails": self.mails,
            "people": len(self.people),
            "pairs": [
                {"loses": pair.loses, "wins": pair.wins, "why": pair.why, "people": number}
                for pair, number in self.pairs.most_common(LISTED)
            ],
            "listed": self.listed,
            "names": {str(pk): name for pk, name in self.names.items()},
        }


def _sequence(flow: Flow | None) -> int:
    return flow.message.enrolment.sequence_id if flow is not None and flow.message.enrolment else 0


def _line(event: Event, pair: Pair) -> dict[str, Any]:
    return {
        "person": event.flow.message.person_id,
        "at": event.at.isoformat(),
        "until": event.until.isoformat() if event.until else None,
        "loses": pair.loses,
        "wins": pair.wins,
        "reason": event.reason,
        "step": event.step.position,
        "why": pair.why,
    }


def _why(event: Event) -> str:
    """Why the other one goes: its priority where both are due, else that it was there first."""
    if event.rival is None or not (event.flow.message.enrolment and event.rival.message.enrolment):
        return "before"
    ours, theirs = (flow.message.enrolment.sequence.priority for flow in (event.flow, event.rival))
    if event.reason != gate.Why.RIVAL:
        return "first"
    return f"priority {theirs} {ours}" if theirs != ours else "first"


def why_in_words(why: str) -> str:
    """What `why` of a line says on a page."""
    if why.startswith("priority"):
        _priority, theirs, ours = why.split()
        return _("priority %(theirs)s over %(ours)s") % {"theirs": theirs, "ours": ours}
    return {"first": _("its mail went first"), "before": _("a mail had gone out before")}[why]
