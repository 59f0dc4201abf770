"""People and leads from another system's file, a batch at a time (docs/importing.md).

What is known stays: empty columns are filled, a changed value becomes a new fact, nothing is replaced. Consent is
recorded only on a stated legal basis; a suppression is never lifted. History raises no signal, clock or mail. A list
that is no history is a touch of whoever stands on it: a lead keeps being one lead, an owner gets a notice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from leads.importing.changes import Changes
from leads.importing.consents import add_consents
from leads.importing.due import make_due
from leads.importing.people import fill_blanks, find_people, make_people
from leads.importing.rows import Entered, PastLead, Source
from leads.many_rows import reserve_ids
from leads.models import Fact, Lead, LeadMove, LeadScore, LeadStatus, Touch, WorkRequest
from leads.nudge import nudge

S = LeadStatus
PATHS: dict[str, tuple[str, ...]] = {
    S.NEW: (),
    S.NURTURING: (S.NURTURING,),
    S.MARKETING_QUALIFIED: (S.MARKETING_QUALIFIED,),
}
MOVE = ("id", "lead_id", "old", "new", "at", "handed_at")
LEAD = (
    "id", "person_id", "status", "status_since", "created_at", "first_touch_id", "last_touch_id",
    "marketing_qualified_at",
)  # fmt: skip


def import_leads(
    *, rows: Sequence[PastLead], source: Source, by: Any, at: datetime, changes: Changes | None = None
) -> list[Entered]:
    """Write one batch; call inside a transaction. No key may stand twice in `rows`. At most 25 statements.

    Raises IntegrityError where somebody captured one of the people at this moment: run the batch again.
    """
    changes = changes if changes is not None else Changes()
    entered = [Entered(row) for row in rows]
    find_people(entered, source)
    going = [one for one in entered if one.what != "refused"]
    phones: set[str | None] = {None}
    make_people(going, source, changes, phones)
    fill_blanks(going, changes, phones)
    fresh = [] if source.cold else [one for one in going if not one.lead_id]
    known = [] if source.cold or source.history else [one for one in going if one.person]
    _touch_known([one for one in known if one.lead_id], source, at, changes)
    _make_leads(fresh, source, by, at, changes)
    _tell_owners(known, source, at, changes)
    _add_facts(going, source, by, at, changes)
    add_consents(going, source, by, at, changes)
    _make_dirty(going, fresh, at, changes)
    return entered


def _make_leads(fresh: Sequence[Entered], source: Source, by: Any, at: datetime, changes: Changes) -> None:
    """Touch, lead and moves of people who are no lead yet."""
    touches = reserve_ids(Touch, len(fresh))
    leads: list[tuple[Any, ...]] = []
    moves: list[list[Any]] = []
    for one, touch, number in zip(fresh, touches, reserve_ids(Lead, len(fresh)), strict=True):
        path = list(_path(one, source))
        one.lead_id = number
        one.now_changed()
        qualified = one.row.at if S.MARKETING_QUALIFIED in path else None
        when = one.row.at
        leads.append((number, one.person_id, path[-1], when, when, touch, touch, qualified))
        moves += [
            [0, number, old, new, when, when if new == S.MARKETING_QUALIFIED else None]
            for old, new in zip(["", *path], path, strict=False)
        ]
    _write_touches(fresh, touches, source, at, changes)
    changes.insert_values(Lead, LEAD, leads, recorded_at=at)
    _write_moves(fresh, moves, source, by, at, changes)


def _path(one: Entered, source: Source) -> Iterator[str]:
    """The lead's way to its status, all dated as the file says."""
    yield str(S.NEW)
    if one.row.won_at:
        # A sale says that sales had taken the lead over; the file does not say when.
        yield str(S.MARKETING_QUALIFIED)
        yield str(S.CUSTOMER)
    elif one.person is not None and one.person.sales_stage == "won" and not source.history:
        # Won as a cold contact: a customer already, so the first list makes no new prospect of them.
        yield str(S.CUSTOMER)
    else:
        yield from map(str, PATHS[source.status])


def _write_touches(
    touched: Sequence[Entered], ids: Sequence[int], source: Source, at: datetime, changes: Changes
) -> None:
    rows = [
        (number, one.person_id, one.row.at, one.row.channel, one.row.campaign)
        for number, one in zip(ids, touched, strict=True)
    ]
    names = ("id", "person_id", "at", "channel_id", "campaign_id")
    changes.insert_values(Touch, names, rows, kind=source.touch, recorded_at=at, label=source.detail[:160])


def _write_moves(
    fresh: Sequence[Entered], moves: list[list[Any]], source: Source, by: Any, at: datetime, changes: Changes
) -> None:
    """Handed over long ago, elsewhere: `handed_at` keeps the sweep from opening a cycle."""
    by_lead = {one.lead_id: one for one in fresh}
    for number, move in zip(reserve_ids(LeadMove, len(moves)), moves, strict=True):
        move[0] = number
        if move[3] == S.MARKETING_QUALIFIED:
            by_lead[move[1]].qualified_move = number
    way = LeadMove.Way.IMPORTED if source.history else LeadMove.Way.CAPTURE
    changes.insert_values(
        LeadMove, MOVE, moves, way=way, why=source.detail, recorded_at=at, by_id=by.pk if by else None
    )


def _touch_known(known: Sequence[Entered], source: Source, at: datetime, changes: Changes) -> None:
    """A list is a touch of the leads on it, too; the same list once more is none."""
    if not known:
        return
    kept = Touch.objects.filter(
        person__in=[one.person_id for one in known], kind=source.touch, label=source.detail[:160]
    )
    have = set(kept.values_list("person", "campaign"))
    new = [one for one in known if (one.person_id, one.row.campaign) not in have]
    ids = reserve_ids(Touch, len(new))
    _write_touches(new, ids, source, at, changes)
    moved = []
    for one, touch in zip(new, ids, strict=True):
        one.now_changed()
        if one.lead is not None and one.row.at == at:
            changes.move(one.lead, last_touch_id=touch)
            moved.append(one.lead)
    if moved:
        Lead.objects.bulk_update(moved, ["last_touch"])


def _tell_owners(known: Sequence[Entered], source: Source, at: datetime, changes: Changes) -> None:
    """Whom sales works on, or sold to: the owner should know, and nothing else happens."""
    told = [
        one for one in known
        if one.what == "changed" and one.person
        and (one.person.sales_open or (one.lead and one.lead.status == S.CUSTOMER))
    ]  # fmt: skip
    if not told:
        return
    keys = {f"list:{source.detail[:40]}:{one.row.campaign or 0}:{one.person_id}": one for one in told}
    have = set(WorkRequest.objects.filter(key__in=keys).values_list("key", flat=True))
    new = [(key, one) for key, one in keys.items() if key not in have]
    ids = reserve_ids(WorkRequest, len(new))
    rows = [(number, key, one.person_id) for number, (key, one) in zip(ids, new, strict=True)]
    changes.insert_values(
        WorkRequest, ("id", "key", "person_id"), rows, kind=WorkRequest.Kind.LIST, note=source.detail, at=at
    )  # fmt: skip


def _add_facts(going: Sequence[Entered], source: Source, by: Any, at: datetime, changes: Changes) -> None:
    """Facts that are new or differ from the last one of this source."""
    last = _last_facts([one.person_id for one in going if one.person and one.row.facts], source)
    new: list[tuple[Any, ...]] = []
    for one in going:
        for name, value in one.row.facts.items():
            if last.get((one.person_id, name)) == value:
                continue
            new.append((one.person_id, name, value, one.row.at))
            one.now_changed()
    rows = [(number, *fact) for number, fact in zip(reserve_ids(Fact, len(new)), new, strict=True)]
    changes.insert_values(
        Fact, ("id", "person_id", "field", "value", "at"), rows, source=Fact.Source.IMPORTED,
        detail=source.detail, recorded_at=at, by_id=by.pk if by else None,
    )  # fmt: skip


def _last_facts(people: Sequence[int], source: Source) -> dict[tuple[int, str], str]:
    if not people:
        return {}
    facts = Fact.objects.filter(person__in=people, detail=source.detail).order_by("at", "pk")
    return {(person, name): value for person, name, value in facts.values_list("person", "field", "value")}


def _make_dirty(going: Sequence[Entered], fresh: Sequence[Entered], at: datetime, changes: Changes) -> None:
    """The rescorer takes them by and by; known leads that did not change are left alone."""
    changes.insert_values(LeadScore, ("lead_id",), [(one.lead_id,) for one in fresh], dirty_at=at)
    known = [one.lead_id for one in going if one.what == "changed" and one.lead]
    make_due(lead_ids=known, at=at, changes=changes)
    if fresh:
        nudge("leads.scoring.rescore.rescore_dirty")
