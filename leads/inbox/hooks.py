"""Calls of mail providers: stored as they came, then read into the same verbs as the mails of our mailbox."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from leads import preferences
from leads.feedback import effects, matching, providers
from leads.feedback.effects import Told
from leads.feedback.parts import storable
from leads.feedback.verdicts import HARD, SOFT, US, Verdict, code_of, reply_of, verdict
from leads.models import Inbound, Message, Person
from leads.nudge import nudge

log = logging.getLogger(__name__)

KEPT_HEADERS = ("svix-id",)
NOTHING = "other"


def keep(request: HttpRequest, *, provider: str, at: datetime) -> Inbound:
    """Store a call whose proof holds. The same body again answers with the first."""
    head = {"content-type": request.content_type or "application/json"}
    head |= {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
    key = hashlib.sha256(repr(sorted(head.items())).encode() + request.body).hexdigest()
    row, made = Inbound.objects.get_or_create(
        source=Inbound.Source.WEBHOOK,
        provider=provider,
        key=key,
        defaults={"body": json.dumps(head).encode() + b"\n" + request.body, "received_at": at},
    )
    if made:
        nudge("leads.inbox.intake.work_due")
    return row


def work(row: Inbound) -> str:
    """Do what the events of a stored call say; returns what it was read as. An unknown message is logged only."""
    head, _line, body = bytes(row.body).partition(b"\n")
    if row.provider == providers.HEADWATER:
        events = _own_events(body)
    else:
        events = providers.events_of(row.provider, _request(json.loads(head), body))
    done = [_take(event, row, number) for number, event in enumerate(events)]
    return next((kind for kind in done if kind not in (NOTHING, "unmatched")), next(iter(done), NOTHING))


def _request(head: Mapping[str, str], body: bytes) -> HttpRequest:
    """The call once more, for the code that reads such calls."""
    named = {f"HTTP_{name.upper().replace('-', '_')}": head[name] for name in KEPT_HEADERS if name in head}
    return WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "CONTENT_TYPE": head["content-type"],
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            **named,
        }
    )


def _own_events(body: bytes) -> list[AnymailTrackingEvent]:
    """`{"events": [{"id", "event", "message_id", "recipient", "words", "at"}]}` of our own mail server."""
    rows = json.loads(body)["events"]
    return [
        AnymailTrackingEvent(
            event_type=row["event"],
            event_id=str(row.get("id", "")),
            timestamp=parse_datetime(str(row.get("at", ""))),
            message_id=str(row.get("message_id", "")),
            recipient=str(row.get("recipient", "")),
            mta_response=str(row.get("words", "")),
            esp_event=row,
        )
        for row in rows
    ]


def _take(event: Any, row: Inbound, number: int) -> str:
    act = _ACTS.get(event.event_type)
    if act is None:
        return NOTHING  # opens and clicks of a provider's own tracking are nobody's consent
    person, message = _about(event, row.received_at)
    if message is None and person is None:
        log.info("%s tells of a mail that is not ours (%s)", row.provider, event.event_type)
        return "unmatched"
    words = _plain(event.mta_response or event.description)
    told = Told(
        key=_key(event, row, number),
        at=_when(event, row),
        message=message,
        person=person,
        address=_plain(event.recipient),
        code=code_of(words) or reply_of(words),
        words=words,
        inbound=row,
    )
    act(told, event)
    return str(event.event_type)


def _about(event: Any, at: datetime) -> tuple[Person | None, Message | None]:
    """By the Message-ID that we gave the provider along, by the one it names, by the address last."""
    metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
    named = _plain(event.message_id).strip("<> ")
    message = matching.by_message_id([_plain(metadata.get("message")), f"<{named}>"])
    if message:
        return None, message
    return matching.by_address(_plain(event.recipient), at=at)


def _plain(said: object) -> str:
    """What a call says, on one line: JSON may hold what no database keeps, and servers' words are anybody's."""
    return " ".join(storable(str(said or "")).split())


def _key(event: Any, row: Inbound, number: int) -> str:
    own = _plain(event.event_id) or f"{row.key}:{number}"
    return f"{row.provider}:{hashlib.sha256(f'{event.event_type}:{own}'.encode()).hexdigest()}"


def _when(event: Any, row: Inbound) -> datetime:
    """The provider's time, never later than when we heard of it."""
    at = event.timestamp or row.received_at
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(at, row.received_at)


def _bounced(told: Told, event: Any) -> None:
    if event.reject_reason == RejectReason.UNSUBSCRIBED:
        return _unsubscribed(told, event)
    effects.bounced(told, kind=_verdict(told, event).kind)
    return None


def _verdict(told: Told, event: Any) -> Verdict:
    """The server's words, where they say something; else the class the provider gives it."""
    found = verdict(told.words, status=told.code)
    if found.sure:
        return found
    if event.reject_reason == RejectReason.INVALID or _says_hard(event.esp_event):
        return HARD
    return US if event.reject_reason in (RejectReason.BLOCKED, RejectReason.SPAM) else SOFT


def _says_hard(event: Any) -> bool:
    said = [event.get(name) for name in ("Type", "event", "type")] if isinstance(event, Mapping) else []
    return any(
        str(one).lower().replace("_", "").replace(".", "").endswith(("hardbounce", "hardbounced"))
        for one in said
    )


def _deferred(told: Told, event: Any) -> None:
    found = verdict(told.words, status=told.code)
    effects.bounced(told, kind=(US if found == US else SOFT).kind, final=False)


def _unsubscribed(told: Told, event: Any) -> None:
    if told.whose:
        preferences.stop_all(
            person=told.whose, at=told.at, message=told.message, evidence=f"by {event.event_type}"
        )


_ACTS: dict[str, Callable[[Told, Any], Any]] = {
    EventType.DELIVERED: lambda told, event: effects.delivered(told),
    EventType.BOUNCED: _bounced,
    EventType.REJECTED: _bounced,
    EventType.FAILED: _bounced,
    EventType.DEFERRED: _deferred,
    EventType.COMPLAINED: lambda told, event: effects.complained(told),
    EventType.AUTORESPONDED: lambda told, event: effects.auto_replied(told),
    EventType.UNSUBSCRIBED: _unsubscribed,
}
