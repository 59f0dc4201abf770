"""Somebody is left out of a list, with the reason, and taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from prospects.models import ListedPerson
from prospects.prospecting.ground import ground_of, record
from prospects.prospecting.standing import standing_of

State = ListedPerson.State


def set_aside(*, row: ListedPerson, why: str, by: Any) -> None:
    """Nobody is to call them from this list. Raises Refused without a reason, Conflict where work has begun."""
    why = " ".join(why.split())
    if not why:
        raise Refused(_("Say why they are set aside."))
    words = _("%(why)s (%(who)s)") % {"why": why[:150], "who": by}
    _move(row, (State.WAITING,), state=State.SET_ASIDE, why=words[:200])


def take_back(*, row: ListedPerson, by: Any, at: datetime) -> None:
    """Into the queue again, on the list's ground. Raises Refused for whoever asked for silence, is a lead, or is with a
    colleague; Conflict where it waits already or work has begun."""
    with transaction.atomic():
        said = standing_of([row.person_id], at=at).get(row.person_id)
        if said and said.final:
            raise Refused(said.why)
        _move(row, (State.KNOWN, State.SET_ASIDE), state=State.WAITING, why="")
        record(person=row.person, ground=ground_of(row.list), by=by, at=at)


def _move(row: ListedPerson, old: tuple[str, ...], **new: Any) -> None:
    """One conditional UPDATE: of two people one wins."""
    if not ListedPerson.objects.filter(pk=row.pk, state__in=old).update(**new):
        now = ListedPerson.objects.get(pk=row.pk)
        raise Conflict(now=_("%(state)s.") % {"state": now.get_state_display().capitalize()})
