"""Turns within a rule, by a deficit counter: whoever could take a prospect is owed a share of it.

Nobody catches up what was given while they were away: a newcomer, and whoever comes back, starts where they stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prospects.models import AssignmentMember

DIGITS = 9  # thirds do not add up to one in binary; below this two are owed the same


def next_in_turn(able: Sequence[AssignmentMember]) -> AssignmentMember | None:
    """The one who is owed most once this prospect is shared out among those who could take it."""
    total = sum(member.weight for member in able)
    owed = {member.pk: round(member.owed + member.weight / total, DIGITS) for member in able}
    return max(able, key=lambda member: (owed[member.pk], -member.pk), default=None)


def count_turn(able: Sequence[AssignmentMember], user: Any) -> None:
    """Share one prospect out, and write down that `user` got it. The rows must be locked."""
    share_out(able, user.pk)
    AssignmentMember.objects.bulk_update(able, ["owed", "given"])


def share_out(able: Sequence[AssignmentMember], user_id: int) -> None:
    """The arithmetic of a turn: a share by weight for everybody able, one off for whoever got it."""
    total = sum(member.weight for member in able)
    for member in able:
        got = member.user_id == user_id
        member.owed = round(member.owed + member.weight / total - got, DIGITS)
        member.given += got


@dataclass(frozen=True)
class Share:
    """A line of the fairness table. `ideal` is the sum of the shares while this member could take one."""

    member: AssignmentMember
    standing: str
    given: int
    ideal: float
    part: float  # of what the rule gave, 0 to 1
    ideal_part: float

    @property
    def off(self) -> float:
        return self.given - self.ideal


def table(members: Sequence[AssignmentMember], standings: Sequence[str]) -> list[Share]:
    """What each member of a rule got, beside what would be exact."""
    total = sum(member.given for member in members) or 1
    return [
        Share(
            member, said, member.given, member.given + member.owed, member.given / total,
            (member.given + member.owed) / total,
        )
        for member, said in zip(members, standings, strict=True)
    ]  # fmt: skip
