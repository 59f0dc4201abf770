"""Whose was this visit? Pure. A browser is not a person: several may sit before it, and none is taken for another.

1. Whoever identified themselves on the browser (sent a form, clicked in their own mail) is the visitor of the half
   hour that follows, until somebody else does.
2. Any other visit waits for half an hour. If somebody identifies themselves within it, the visit is theirs, unless
   another person had been there before: then it is nobody's.
3. If nobody does, it belongs to the one person ever seen on this browser so far; to nobody where there were several.
   Before anybody was seen, it belongs to the first who will be.

Somebody whom we may not name (no consent, or unlinked by hand) ends the half hour of the one before and gets nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

SITTING = timedelta(minutes=30)


class Open(Enum):
    """Not decided: somebody may still come forward."""

    WAIT = "wait"  # within this sitting
    UNKNOWN = "unknown"  # nobody has ever


@dataclass(frozen=True, order=True)
class Identified:
    """At this moment it was this person; None for one whom we may not name."""

    at: datetime
    person: int | None


def whose(at: datetime, seen: Sequence[Identified], *, now: datetime) -> int | Open | None:
    """The person of a visit at ``at``; None for nobody. ``seen`` is in order of time."""
    before = [one for one in seen if one.at <= at]
    after = [one for one in seen if one.at > at]
    if before and at - before[-1].at <= SITTING:
        return before[-1].person
    if now < at + SITTING:
        return Open.WAIT
    people = {one.person for one in before} - {None}
    if after and after[0].at - at <= SITTING:
        return after[0].person if people <= {after[0].person} else None
    if len(people) == 1:
        return people.pop()
    if people or before:
        return None
    return after[0].person if after else Open.UNKNOWN
