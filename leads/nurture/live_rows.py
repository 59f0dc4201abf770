"""The people behind each number of the live view: who stands there, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import PublishedStep, Sequence, SequenceVersion
from leads.keyset import keyset_page
from leads.models import Enrolment, Message, Person, TouchKind
from leads.nurture import live

State = Enrolment.State

# Numbers of one step that are people on it, by their marks; each beside its name.
ON_THE_STEP: dict[str, str | Promise] = {
    "entered": _("came to this step"),
    "before": _("wait for its time"),
    "inside": _("wait for something to happen"),
    "first": _("went the first way"),
    "other": _("went the other way"),
    "goals": _("reached the goal after it"),
}
DID: dict[str, str | Promise] = {
    "opened": _("opened the mail"),
    "clicked": _("clicked in the mail"),
    "replied": _("replied"),
    "unsubscribed": _("unsubscribed by this mail"),
}
WALKS: dict[str, str | Promise] = {
    "enrolled": _("enrolled"),
    "active": _("inside now"),
    "finished": _("walked to the end"),
    "exited": _("left early"),
    "won": _("reached the goal"),
}
_TOUCHES = {"opened": TouchKind.OPEN, "clicked": TouchKind.CLICK, "replied": TouchKind.REPLY}


@dataclass(frozen=True)
class Row:
    """One person behind a number. `at`: when it happened or is due; `why`: the reason stored with it."""

    person: Person
    at: datetime | None
    state: str | Promise
    why: str

    @property
    def is_lead(self) -> bool:
        """A cold contact on a sequence of sales has no lead's page."""
        return hasattr(self.person, "lead") and not self.person.erased_at


@dataclass(frozen=True)
class Rows:
    """One page of them, with the cursors of its neighbours."""

    total: int
    rows: list[Row]
    newer: str
    older: str


def known(what: str) -> str | Promise | None:
    """What a number counts, in words; None where there is no such number."""
    return {**ON_THE_STEP, **DID, **WALKS, **dict(Message.State.choices)}.get(what)


def of_step(step: PublishedStep, what: str, *, reason: str = "", cursor: str = "") -> Rows:
    """Behind a number of one step: people by their marks, mails by state (and reason), or acts."""
    if what in Message.State.values:
        mails = Message.objects.filter(step=step, state=what)
        return _mails(mails.filter(reason=reason) if reason else mails, cursor)
    if what in DID:
        return _acts(step, what, cursor)
    return _walks(_on(step, what), cursor)


def of_sequence(sequence: Sequence, what: str, *, reason: str = "", cursor: str = "") -> Rows:
    """Behind a number of the whole sequence."""
    walks = Enrolment.objects.filter(sequence=sequence)
    if what == "won":
        walks = walks.exclude(goal_at=None)
    elif what in State.values:
        walks = walks.filter(state=what)
    return _walks(walks.filter(exit_reason=reason) if reason else walks, cursor)


def _on(step: PublishedStep, what: str) -> QuerySet[Enrolment]:
    bit = 1 << step.position
    walks = Enrolment.objects.of_versions([step.version_id]).annotate(
        came=F("entered").bitand(bit), went=F("went_first_way").bitand(bit)
    )
    here = walks.filter(state=State.ACTIVE, next_position=step.position)
    match what:
        case "before":
            return here.filter(waits_until=None).exclude(due_at=None)
        case "inside":
            return here.exclude(waits_until=None)
        case "first":
            return walks.filter(went__gt=0)
        case "other":
            return walks.filter(came__gt=0, went=0, position__gte=step.position)
        case "goals":
            return walks.filter(position=step.position).exclude(goal_at=None)
    return walks.filter(came__gt=0)


def _walks(walks: QuerySet[Enrolment], cursor: str) -> Rows:
    page = keyset_page(walks.select_related("person__lead"), keys=("-started_at", "-pk"), cursor=cursor)
    rows = [
        Row(
            walk.person,
            walk.ended_at or walk.due_at or walk.started_at,
            walk.get_state_display(),
            walk.exit_reason,
        )
        for walk in page.rows
    ]
    return Rows(walks.count(), rows, page.newer, page.older)


def _mails(mails: QuerySet[Message], cursor: str) -> Rows:
    page = keyset_page(mails.select_related("person__lead"), keys=("-due_at", "-pk"), cursor=cursor)
    rows = [
        Row(mail.person, mail.ended_at or mail.due_at, mail.get_state_display(), mail.reason or mail.code)
        for mail in page.rows
    ]
    return Rows(mails.count(), rows, page.newer, page.older)


def _acts(step: PublishedStep, what: str, cursor: str) -> Rows:
    """Each person once, however often they opened or clicked."""
    found: QuerySet[Any]
    version = SequenceVersion(pk=step.version_id)
    if what == "unsubscribed":
        found = live.unsubscribes(version).filter(message__step=step)
    else:
        found = live.touches(version).filter(message__step=step, kind=_TOUCHES[what])
    people = Person.objects.filter(pk__in=found.values("person")).select_related("lead")
    page = keyset_page(people, keys=("-pk",), cursor=cursor)
    when = dict(found.filter(person__in=page.rows).order_by("-at").values_list("person", "at"))
    rows = [Row(person, when.get(person.pk), DID[what], "") for person in page.rows]
    return Rows(people.count(), rows, page.newer, page.older)
