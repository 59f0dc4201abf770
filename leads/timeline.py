"""What a lead did and what we sent: touches, forms, mails, status moves, machine hits folded.

The part of a person's story that marketing may read; `prospects.timeline` adds calls, notes and stages.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Prefetch
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from leads.models import (
    Hit,
    LeadMove,
    MailEvent,
    Message,
    OwnMail,
    PastActivity,
    Person,
    Touch,
    TouchKind,
    Verdict,
)
from leads.sending.subject_line import subject_for
from leads.ways import first_and_last, heard_from, way_of

SIGNS: dict[str, str] = {
    TouchKind.VISIT: "eye",
    TouchKind.FORM: "form",
    TouchKind.INQUIRY: "form",
    TouchKind.DOWNLOAD: "down",
    TouchKind.READ: "doc",
    TouchKind.CLICK: "click",
    TouchKind.OPEN: "mail",
    TouchKind.REPLY: "reply",
    TouchKind.EVENT: "web",
    TouchKind.REFERRAL: "people",
    TouchKind.USAGE: "gauge",
    TouchKind.FIRST_CONTACT: "arrow",
}
PAST_SIGNS = {
    PastActivity.Kind.CALL: "phone",
    PastActivity.Kind.MEETING: "people",
    PastActivity.Kind.NOTE: "note",
    PastActivity.Kind.MAIL: "mail",
}


@dataclass(frozen=True)
class Chip:
    """A small mark or answer on a line: its words and a look (empty: plain)."""

    words: str
    look: str = ""


@dataclass(frozen=True)
class StoryLine:
    """One line of a timeline. `side` is theirs, ours or move; `folded` are machine hits near it, in words."""

    at: datetime
    sign: str
    side: str
    what: str
    about: str = ""
    note: str = ""
    said: str = ""
    folded: tuple[str, ...] = ()
    chips: tuple[Chip, ...] = ()


def lead_timeline(person: Person, limit: int = 60, *, apart: Iterable[OwnMail] = ()) -> list[StoryLine]:
    """The newest `limit` lines, newest first. Eight queries at most, however long the story is.

    `apart` are one-to-one mails that the caller shows with their words: here they are left out, and so are the replies
    that they are.
    """
    apart = list(apart)
    events = list(person.mail_events.exclude(kind=MailEvent.Kind.DELIVERED).select_related("message")[:limit])
    lines = [
        *_touches(person, limit, {event.at: event.words for event in events}, _moments(apart)),
        *_answers(events),
        *_messages(person, limit, {mail.sent_as_id for mail in apart}),
        *_moves(person, limit),
        *_past_activities(person, limit),
    ]
    lines.sort(key=lambda line: line.at, reverse=True)
    return _fold(lines[:limit], _machine_hits(person, limit))


def _moments(mails: Iterable[OwnMail]) -> set[datetime]:
    """When they wrote: a mail of theirs and the touch it is bear the same moment."""
    return {mail.at for mail in mails if mail.direction == OwnMail.Direction.IN}


def _touches(
    person: Person, limit: int, written: dict[datetime, str], apart: Container[datetime]
) -> list[StoryLine]:
    """`written`: what stood in their replies, by when; `apart`: of which of them nothing is said here."""
    rows = person.touches.select_related(
        "asset", "page", "channel", "campaign", "submission", "message__step"
    )
    ends = first_and_last(person)
    return [
        StoryLine(
            touch.at,
            SIGNS.get(touch.kind, "eye"),
            "theirs",
            touch_what(touch),
            touch_about(touch),
            _touch_note(touch),
            written.get(touch.at, "") if touch.kind == TouchKind.REPLY else _message_of(touch),
            chips=tuple(_marks(touch, ends)),
        )
        for touch in rows.order_by("-at", "-pk")[:limit]
        if touch.kind != TouchKind.REPLY or touch.at not in apart
    ]


def _answers(events: list[MailEvent]) -> list[StoryLine]:
    """What came back to our mails, but for replies: those are touches."""
    return [
        StoryLine(
            event.at,
            "mail",
            "theirs",
            str(event.get_kind_display()).capitalize(),
            _("in “%(subject)s”") % {"subject": event.message.subject} if event.message else "",
            " ".join(filter(None, [event.code, event.words])),
        )
        for event in events
        if event.kind != MailEvent.Kind.REPLY
    ]


def _past_activities(person: Person, limit: int) -> list[StoryLine]:
    """What our people did with this person while another system kept the history."""
    return [
        StoryLine(
            row.at,
            PAST_SIGNS[PastActivity.Kind(row.kind)],
            "ours",
            str(row.get_kind_display()).capitalize(),
            " · ".join(filter(None, [row.subject, row.outcome])),
            " · ".join(filter(None, [row.who, _("imported")])),
            row.text,
        )
        for row in person.past_activities.order_by("-at", "-pk")[:limit]
    ]


def _marks(touch: Touch, ends: tuple[int | None, int | None]) -> Iterator[Chip]:
    for end, words in zip(ends, (_("First touch"), _("Last touch")), strict=True):
        if touch.pk == end:
            yield Chip(words, "chip-accent")


def touch_about(touch: Touch) -> str:
    """What the touch was about: the piece, the page, the mail."""
    if touch.message_id and touch.message and touch.message.subject:
        return _("in “%(subject)s”") % {"subject": touch.message.subject}
    if touch.kind == TouchKind.INQUIRY:
        return str(touch.page or "")
    return str(touch.label or touch.asset or touch.page or "")


def touch_what(touch: Touch) -> str:
    """What they did, in words that can begin a line; an inquiry says what it asked for."""
    if touch.kind == TouchKind.INQUIRY and touch.label:
        return _("Asked for: %(what)s") % {"what": touch.label}
    return str(touch.get_kind_display()).capitalize()


def touch_words(touch: Touch | None) -> str:
    """Both in one line: `Downloaded The bearing paper`; empty where there is no touch."""
    return f"{touch_what(touch)} {touch_about(touch)}".strip() if touch else ""


def _touch_note(touch: Touch) -> str:
    parts = []
    if touch.seconds:
        parts.append(_("%(n)d min in view") % {"n": max(1, touch.seconds // 60)})
    if touch.depth:
        parts.append(_("%(n)d %% read") % {"n": touch.depth})
    parts += way_of(touch)
    said = heard_from(touch)
    if said:
        parts.append(_("they say: “%(words)s”") % {"words": said})
    return " · ".join(parts)


def _message_of(touch: Touch) -> str:
    return str(touch.submission.answers.get("message", "")) if touch.submission else ""


def _messages(person: Person, limit: int, apart: Container[int | None]) -> list[StoryLine]:
    rows = person.messages.filter(state__in=[Message.State.SENT, Message.State.UNKNOWN, Message.State.FAILED])
    return [
        StoryLine(
            message.ended_at or message.claimed_at or message.due_at,
            "mail",
            "ours",
            _("Mail %(state)s") % {"state": message.get_state_display()},
            f"“{message_subject(message)}”",
            message.reason,
        )
        for message in rows.select_related("words__offer").order_by("-due_at")[:limit]
        if message.pk not in apart
    ]


WITHOUT_SUBJECT = {
    Message.Kind.DOWNLOAD: gettext_lazy("Your download"),
    Message.Kind.OPT_IN: gettext_lazy("Please confirm your address"),
    Message.Kind.REQUEST: gettext_lazy("Your request about your data"),
}


def message_subject(message: Message) -> str:
    """The subject, of the message itself or of the step it is made from; else what it is for."""
    own = message.subject or (subject_for(message.person, message.words) if message.words else "")
    return own or str(WITHOUT_SUBJECT.get(Message.Kind(message.kind), message.get_kind_display()))


def _moves(person: Person, limit: int) -> list[StoryLine]:
    rows = LeadMove.objects.filter(lead__person=person).select_related("model")
    return [
        StoryLine(
            move.at,
            "check" if move.new == "marketing_qualified" else "arrow",
            "move",
            str(move.get_new_display()).capitalize(),
            move.get_way_display(),
            " · ".join(filter(None, [move.why, move.grade, str(move.model or "")])),
        )
        for move in rows.order_by("-at", "-pk")[:limit]
    ]


def _machine_hits(person: Person, limit: int) -> list[Hit]:
    """By the latest verdict; its reasons are in `verdicts`, the newest version first."""
    hits = Hit.objects.filter(person=person).with_verdict().filter(read_as=Verdict.Kind.MACHINE)
    newest = Prefetch("verdicts", Verdict.objects.order_by("-version"))
    return list(hits.order_by("-at").prefetch_related(newest)[:limit])


def _fold(lines: list[StoryLine], hits: list[Hit]) -> list[StoryLine]:
    """Hang each run of machine hits under the line that came just before it in the list."""
    if not hits:
        return lines
    if not lines:
        lines = [StoryLine(hits[0].at, "gauge", "move", _("Only machines so far"))]
    heaps: dict[int, list[Hit]] = {}
    for hit in hits:
        under = next((n for n, line in enumerate(lines) if line.at <= hit.at), len(lines) - 1)
        heaps.setdefault(under, []).append(hit)
    return [replace(line, folded=_in_words(heaps[n])) if n in heaps else line for n, line in enumerate(lines)]


def _in_words(hits: list[Hit]) -> tuple[str, ...]:
    head = ngettext("%(n)d machine hit folded", "%(n)d machine hits folded", len(hits)) % {"n": len(hits)}
    return (head, *(_machine_hit(hit) for hit in hits[:12]))


def _machine_hit(hit: Hit) -> str:
    when = formats.date_format(timezone.localtime(hit.at), "j M H:i")
    return f"{hit.get_kind_display()}, {when}: {hit.verdicts.all()[0].reasons}".rstrip(": ")
