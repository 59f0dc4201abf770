"""Mail that leaves by a provider's API (django-anymail): what goes with each mail, and what a failed call means.

Where the provider takes a key of ours, a call that was not answered may be made again: it makes no second mail.
"""

from __future__ import annotations

from typing import Any

from anymail.backends.brevo import EmailBackend as BrevoBackend
from anymail.backends.resend import EmailBackend as ResendBackend
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMessage
from requests.exceptions import ConnectTimeout

from leads.models import Message
from leads.sending.answers import Outcome

State = Message.State


class Resend(ResendBackend):
    """Resend, with our Message-ID as its idempotency key."""

    def build_message_payload(self, message: EmailMessage, defaults: dict[str, Any]) -> Any:
        payload = super().build_message_payload(message, defaults)
        payload.headers = {**(payload.headers or {}), "Idempotency-Key": message.extra_headers["Message-ID"]}
        return payload


class Brevo(BrevoBackend):
    """Brevo, with our Message-ID as its idempotency key; Brevo takes it among the headers of a mail."""

    def build_message_payload(self, message: EmailMessage, defaults: dict[str, Any]) -> Any:
        payload = super().build_message_payload(message, defaults)
        payload.data.setdefault("headers", {})["idempotencyKey"] = message.extra_headers["Message-ID"]
        return payload


ONCE_BY_KEY = {f"{__name__}.{one.__name__}" for one in (Resend, Brevo)}


def name_it(email: EmailMessage) -> EmailMessage:
    """Have the provider give our Message-ID back with each event: its own number of a mail says nothing to us."""
    if by_provider():
        email.metadata = {"message": email.extra_headers["Message-ID"]}  # type: ignore[attr-defined]
    return email


def outcome_of(error: Exception) -> Outcome | None:
    """What a failed call means for its mail; None where it was no provider's."""
    if not isinstance(error, AnymailError):
        return None
    words = " ".join(str(error).split())[:200]
    if isinstance(error, AnymailRecipientsRefused):
        return Outcome(State.FAILED, "550", words)
    if not isinstance(error, AnymailAPIError):
        return Outcome(State.FAILED, words=words)  # cannot be put the provider's way
    if error.status_code is None:
        return _unanswered(error, words)
    return _answered(int(error.status_code), words)


def _answered(status: int, words: str) -> Outcome:
    code = str(status)
    if status in (401, 403):
        return Outcome(State.SCHEDULED, code, words, tried=False, sender_at_fault=True, failure=True)
    if status in (429, 503):
        return Outcome(State.SCHEDULED, code, words, failure=True)
    if status >= 500 or status < 300:  # or taken, and answered in a way nobody expected
        return _in_doubt(code, words)
    return Outcome(State.FAILED, code, words, content_refused=True)


def _unanswered(error: AnymailError, words: str) -> Outcome:
    cause = error.__cause__ or error.__context__
    refused = (
        isinstance(cause, ConnectTimeout)
        or "connection refused" in f"{cause}".lower()
        or "resolve" in f"{cause}"
    )
    if refused:
        return Outcome(State.SCHEDULED, words=words, tried=False, reconnect=True, failure=True)
    return _in_doubt("", words)


def _in_doubt(code: str, words: str) -> Outcome:
    if settings.EMAIL_BACKEND in ONCE_BY_KEY:
        return Outcome(State.SCHEDULED, code, words, reconnect=True, failure=True)
    return Outcome(State.UNKNOWN, code, words, reconnect=True, failure=True)


def by_provider() -> bool:
    """Whether mail leaves by a provider's API and not over SMTP."""
    return settings.EMAIL_BACKEND in ONCE_BY_KEY or settings.EMAIL_BACKEND.startswith("anymail.")
