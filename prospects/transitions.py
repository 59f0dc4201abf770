"""The one place where a prospect's stage changes: lock, conditional update, history row, signal.

Verbs (pipeline, handover, activity) decide whether; this decides how. Call everything here inside a transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from leads.lifecycle import note_sales_stage
from leads.models import Lead, Person
from prospects.models import Prospect, Reason, Stage, StageMove
from prospects.signals import stage_changed
from prospects.stages import CONTACTING


def lock(prospect: Prospect) -> Prospect:
    """Lock person, lead, prospect (the lock order of the house) and bring `prospect` itself up to date.

    Raises Conflict where the stage is no longer the one the caller saw, and where the cycle went to another person by a
    merge meanwhile: locking that one now would be against the order, and two could wait for each other.
    """
    seen, person_id = prospect.stage_id, prospect.person_id
    lock_person(person_id)
    # Locked before it is joined: PostgreSQL finds no row where it waited for one and the row's stage changed meanwhile.
    list(Prospect.objects.select_for_update().filter(pk=prospect.pk).values_list("pk"))
    prospect.refresh_from_db(
        from_queryset=Prospect.objects.select_related("person", "pipeline", "stage", "owner", "account")
    )
    if prospect.stage_id != seen or prospect.person_id != person_id:
        raise Conflict(now=state_in_words(prospect))
    return prospect


def lock_person(person_id: int) -> Person:
    """The person and their lead. Raises Conflict for one who was merged into another while we waited."""
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    if person.merged_into_id:
        raise Conflict(now=_("merged with another person"))
    list(Lead.objects.select_for_update(no_key=True).filter(person=person).values_list("pk"))
    return person


def state_in_words(prospect: Prospect) -> str:
    """The stage as it is, and whose: what the loser of a race is told."""
    if prospect.owner is None:
        return prospect.stage.name
    return _("%(stage)s, with %(owner)s") % {"stage": prospect.stage.name, "owner": prospect.owner}


def refuse_stranger(prospect: Prospect, by: Any) -> None:
    """Only the owner, a manager, or the system itself (None) works on a prospect. Raises Refused."""
    if by is None or by.pk == prospect.owner_id or by.has_perm("prospects.manage_prospects"):
        return
    if prospect.owner_id is None:
        raise Refused(_("Nobody owns this prospect yet."), missing=[_("an owner")])
    raise Refused(_("Only its owner or a manager may do this."))


def refuse_closed(prospect: Prospect) -> None:
    """A closed cycle takes no more moves. Raises Conflict, since it was open on the screen of whoever asks."""
    if not prospect.is_open:
        raise Conflict(now=state_in_words(prospect))


def begin(prospect: Prospect, *, at: datetime, by: Any, why: str) -> StageMove:
    """The first row of a new cycle's history."""
    move = StageMove.objects.create(
        prospect=prospect, old=None, new=prospect.stage, at=at, by=by, why=why[:300]
    )
    _tell(prospect, move)
    return move


def enter(
    prospect: Prospect,
    stage: Stage,
    *,
    at: datetime,
    by: Any,
    why: str = "",
    reason: Reason | None = None,
    agreement: int | None = None,
    **changed: Any,
) -> StageMove:
    """Move a locked prospect to `stage` and set the columns in `changed` with it. An end closes the cycle.

    `agreement` is the version that a verdict was given under.
    """
    old = prospect.stage
    changed |= {"stage": stage, "stage_since": at}
    if stage.kind != Stage.Kind.OPEN:
        changed |= {"closed_at": at, "reason": reason}
    if not Prospect.objects.filter(pk=prospect.pk, stage=old, closed_at=None).update(**changed):
        prospect.refresh_from_db()
        raise Conflict(now=state_in_words(prospect))
    for name, value in changed.items():
        setattr(prospect, name, value)
    move = StageMove.objects.create(
        prospect=prospect,
        old=old,
        new=stage,
        at=at,
        by=by,
        why=why[:300],
        reason=reason,
        agreement_id=agreement,
    )
    _tell(prospect, move)
    return move


def tell_leads(prospect: Prospect, *, at: datetime, moved_on: bool = False) -> None:
    """The stage and whose it is, as far as marketing reads them. `moved_on`: what a cadence was for is reached."""
    note_sales_stage(
        person=prospect.person,
        stage=prospect.stage.slug,
        open=prospect.is_open,
        at=at,
        owner=prospect.owner,
        moved_on=moved_on,
    )


def _tell(prospect: Prospect, move: StageMove) -> None:
    """Downward by a plain call, upward by the signal; both in this transaction."""
    moved_on = move.old is not None and prospect.is_open and move.new.slug != CONTACTING
    tell_leads(prospect, at=move.at, moved_on=moved_on)
    stage_changed.send_robust(sender=StageMove, move_id=move.pk)
