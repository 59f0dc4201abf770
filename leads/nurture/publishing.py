"""Publishing a change while people walk: who stays, who moves, who is done, and how many mails each choice means."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from campaigns import sequences
from campaigns.errors import Conflict, Refused
from campaigns.models import PublishedStep, SequenceVersion
from campaigns.models import Sequence as MailSequence
from campaigns.unpublished import has_changes
from leads.models import Enrolment
from leads.nudge import nudge
from leads.nurture.leaving import leave
from leads.nurture.taking_over import Stand, mails_ahead, place, take_over
from leads.nurture.walk import Steps

STAY, MOVE, FINISH = "stay", "move", "finish"
CHOICES = (STAY, MOVE, FINISH)
FINISHED = "ended by a newer version"

Key = tuple[int, int]  # version id, position of the step that is done


@dataclass(frozen=True)
class Group:
    """People of one version who have done the same step.

    `mails_if_stay`, `mails_if_move`: mails they would still get in all, at most; `least_…`: at least. They differ
    where branches do. Finishing means none. A mail that is only scheduled counts among those to come.
    """

    version: SequenceVersion
    position: int
    people: int = 0
    mails_if_stay: int = 0
    mails_if_move: int = 0
    least_if_stay: int = 0
    least_if_move: int = 0
    done: PublishedStep | None = None  # the step that is done; None at the start

    @property
    def key(self) -> Key:
        return self.version.pk, self.position


@dataclass(frozen=True)
class Published:
    """What publishing did. `kept`: stay on their version because their mail was being sent at that moment."""

    version: SequenceVersion
    moved: int = 0
    finished: int = 0
    stayed: int = 0
    kept: int = 0


def groups(sequence: MailSequence) -> list[Group]:
    """Who walks this sequence now, newest version first, with what each choice would mean for the steps as written."""
    written = sequences.frozen(sequences.working_steps(sequence))
    return _groups(sequence, {step.position: step for step in written})


def publish(
    *,
    sequence: MailSequence,
    choices: Mapping[Key, str],
    findings: Sequence[Mapping[str, Any]] = (),
    by: Any,
    at: datetime,
) -> Published:
    """Freeze the steps as the next version and do with the people inside what `choices` says, in one transaction.

    Raises Refused where nothing has changed since the last version (a second press), or with what is missing;
    Conflict where people stand where nobody was asked about: the page must be looked at again.
    """
    with transaction.atomic():
        sequence = MailSequence.objects.select_for_update().get(pk=sequence.pk)
        if sequence.state != MailSequence.State.ENDED and not has_changes(sequence):
            raise Refused(_("Nothing has changed since the last version: there is nothing to publish."))
        inside = _locked(sequence)
        _refuse_gaps(inside, choices)
        version = sequences.publish(sequence=sequence, by=by, at=at, findings=findings)
        counts = _take_over(inside, choices, version, by, at)
    nudge("leads.nurture.advance.advance")
    return Published(version, **counts)


def _groups(sequence: MailSequence, new: Steps) -> list[Group]:
    stands = _stands(sequence)
    versions = SequenceVersion.objects.in_bulk({stand.version_id for stand in stands})
    paths = {pk: _steps(version) for pk, version in versions.items()}
    ahead = {pk: mails_ahead(steps) for pk, steps in paths.items()}
    ahead_new = mails_ahead(new)
    sums: dict[Key, _Sum] = defaultdict(_Sum)
    for stand, people in stands.items():
        _position, next_position = place(stand, paths[stand.version_id], new)
        stays = ahead[stand.version_id].get(stand.next_position, (0, 0))
        sums[stand.version_id, stand.position].add(people, stays, ahead_new[next_position])
    found = [
        Group(versions[version], position, done=paths[version].get(position), **vars(one))
        for (version, position), one in sums.items()
    ]
    return sorted(found, key=lambda group: (-group.version.number, group.position))


@dataclass
class _Sum:
    people: int = 0
    mails_if_stay: int = 0
    mails_if_move: int = 0
    least_if_stay: int = 0
    least_if_move: int = 0

    def add(self, people: int, stays: tuple[int, int], moves: tuple[int, int]) -> None:
        self.people += people
        self.least_if_stay += people * stays[0]
        self.mails_if_stay += people * stays[1]
        self.least_if_move += people * moves[0]
        self.mails_if_move += people * moves[1]


def _stands(sequence: MailSequence) -> dict[Stand, int]:
    """One query; few patterns, however many people."""
    walking = Enrolment.objects.filter(sequence=sequence, state=Enrolment.State.ACTIVE).order_by()
    columns = ("version_id", "position", "next_position", "entered", "went_first_way")
    rows = walking.values_list(*columns).annotate(people=Count("pk"))
    return {Stand(*stand): people for *stand, people in rows}


def _steps(version: SequenceVersion) -> dict[int, PublishedStep]:
    return {step.position: step for step in version.steps.all()}


def _locked(sequence: MailSequence) -> dict[Key, list[int]]:
    """Everybody inside, by group, held until the end: nobody takes a step meanwhile."""
    walking = Enrolment.objects.select_for_update(no_key=True).filter(
        sequence=sequence, state=Enrolment.State.ACTIVE
    )
    found: dict[Key, list[int]] = defaultdict(list)
    for pk, version, position in walking.order_by("pk").values_list("pk", "version_id", "position"):
        found[version, position].append(pk)
    return found


def _refuse_gaps(inside: Mapping[Key, Sequence[int]], choices: Mapping[Key, str]) -> None:
    if unknown := set(choices.values()) - set(CHOICES):
        raise Refused(_("Choose stay, move or finish."), missing=sorted(unknown))
    if set(inside) - set(choices):
        raise Conflict(now=_("some people have walked on meanwhile; look at the numbers again"))


def _take_over(
    inside: Mapping[Key, Sequence[int]],
    choices: Mapping[Key, str],
    version: SequenceVersion,
    by: Any,
    at: datetime,
) -> dict[str, int]:
    counts: Counter[str] = Counter(moved=0, finished=0, stayed=0, kept=0)
    new = _steps(version)
    for key, ids in inside.items():
        if choices[key] == MOVE:
            old = _steps(SequenceVersion.objects.get(pk=key[0]))
            counts.update(take_over(ids, old=old, new=new, version=version, by=by, at=at))
        elif choices[key] == FINISH:
            some = Enrolment.objects.filter(sequence=version.sequence_id, version=key[0], position=key[1])
            counts["finished"] += leave(some, reason=FINISHED, at=at)
        else:
            counts["stayed"] += len(ids)
    return dict(counts)
