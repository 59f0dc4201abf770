"""From a row of a list to a cycle of work: assigned, opened, put on the cadence, each row in one transaction.

What cannot be started says why and stops nobody else. Sent twice is once: a row that is started stays as it is, and
"the best N" finds by the key of its form what the first press began.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.models import Sequence
from leads.nurture.enrolment import enrol
from prospects.assignment.choosing import choose
from prospects.clocks.clock import on_working_day
from prospects.clocks.working_time import hours_of
from prospects.handover import open_cold
from prospects.models import ListedPerson, Prospect, ProspectingList
from prospects.prospecting.ground import ground_of, record
from prospects.prospecting.seeing import free, perhaps_known
from prospects.prospecting.standing import standing_of
from prospects.stages import default_pipeline
from prospects.transitions import lock_person

State = ListedPerson.State
MOST = 100  # at one press: each is a transaction of its own, and somebody waits for the page
LOOK_AFTER_DAYS = 10  # a cadence makes its own follow-ups; this one asks what came of them


@dataclass(frozen=True)
class Told:
    """A row: done, same (begun already), refused (and why), or gone. `prospect`: the cycle, where there is one."""

    what: str
    said: str
    row: ListedPerson | None = None
    prospect: Prospect | None = None


@dataclass(frozen=True)
class Asked:
    """Whose the people become (None: by the rules), who asks, when, and the key of the form."""

    of_list: ProspectingList
    owner: Any | None
    by: Any
    at: datetime
    submit_key: UUID | None = None

    def key(self, what: object) -> UUID | None:
        return uuid5(self.submit_key, str(what)) if self.submit_key else None


def start_rows(asked: Asked, rows: Iterable[int]) -> list[Told]:
    """Begin work on the rows that were ticked, at most `MOST`. Raises Refused where nobody can be started at all."""
    _refuse_list(asked.of_list)
    ids = list(dict.fromkeys(rows))[:MOST]
    found = _for_start(ListedPerson.objects.filter(list=asked.of_list, pk__in=ids))
    by_id = {row.pk: row for row in found}
    return [_told(asked, by_id.get(pk), asked.key(pk)) for pk in ids]


def start_best(asked: Asked, number: int) -> list[Told]:
    """Begin work on the best of those who wait. The same form again answers with what the first press began."""
    _refuse_list(asked.of_list)
    twins = _begun_by(asked, min(number, MOST))
    if twins:
        return [_same(row) for row in twins]
    best = free(ListedPerson.objects.filter(list=asked.of_list))
    rows = list(_for_start(best.order_by(F("fit").desc(nulls_last=True), "pk"))[: min(number, MOST)])
    return [_told(asked, row, asked.key(place)) for place, row in enumerate(rows)]


def _for_start(rows: QuerySet[ListedPerson]) -> QuerySet[ListedPerson]:
    return rows.select_related("list__cadence", "person__company", "prospect__owner")


def _begun_by(asked: Asked, number: int) -> list[ListedPerson]:
    keys = [asked.key(place) for place in range(number)]
    if asked.submit_key is None:
        return []
    return list(_for_start(ListedPerson.objects.filter(list=asked.of_list, prospect__submit_key__in=keys)))


def _refuse_list(of_list: ProspectingList) -> None:
    if of_list.archived_at is not None:
        raise Refused(_("This list is archived. Bring it back first."))
    cadence = Sequence.objects.filter(pk=of_list.cadence_id).first()
    if cadence and cadence.state != Sequence.State.LIVE:
        raise Refused(
            _("The cadence “%(name)s” is not live. Publish it, or take it off the list.")
            % {"name": cadence.name}
        )


def _told(asked: Asked, row: ListedPerson | None, key: UUID | None) -> Told:
    if row is None:
        return Told("gone", _("Not on this list (any more)."))
    try:
        with transaction.atomic():
            prospect = _start(asked, row, key)
    except _BegunError:
        row = _for_start(ListedPerson.objects.filter(pk=row.pk)).get()
        return _same(row) if row.state == State.STARTED else Told("refused", _now(row), row)
    except (IntegrityError, _TwinError):
        return Told("same", _("Begun already."), row)
    except (Refused, Conflict) as no:
        return Told(
            "refused", _kept(row, str(no.message if isinstance(no, Refused) else no.now), asked.at), row
        )
    return Told("done", _("With %(owner)s.") % {"owner": prospect.owner}, row, prospect)


class _BegunError(Exception):
    """Somebody has moved the row already."""


class _TwinError(Exception):
    """The same form, pressed twice at this very moment: the other press has begun with somebody in this place."""


def _start(asked: Asked, row: ListedPerson, key: UUID | None) -> Prospect:
    """The whole of it, or nothing: row, turn, cycle, ground and cadence."""
    lock_person(row.person_id)
    mine = ListedPerson.objects.filter(pk=row.pk, person=row.person_id, state=State.WAITING)
    if not mine.update(state=State.STARTED, started_at=asked.at, why=""):
        raise _BegunError
    if ListedPerson.objects.filter(perhaps_known(), pk=row.pk).exists():
        raise Refused(_("Perhaps known already: look at both people first."))
    said = standing_of([row.person_id], at=asked.at).get(row.person_id)
    if said and said.final:
        raise Refused(said.why)
    owner, why, rule = _owner(asked, row)
    cadence = row.list.cadence
    prospect = open_cold(
        person=row.person, owner=owner, at=asked.at, by=asked.by, submit_key=key, assigned_why=why, rule=rule,
        **(_look_later(asked, owner, cadence) if cadence else {}),
    )  # fmt: skip
    if prospect.person_id != row.person_id:
        raise _TwinError
    record(person=row.person, ground=ground_of(row.list), by=asked.by, at=asked.at)
    if cadence and enrol(person=row.person, sequence=cadence, at=asked.at, by=asked.by) is None:
        raise Refused(_("The cadence does not take this person now."))
    ListedPerson.objects.filter(pk=row.pk).update(prospect=prospect)
    return prospect


def _owner(asked: Asked, row: ListedPerson) -> tuple[Any, str, Any]:
    if asked.owner is not None:
        why = _("From the list “%(list)s”, given by %(who)s") % {"list": row.list.name, "who": asked.by}
        return asked.owner, why, None
    choice = choose(pipeline=default_pipeline(), person=row.person, at=asked.at)
    if choice.owner is None:
        raise Refused(_("Nobody to give them to. %(why)s") % {"why": choice.why})
    return choice.owner, choice.why, choice.rule


def _look_later(asked: Asked, owner: Any, cadence: Sequence) -> dict[str, Any]:
    """The cadence says when to call; the promise of the cycle is to look at what came of it."""
    return {
        "step": _("See what came of the cadence “%(name)s”") % {"name": cadence.name},
        "step_at": on_working_day(asked.at, LOOK_AFTER_DAYS, hours_of(owner, asked.at)),
    }


def _kept(row: ListedPerson, why: str, at: datetime) -> str:
    """Who turned out to be known or silent does not wait any longer; anybody else still does."""
    said = standing_of([row.person_id], at=at).get(row.person_id)
    if said and said.final:
        ListedPerson.objects.filter(pk=row.pk, state=State.WAITING).update(
            state=said.state, why=said.why[:200]
        )
    return why


def _same(row: ListedPerson) -> Told:
    owner = row.prospect.owner if row.prospect else None
    return Told(
        "same", _("Begun already, with %(owner)s.") % {"owner": owner or _("nobody")}, row, row.prospect
    )


def _now(row: ListedPerson) -> str:
    return row.why or str(row.get_state_display())
