"""The providers whose calls are taken: whose code reads their events, and what proves that a call is theirs.

A provider without its secret is answered 404: there is no open door. Settings: `ANYMAIL` (docs/answers.md).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.base import AnymailCoreWebhookView
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.conf import settings
from django.http import HttpRequest

from leads.keyrings import keys

WINDOW = timedelta(minutes=5)
HEADWATER = "headwater"


class NotTheirs(Exception):
    """The call does not prove whose it is, or is too old."""


Proof = Callable[[HttpRequest, datetime], None]


@dataclass(frozen=True)
class Provider:
    """`reads`: the view of django-anymail that normalises events. `needs`: settings of which one must be there."""

    reads: type[AnymailCoreWebhookView] | None
    needs: tuple[str, ...] = ("WEBHOOK_SECRET",)
    proof: Proof | None = None

    @property
    def is_set_up(self) -> bool:
        return self.reads is None or any(settings.ANYMAIL.get(name) for name in self.needs)

    def view(self) -> Any:
        """Who signs needs no password besides; theirs is for those who only have that."""
        assert self.reads is not None
        return self.reads(**({} if "WEBHOOK_SECRET" in self.needs else {"webhook_secret": []}))

    def check(self, request: HttpRequest, at: datetime) -> None:
        """Raises NotTheirs."""
        if self.proof:
            self.proof(request, at)
        if self.reads is not None and self.reads is not ResendTrackingWebhookView:
            try:
                self.view().run_validators(request)
            except AnymailWebhookValidationFailure as error:
                raise NotTheirs(str(error)) from None
            except UnicodeEncodeError:  # a signed part that is not ASCII; django-anymail counts on it
                raise NotTheirs("signed in letters that no signature has") from None


def _is_near(seconds: object, at: datetime) -> bool:
    try:
        return abs(at.timestamp() - float(str(seconds))) <= WINDOW.total_seconds()
    except (ValueError, OverflowError):
        return False


def _mailgun_time(request: HttpRequest, at: datetime) -> None:
    """The signed time; django-anymail checks the signature over it."""
    try:
        signed = json.loads(request.body)["signature"]["timestamp"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotTheirs("no signed time") from None
    if not _is_near(signed, at):
        raise NotTheirs("signed more than five minutes away from now")


def _svix(request: HttpRequest, at: datetime) -> None:
    """Resend signs by Svix: HMAC-SHA256 over id, time and raw body."""
    named, signed_at = request.headers.get("svix-id", ""), request.headers.get("svix-timestamp", "")
    secret = str(settings.ANYMAIL.get("RESEND_SIGNING_SECRET", "")).removeprefix("whsec_")
    if not (secret and named and _is_near(signed_at, at)):
        raise NotTheirs("not signed, or more than five minutes away from now")
    try:
        key = base64.b64decode(secret)
    except binascii.Error:
        raise NotTheirs("ANYMAIL_RESEND_SIGNING_SECRET is no secret of Resend's") from None
    digest = hmac.new(key, f"{named}.{signed_at}.".encode() + request.body, hashlib.sha256).digest()
    wanted = b"v1," + base64.b64encode(digest)
    given = request.headers.get("svix-signature", "").encode().split()
    if not any(hmac.compare_digest(wanted, one) for one in given):
        raise NotTheirs("wrong signature")


def _own(request: HttpRequest, at: datetime) -> None:
    """Our own mail server or log shipper: `t=<seconds>,v1=<hex HMAC-SHA256 of "t." and the raw body>`."""
    parts = dict(
        part.strip().partition("=")[::2]
        for part in request.headers.get("X-Headwater-Signature", "").split(",")
    )
    if not _is_near(parts.get("t", ""), at):
        raise NotTheirs("not signed, or more than five minutes away from now")
    given = parts.get("v1", "").encode()
    if not any(
        hmac.compare_digest(sign(request.body, parts["t"], key).encode(), given) for key in keys("hooks")
    ):
        raise NotTheirs("wrong signature")


def sign(body: bytes, seconds: str, key: str) -> str:
    """The signature of a call of our own; `key` is a line of ``DATA_DIR/keys/hooks``."""
    return hmac.new(key.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


PROVIDERS: dict[str, Provider] = {
    HEADWATER: Provider(None, (), _own),
    "brevo": Provider(BrevoTrackingWebhookView),
    "mailersend": Provider(MailerSendTrackingWebhookView, ("MAILERSEND_SIGNING_SECRET",)),
    "mailgun": Provider(
        MailgunTrackingWebhookView, ("MAILGUN_WEBHOOK_SIGNING_KEY", "MAILGUN_API_KEY"), _mailgun_time
    ),
    "mailjet": Provider(MailjetTrackingWebhookView),
    "mandrill": Provider(MandrillCombinedWebhookView, ("MANDRILL_WEBHOOK_KEY",)),
    "postmark": Provider(PostmarkTrackingWebhookView),
    "resend": Provider(ResendTrackingWebhookView, ("RESEND_SIGNING_SECRET",), _svix),
    "sparkpost": Provider(SparkPostTrackingWebhookView),
}


def events_of(provider: str, request: HttpRequest) -> list[Any]:
    """The call's events in django-anymail's one form. Raises what a body raises that is no such call."""
    known = PROVIDERS[provider]
    view = _Resend() if known.reads is ResendTrackingWebhookView else known.view()
    return view.parse_events(request)


class _Resend(ResendTrackingWebhookView):
    """Reads only: the signature was checked when the call came, without the package that Resend's makers sell it by."""

    def __init__(self) -> None:
        self.validators: list[Any] = []
