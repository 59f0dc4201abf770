"""A rep leaves: one action moves what they work on, by the rules or to one colleague, and can be taken back.

Closed cycles, calls, notes and every row of history keep the name: only what still has to be done changes hands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.errors import Conflict, Refused
from campaigns.models import Sequence
from leads.models import Enrolment, FilingAddress, OwnMail, Person
from leads.own_mail import addresses
from prospects import notices
from prospects.assignment import give
from prospects.assignment.choosing import choose
from prospects.models import Account, AssignmentMember, DealMove, FollowUp, Notice, Prospect, Rep, Transfer
from prospects.transitions import lock, refuse_closed

MAY = "prospects.manage_prospects"
MAY_WORK = "prospects.work_prospects"
PROSPECTS, FOLLOW_UPS, ACCOUNTS, TURNS, CALENDAR = "prospects", "follow_ups", "accounts", "turns", "calendar"
MAIL = "mail"
Row = list[Any]  # id, old value, new value


@dataclass(frozen=True)
class Plan:
    """What would move, before anything does."""

    prospects: int
    follow_ups: int
    cadences: int
    accounts: int
    turns: int
    calendar: bool
    mail: bool

    @property
    def is_empty(self) -> bool:
        return not any((self.prospects, self.follow_ups, self.accounts, self.turns, self.calendar, self.mail))


@dataclass(frozen=True)
class Undone:
    """How many rows came back, and how many stay because somebody has gone on with them."""

    back: int
    stay: int


def plan(leaver: Any) -> Plan:
    """Counts only; seven queries."""
    mine = _prospects(leaver)
    running = Enrolment.objects.filter(
        person__in=mine.values("person"),
        state=Enrolment.State.ACTIVE,
        sequence__audience=Sequence.Audience.PROSPECTS,
    )
    return Plan(
        prospects=mine.count(),
        follow_ups=_follow_ups(leaver).count(),
        cadences=running.count(),
        accounts=Account.objects.filter(owner=leaver).count(),
        turns=_turns(leaver).count(),
        calendar=Rep.objects.filter(user=leaver, calendar_key__isnull=False).exists(),
        mail=FilingAddress.objects.filter(user=leaver, off_at=None).exists(),
    )


def _prospects(leaver: Any) -> Any:
    return Prospect.objects.open().filter(owner=leaver)


def _follow_ups(leaver: Any) -> Any:
    """Those of closed cycles as well: a customer's question still wants an answer."""
    return FollowUp.objects.filter(owner=leaver, done_at=None)


def _turns(leaver: Any) -> Any:
    return AssignmentMember.objects.filter(user=leaver, weight__gt=0)


def move_all(*, leaver: Any, to: Any | None, by: Any, at: datetime, submit_key: Any = None) -> Transfer:
    """Everything to `to`, or with None each by the assignment rules. A second press answers with the first.

    Raises Refused where nothing is left to move, or `to` does not work prospects; Conflict where what is the leaver's
    changed at this moment.
    """
    _refuse(leaver, to, by)
    with transaction.atomic():
        get_user_model().objects.select_for_update(no_key=True).get(pk=leaver.pk)
        twin = Transfer.objects.filter(submit_key=submit_key).first() if submit_key else None
        if twin is not None:
            return twin
        _lock_people(leaver)
        if plan(leaver).is_empty:
            raise Refused(_("%(who)s has nothing left to hand over.") % {"who": leaver})
        moved = {
            TURNS: _end_turns(leaver),
            PROSPECTS: _give_all(leaver, to, by, at),
            FOLLOW_UPS: _follow_ups_to(leaver, to),
            ACCOUNTS: _accounts_to(leaver, to),
            CALENDAR: _close_calendar(leaver),
            MAIL: _close_mail(leaver, at),
        }
        row = Transfer.objects.create(leaver=leaver, moved=moved, at=at, by=by, submit_key=submit_key)
        _tell(row, moved[PROSPECTS])
    return row


def _refuse(leaver: Any, to: Any | None, by: Any) -> None:
    if not by.has_perm(MAY):
        raise Refused(_("Only a manager hands over a rep's work."))
    if to is not None and (to.pk == leaver.pk or not to.is_active or not to.has_perm(MAY_WORK)):
        raise Refused(_("%(who)s cannot take it over.") % {"who": to})


def _lock_people(leaver: Any) -> None:
    """All of them, in order, before any member of a rule: a handover that holds one person waits for members only.

    Raises Conflict where a merge or an assignment gave the leaver another person while we waited for one.
    """
    theirs = _prospects(leaver).values_list("person", flat=True)
    people = Person.objects.select_for_update(no_key=True).filter(pk__in=theirs)
    locked = set(people.order_by("pk").values_list("pk", flat=True))
    if not locked.issuperset(theirs.all()):
        raise Conflict(now=_("other prospects than a moment ago"))


def _end_turns(leaver: Any) -> list[Row]:
    """First of all, so that no rule gives the leaver anything."""
    rows = [
        [turn.pk, turn.weight, 0] for turn in _turns(leaver).select_for_update(of=("self",)).order_by("pk")
    ]
    _turns(leaver).update(weight=0)
    return rows


def _give_all(leaver: Any, to: Any | None, by: Any, at: datetime) -> list[Row]:
    """In the order of the persons. Their rows are locked, so no stage and no owner changes meanwhile."""
    rows = []
    for prospect in _prospects(leaver).select_related("stage", "person").order_by("person", "pk"):
        lock(prospect)
        said = _("%(who)s left") % {"who": leaver}
        owner, why, rule = to, said, None
        if to is None:
            choice = choose(pipeline=prospect.pipeline, person=prospect.person, at=at, without=leaver)
            owner, why, rule = choice.owner, f"{said}: {choice.why}", choice.rule
        given = give(prospect=prospect, owner=owner, by=by, at=at, why=why, rule=rule, tell=False)
        rows.append([prospect.pk, leaver.pk, owner.pk if owner else None, given.pk if given else None])
    return rows


def _follow_ups_to(leaver: Any, to: Any | None) -> list[Row]:
    """What did not move with an open prospect: to the colleague, else to whoever works on the person now."""
    rows = []
    for one in _follow_ups(leaver).select_related("prospect").select_for_update(of=("self",)).order_by("pk"):
        owner = to.pk if to else _works_on(one.prospect.person_id, leaver)
        FollowUp.objects.filter(pk=one.pk).update(owner=owner)
        rows.append([one.pk, leaver.pk, owner])
    return rows


def _works_on(person_id: int, leaver: Any) -> int | None:
    return (
        Prospect.objects.open()
        .filter(person=person_id)
        .exclude(owner=leaver)
        .values_list("owner", flat=True)
        .first()
    )


def _accounts_to(leaver: Any, to: Any | None) -> list[Row]:
    """By the rules: to the colleague who got most of the account's open prospects, else to nobody."""
    rows = []
    for account in Account.objects.filter(owner=leaver).select_for_update(of=("self",)).order_by("pk"):
        owner = to.pk if to else _most_of(account)
        Account.objects.filter(pk=account.pk).update(owner=owner)
        rows.append([account.pk, leaver.pk, owner])
    return rows


def _most_of(account: Account) -> int | None:
    owners = account.prospects.filter(closed_at=None, owner__isnull=False).order_by().values_list("owner")
    most = owners.annotate(n=Count("pk")).order_by("-n", "owner").first()
    return most[0] if most else None


def _close_calendar(leaver: Any) -> list[Row]:
    """The private address of the calendar answers no more."""
    rep = Rep.objects.select_for_update(of=("self",)).filter(user=leaver, calendar_key__isnull=False).first()
    if rep is None:
        return []
    Rep.objects.filter(pk=rep.pk).update(calendar_key=None)
    return [[rep.pk, rep.calendar_key, None]]


def _close_mail(leaver: Any, at: datetime) -> list[Row]:
    """Mail to the private address files nothing: nobody who left may write on timelines. The key is kept for undo."""
    off = addresses.switch_off(user=leaver, at=at)
    return [[leaver.pk, None, at.isoformat()]] if off else []


def _tell(row: Transfer, moved: Iterable[Row]) -> None:
    """One notice for each colleague, however many prospects came."""
    numbers: dict[int, int] = {}
    for _pk, _old, new, *_rest in moved:
        if new is not None:
            numbers[new] = numbers.get(new, 0) + 1
    users = get_user_model().objects.in_bulk(numbers)
    notices.tell_all(
        notices.notice(
            user=users[pk], kind=Notice.Kind.ASSIGNED, at=row.at, key=f"transfer:{row.pk}:{pk}",
            text=ngettext("%(n)d prospect of %(who)s is yours now.", "%(n)d prospects of %(who)s are yours now.", n)
            % {"n": n, "who": row.leaver},
        )
        for pk, n in numbers.items()
    )  # fmt: skip


def undo(*, transfer: Transfer, by: Any, at: datetime) -> Undone:
    """Bring back what nobody has changed since; the rest stays where it is. Twice is Conflict.

    Raises Refused where the leaver cannot work on it: their login has ended, or they are no rep any more.
    """
    if not by.has_perm(MAY):
        raise Refused(_("Only a manager takes this back."))
    with transaction.atomic():
        _refuse_gone(get_user_model().objects.select_for_update(no_key=True).get(pk=transfer.leaver_id))
        mine = Transfer.objects.filter(pk=transfer.pk, undone_at=None)
        if not mine.update(undone_at=at, undone_by=by):
            raise Conflict(now=_("taken back already"))
        moved, leaver = transfer.moved, transfer.leaver
        back = _prospects_back(moved.get(PROSPECTS, []), leaver, by, at)
        back += _rows_back(FollowUp.objects.filter(done_at=None), "owner", moved.get(FOLLOW_UPS, []))
        back += _rows_back(Account.objects.all(), "owner", moved.get(ACCOUNTS, []))
        back += _rows_back(AssignmentMember.objects.all(), "weight", moved.get(TURNS, []))
        back += _rows_back(Rep.objects.all(), "calendar_key", moved.get(CALENDAR, []))
        back += _rows_back(FilingAddress.objects.all(), "off_at", moved.get(MAIL, []))
        transfer.refresh_from_db()
    return Undone(back, sum(len(rows) for rows in moved.values()) - back)


def _refuse_gone(leaver: Any) -> None:
    if not leaver.is_active:
        raise Refused(
            _("%(who)s cannot sign in any more: nobody would see the work. Let them sign in again first.")
            % {"who": leaver}
        )
    if not leaver.has_perm(MAY_WORK):
        raise Refused(_("%(who)s does not work prospects any more.") % {"who": leaver})


def _rows_back(rows: Any, column: str, moved: Iterable[Row]) -> int:
    return sum(rows.filter(pk=pk, **{column: new}).update(**{column: old}) for pk, old, new in moved)


def _prospects_back(moved: Iterable[Row], leaver: Any, by: Any, at: datetime) -> int:
    """Only where the transfer is still the newest assignment of an open cycle on which nobody has acted."""
    given = {pk: (new, assignment) for pk, _old, new, assignment in moved}
    back = 0
    for prospect in (
        Prospect.objects.filter(pk__in=given).select_related("stage", "person").order_by("person", "pk")
    ):
        try:
            lock(prospect)
            refuse_closed(prospect)
        except Conflict:
            continue
        new, assignment = given[prospect.pk]
        newest = prospect.assignments.order_by("at", "pk").last()
        if (
            prospect.owner_id != new
            or newest is None
            or newest.pk != assignment
            or _went_on(prospect, newest.at)
        ):
            continue
        why = _("Taken back: %(who)s stays") % {"who": leaver}
        back += give(prospect=prospect, owner=leaver, by=by, at=at, why=why, tell=False) is not None
    return back


SIGNS_OF_WORK: tuple[Callable[[Prospect, datetime], Any], ...] = (
    lambda prospect, since: prospect.moves.filter(at__gt=since, by__isnull=False),
    lambda prospect, since: prospect.calls.filter(recorded_at__gt=since, by__isnull=False),
    lambda prospect, since: prospect.meetings.filter(recorded_at__gt=since),
    lambda prospect, since: prospect.notes.filter(at__gt=since),
    lambda prospect, since: prospect.social_touches.filter(recorded_at__gt=since),
    lambda prospect, since: prospect.follow_ups.filter(created_at__gt=since, created_by__isnull=False),
    lambda prospect, since: prospect.follow_ups.filter(done_at__gt=since, done_by__isnull=False),
    lambda prospect, since: DealMove.objects.filter(deal__prospect=prospect, at__gt=since, by__isnull=False),
    lambda prospect, since: OwnMail.objects.filter(
        person=prospect.person_id, direction=OwnMail.Direction.OUT, at__gt=since, user__isnull=False
    ),
)


def _went_on(prospect: Prospect, since: datetime) -> bool:
    """Whether the new owner has begun to work on it: then it is theirs."""
    return any(rows(prospect, since).exists() for rows in SIGNS_OF_WORK)
