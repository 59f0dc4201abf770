"""One person's whole story: what they did and what we sent (from leads), our calls, notes, meetings, stages, deals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.models import OwnMail, Person
from leads.templatetags.staff_ui import money
from leads.timeline import Chip, StoryLine, lead_timeline
from prospects.correspondence.talks import Talk, mails_of, talks
from prospects.models import BantAnswer, Call, DealMove, Meeting, Note, NoteFile, SocialTouch, StageMove

LOOKS = {"confirmed": "chip-good", "claimed": "chip-info", "no": "chip-bad", "unknown": ""}
SIGNS = {"won": "check", "lost": "x", "returned": "back", "disqualified": "x"}


@dataclass(frozen=True)
class Entry(StoryLine):
    """A line of the whole story. `kind` is lead, talk, call, social, note, meeting, stage or deal; `by` the colleague's
    name.

    `files` hang on a note, `recording` is the address of a call's; `talk` are the mails of one thread, at the moment of
    the newest; `agreement` is the number of what both teams had agreed on when the verdict was given.
    """

    kind: str = "lead"
    by: str = ""
    files: tuple[NoteFile, ...] = ()
    talk: Talk | None = None
    agreement: int | None = None
    recording: str = ""


def timeline(person: Person, limit: int = 60) -> list[Entry]:
    """The newest `limit` lines, newest first: sixteen queries at most, however long the story is."""
    social, mails = list(_social(person, limit)), mails_of(person, limit)
    lines = [
        *(_of_lead(line) for line in lead_timeline(person, limit, apart=mails) if not _told(line, social)),
        *social,
        *_talks(person, mails),
        *_calls(person, limit),
        *_notes(person, limit),
        *_meetings(person, limit),
        *_stage_moves(person, limit),
        *_deal_moves(person, limit),
    ]
    lines.sort(key=lambda line: line.at, reverse=True)
    return lines[:limit]


def _of_lead(line: StoryLine) -> Entry:
    return Entry(**{part.name: getattr(line, part.name) for part in fields(StoryLine)})


def _name(user: Any) -> str:
    return user.get_short_name() or user.get_username() if user else ""


def _notes_of(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _calls(person: Person, limit: int) -> Iterator[Entry]:
    calls = Call.objects.filter(prospect__person=person).select_related("by").prefetch_related("bant")
    for call in calls.order_by("-at", "-pk")[:limit]:
        what = _("Call") if call.direction == Call.Direction.OUT else _("They called")
        length = (
            ngettext("%(n)d minute", "%(n)d minutes", call.minutes) % {"n": call.minutes}
            if call.minutes
            else ""
        )
        yield Entry(
            call.at, "phone", "ours", what, str(call.get_outcome_display()), _notes_of(length, _name(call.by)),
            call.note, kind="call", by=_name(call.by), chips=tuple(_chips(call.bant.all())),
            recording=call.recording if call.recording.startswith(("https://", "http://")) else "",
        )  # fmt: skip


def _chips(answers: Iterable[BantAnswer]) -> Iterator[Chip]:
    for row in answers:
        yield Chip(f"{row.get_question_display()}: {row.get_state_display()}", LOOKS[row.state])


def _social(person: Person, limit: int) -> Iterator[Entry]:
    touches = SocialTouch.objects.filter(prospect__person=person).select_related("by")
    for touch in touches.order_by("-at", "-pk")[:limit]:
        theirs = touch.what == SocialTouch.What.ANSWERED
        yield Entry(
            touch.at, "reply" if theirs else "people", "theirs" if theirs else "ours",
            str(touch.get_what_display()).capitalize(), _("on %(network)s") % {"network": touch.get_network_display()},
            _name(touch.by), touch.text, kind="social", by=_name(touch.by),
        )  # fmt: skip


def _told(line: StoryLine, social: Iterable[Entry]) -> bool:
    """Whether this reply is an answer on a network, which stands there with the rep's words already."""
    return line.sign == "reply" and any(one.sign == "reply" and one.at == line.at for one in social)


def _notes(person: Person, limit: int) -> Iterator[Entry]:
    notes = Note.objects.filter(prospect__person=person).select_related("by").prefetch_related("files")
    for note in notes.order_by("-at", "-pk")[:limit]:
        yield Entry(
            note.at, "note", "ours", _("Note"), "", _name(note.by), note.text, kind="note", by=_name(note.by),
            files=tuple(note.files.all()),
        )  # fmt: skip


def _meetings(person: Person, limit: int) -> Iterator[Entry]:
    meetings = Meeting.objects.filter(prospect__person=person).select_related("by").order_by("-at", "-pk")
    for meeting in meetings[:limit]:
        said = _notes_of(str(meeting.get_outcome_display()), _name(meeting.by))
        yield Entry(
            meeting.at,
            "people",
            "ours",
            _("Meeting"),
            meeting.subject,
            said,
            kind="meeting",
            by=_name(meeting.by),
        )


def _talks(person: Person, mails: list[OwnMail]) -> Iterator[Entry]:
    for talk in talks(mails, person):
        newest = talk.newest
        what = _("We wrote") if newest.ours else _("They wrote")
        yield Entry(
            newest.at, "mail" if newest.ours else "reply", "ours" if newest.ours else "theirs", what,
            f"“{talk.subject}”", kind="talk", by=newest.who if newest.ours else "", talk=talk,
        )  # fmt: skip


def _stage_moves(person: Person, limit: int) -> Iterator[Entry]:
    moves = StageMove.objects.filter(prospect__person=person)
    moves = moves.select_related("old", "new", "by", "reason", "agreement")
    for move in moves.order_by("-at", "-pk")[:limit]:
        about = _("from %(stage)s") % {"stage": move.old.name} if move.old else _("a cycle with sales begins")
        reason = move.reason.name if move.reason else ""
        past = _("imported") if move.imported else ""
        yield Entry(
            move.at, SIGNS.get(move.new.kind, "arrow"), "move", move.new.name, about,
            _notes_of(reason, move.why, past, _name(move.by)), kind="stage", by=_name(move.by),
            agreement=move.agreement.number if move.agreement else None,
        )  # fmt: skip


def _amount(move: DealMove) -> str:
    return money(move.deal.amount, move.deal.currency) if move.deal.amount is not None else ""


def _deal_moves(person: Person, limit: int) -> Iterator[Entry]:
    moves = DealMove.objects.filter(deal__prospect__person=person).select_related("deal", "by")
    for move in moves.order_by("-at", "-pk")[:limit]:
        what = _("Deal %(state)s") % {"state": move.get_new_display()}
        yield Entry(
            move.at, "coin", "move", what, move.deal.title, _notes_of(_amount(move),
            _name(move.by)), kind="deal", by=_name(move.by),
        )  # fmt: skip
