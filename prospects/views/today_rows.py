"""The rows of the day as they stand on the page: all is worked out here, so that the template only writes it down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from leads.addresses import address_of
from leads.templatetags.staff_ui import clock, grade
from prospects.day.today import Row, Section

FIRST = 20  # rows of a section to begin with


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where the one button of a row leads: its word, its key, and what it says to who cannot see the row."""

    href: str
    word: str
    key: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One thing to do. One of `accept` (an address), `met` (an address) and `link` is what its button does.

    `later` and `above` are addresses: put it off, and open it at the head of the page. What ends in `_said` is for
    who cannot see the row.
    """

    name: str
    initials: str
    role: str
    page: str
    mark: SafeString | str
    why: str
    red: bool
    waits: str
    when: SafeString | str
    seen: str
    accept: str
    accept_said: str
    met: str
    link: Link | None
    later: str
    later_said: str
    above: str
    above_said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits for one and the same reason: `rows` are the first of `waiting`. `more`: even those are not all."""

    key: str
    title: str | Promise
    hint: str | Promise
    rows: list[DayRow]
    waiting: int
    more: bool


def queues(sections: Iterable[Section], at: datetime, *, whole: str = "") -> list[Queue]:
    """The sections in which there is something to do, but the meetings, which stand beside.

    Each with its first rows, for they move up as one goes; the section `whole` with all of them.
    """
    draw = Drawing(at)
    return [
        Queue(
            key=section.key,
            title=section.title,
            hint=section.hint,
            rows=[draw.row(row) for row in section.rows[: None if section.key == whole else FIRST]],
            waiting=len(section.rows),
            more=section.more,
        )
        for section in sections
        if section.rows and section.key != "meetings"
    ]


class Drawing:
    """Draws rows as seen at `at`; the addresses are reversed once for all of them."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.day = reverse("staff-today")
        self.page, self.accept, self.met = (
            address_of(name) for name in ("staff-person", "staff-accept", "staff-meeting-done")
        )
        self.mail, self.social, self.later = (
            address_of(name) for name in ("staff-mail-write", "staff-social", "staff-snooze")
        )

    def row(self, row: Row) -> DayRow:
        prospect, person = row.prospect, row.prospect.person
        accepts, meets = row.action == "accept", row.action == "met"
        who = {"name": person.name}
        return DayRow(
            name=person.name,
            initials=person.initials,
            role=person.role_at,
            page=self.page(prospect.pk),
            mark=grade(row.grade) if row.grade else "",
            why=row.why,
            red=row.red,
            waits=row.waits,
            when=clock(row, self.at),
            seen=prospect.stage.slug,
            accept=self.accept(prospect.pk) if accepts else "",
            accept_said=_("Accept %(name)s") % who,
            met=self.met(row.meeting.pk) if meets and row.meeting else "",
            link=None if accepts or meets else self._link(row, who),
            later=f"{self.later(row.follow_up.pk)}?then=today" if row.follow_up else "",
            later_said=_("Put %(name)s off") % who,
            above=f"{self.day}?first={prospect.pk}",
            above_said=_("Open %(name)s above, to reject") % who,
        )

    def _link(self, row: Row, who: dict[str, str]) -> Link:
        pk = row.prospect.pk
        match row.action:
            case "call":
                return Link(
                    href=f"{self.page(pk)}#call", word=_("Call"), key="c", said=_("Call %(name)s") % who
                )
            case "social":
                said = _("Social touch with %(name)s") % who
                return Link(href=f"{self.social(pk)}?then=today", word=_("Social"), key="l", said=said)
            case "answer":
                said = _("A mail to %(name)s") % who
                return Link(href=f"{self.mail(pk)}?answer=last", word=_("Answer"), key="e", said=said)
            case "mail":
                return Link(href=self.mail(pk), word=_("Mail"), key="e", said=_("A mail to %(name)s") % who)
            case _:
                return Link(href=self.page(pk), word=_("Open"), key="", said=_("Open %(name)s") % who)
