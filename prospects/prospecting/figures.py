"""What became of those whom a list began: contacted → answered → conversation → meeting held → sales-qualified → won.

Each number is a condition on the rows of the list, so the page counts by it and the link lists by it. People are
counted once a list; their cycle is the one the list opened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leads.models import Message, Touch, TouchKind
from prospects.models import Call, ListedPerson, Meeting, ProspectingList, SocialTouch, Stage

State = ListedPerson.State
ANSWERS = (TouchKind.REPLY, TouchKind.FORM, TouchKind.INQUIRY)
_CYCLE = {"prospect": OuterRef("prospect")}
_SINCE = {"person": OuterRef("person"), "at__gte": OuterRef("started_at")}


def _conversation() -> Q:
    return Q(Exists(Call.objects.filter(**_CYCLE, outcome=Call.Outcome.CONVERSATION)))


def _held() -> Q:
    return Q(Exists(Meeting.objects.filter(**_CYCLE, outcome=Meeting.Outcome.HELD)))


def _answered() -> Q:
    """They said something themselves: a mail, a form, a message, on the phone, in a meeting."""
    said = Exists(Touch.objects.filter(**_SINCE, kind__in=ANSWERS))
    wrote = Exists(SocialTouch.objects.filter(**_CYCLE, what=SocialTouch.What.ANSWERED))
    return Q(said) | Q(wrote) | _conversation() | _held()


def _contacted() -> Q:
    """We did something: a call, a note on a network, a mail that went out since."""
    mails = Message.objects.filter(
        person=OuterRef("person"), state=Message.State.SENT, claimed_at__gte=OuterRef("started_at")
    )
    return Q(prospect__first_acted_at__isnull=False) | Q(Exists(mails)) | _answered()


STEPS: dict[str, tuple[str | Promise, Any]] = {
    "started": (_("Started"), Q),
    "contacted": (_("Contacted"), _contacted),
    "answered": (_("Answered"), _answered),
    "conversation": (_("Conversation"), _conversation),
    "held": (_("Meeting held"), _held),
    "qualified": (_("Sales-qualified"), lambda: Q(prospect__sales_qualified_at__isnull=False)),
    "won": (_("Won"), lambda: Q(prospect__stage__kind=Stage.Kind.WON)),
}


@dataclass
class Line:
    """One rep (None: nobody now) or, with `is_sum`, all of them; a number for each step."""

    rep: Any | None
    numbers: dict[str, int] = field(default_factory=dict)
    is_sum: bool = False


def started(rows: QuerySet[ListedPerson], step: str = "started", rep: str = "") -> QuerySet[ListedPerson]:
    """The rows behind a number. `rep`: an id, "none", or "" for all."""
    rows = rows.filter(STEPS[step][1](), state=State.STARTED)
    if rep == "none":
        return rows.filter(prospect__owner=None)
    return rows.filter(prospect__owner=rep) if rep else rows


def table(rows: QuerySet[ListedPerson]) -> list[Line]:
    """A line a rep and one for all, of the rows one may see. One query, and one for the names."""
    flags = {f"is_{key}": condition() for key, (_words, condition) in STEPS.items() if key != "started"}
    sums: dict[str, Any] = {"n_started": Count("pk")}
    sums |= {f"n_{name.removeprefix('is_')}": Count("pk", filter=when) for name, when in flags.items()}
    found = rows.filter(state=State.STARTED).order_by().annotate(rep=F("prospect__owner")).values("rep")
    counted: list[dict[str, Any]] = [dict(one) for one in found.annotate(**sums)]
    names = get_user_model().objects.in_bulk([one["rep"] for one in counted if one["rep"]])
    lines = [Line(names.get(one["rep"]), {key: one[f"n_{key}"] for key in STEPS}) for one in counted]
    lines.sort(key=lambda line: (-line.numbers["started"], str(line.rep)))
    total = Line(None, {key: sum(line.numbers[key] for line in lines) for key in STEPS}, is_sum=True)
    return [total, *lines] if lines else []


def states(rows: QuerySet[ListedPerson]) -> dict[str, int]:
    """How many rows are in each state."""
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def of_lists(lists: Iterable[ProspectingList], rows: QuerySet[ListedPerson]) -> dict[int, dict[str, int]]:
    """List → people, waiting, started, answered, qualified, of the rows one may see. One query."""
    found = rows.filter(list__in=[one.pk for one in lists]).order_by().values("list")
    begun = Q(state=State.STARTED)
    counted = found.annotate(
        people=Count("pk"),
        waiting=Count("pk", filter=Q(state=State.WAITING)),
        started=Count("pk", filter=begun),
        answered=Count("pk", filter=begun & _answered()),
        qualified=Count("pk", filter=begun & STEPS["qualified"][1]()),
    )
    return {one.pop("list"): one for one in counted}
