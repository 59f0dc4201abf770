"""The only place that speaks to a mail back end (a test holds that): one mail a call over a connection that is kept."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend as MailServer

from leads.models import Message
from leads.sending import providers
from leads.sending.answers import SENT, Outcome, outcome_of
from leads.sending.letters import Letter

log = logging.getLogger(__name__)
State = Message.State

_METHOD = re.compile(r"^METHOD:(REQUEST|CANCEL|PUBLISH|REPLY)\s*$", re.M)
MOST_A_CONNECTION = 100
CLOSE_SECONDS = 2  # a server that does not answer QUIT is not waited for


@dataclass(frozen=True)
class Written:
    """A whole mail as the bytes that go over the line; only a mail server takes it so."""

    envelope: str
    to: str
    subject: str
    raw: bytes


class Line:
    """A kept connection of Django's mail back end. Opened at the first mail, and again after it broke."""

    def __init__(self) -> None:
        self._backend: Any = None
        self._sent = 0
        self._data_begun = False

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def open(self) -> None:
        """Connect, unless connected. Raises what the back end raises."""
        if self._backend is not None and self._sent < MOST_A_CONNECTION:
            return
        self.close()
        self._backend, self._sent = get_connection(fail_silently=False), 0
        try:
            self._backend.open()
        except Exception:
            self.close()  # a refused sign-in leaves the line itself open
            raise
        self._watch_data(getattr(self._backend, "connection", None))

    def _watch_data(self, smtp: Any) -> None:
        """Know whether the mail itself had begun to go over when a connection breaks."""
        if not hasattr(smtp, "data"):
            return
        begin: Callable[..., Any] = smtp.data

        def data(*arguments: Any) -> Any:
            self._data_begun = True
            return begin(*arguments)

        smtp.data = data

    @property
    def takes_bytes(self) -> bool:
        """Whether the other side is a mail server; other back ends want Django's own messages."""
        return isinstance(self._backend, MailServer)

    def send(self, ready: Letter | Written) -> Outcome:
        """Give one mail over and say what became of it. Never raises."""
        self._data_begun = False
        try:
            if isinstance(ready, Written):
                self._give(self._backend.connection, ready)
            else:
                self._backend.send_messages([providers.name_it(email(ready))])
        except Exception as error:  # noqa: BLE001 - every way to fail has an outcome of its own
            outcome = providers.outcome_of(error) or outcome_of(error, data_begun=self._data_begun)
        else:
            outcome = SENT
        self._sent += 1
        if outcome.reconnect or outcome.state == State.UNKNOWN:
            self.close()
        elif outcome.state != State.SENT:
            self._reset()
        return outcome

    def _give(self, smtp: Any, ready: Written) -> None:
        """As `sendmail`; where the server takes it (RFC 2920), sender, receiver and DATA go over in one trip."""
        smtp.ehlo_or_helo_if_needed()
        if not smtp.has_extn("pipelining"):
            smtp.sendmail(ready.envelope, [ready.to], ready.raw)
            return
        size = f" size={len(ready.raw)}" if smtp.has_extn("size") else ""
        smtp.send(f"mail FROM:<{ready.envelope}>{size}\r\nrcpt TO:<{ready.to}>\r\ndata\r\n".encode())
        refused: Exception | None = None
        for error in (
            lambda code, words: SMTPSenderRefused(code, words, ready.envelope),
            lambda code, words: SMTPRecipientsRefused({ready.to: (code, words)}),
        ):
            code, words = smtp.getreply()
            if code not in (250, 251) and refused is None:
                refused = error(code, words)
            if code == 421:
                raise refused or error(code, words)
        self._give_words(smtp, ready, refused)

    def _give_words(self, smtp: Any, ready: Written, refused: Exception | None) -> None:
        """The answer to DATA, and the mail itself unless something was refused before."""
        code, words = smtp.getreply()
        if refused is not None:
            if code == 354:
                smtp.close()  # it waits for words that are not to come; a line cut here is no mail
            raise refused
        if code != 354:
            raise SMTPDataError(code, words)
        self._data_begun = True
        raw = ready.raw.replace(b"\r\n.", b"\r\n..") if b"\r\n." in ready.raw else ready.raw
        smtp.send(raw + b".\r\n")
        code, words = smtp.getreply()
        if code != 250:
            raise SMTPDataError(code, words)

    def _reset(self) -> None:
        """A refused mail may leave the dialogue half way; where it cannot be begun anew, a new line is opened."""
        smtp = getattr(self._backend, "connection", None)
        try:
            if smtp is None or smtp.rset()[0] != 250:
                self.close()
        except Exception:  # noqa: BLE001 - a broken line is closed, whatever it says
            self.close()

    def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is None:
            return
        smtp = getattr(backend, "connection", None)
        try:
            if getattr(smtp, "sock", None) is not None:
                smtp.sock.settimeout(CLOSE_SECONDS)
            backend.close()
        except Exception as error:  # noqa: BLE001 - what was sent has been answered; a rude goodbye changes nothing
            log.debug("The mail server hung up: %s", type(error).__name__)


def email(ready: Letter) -> EmailMultiAlternatives:
    email = EmailMultiAlternatives(
        subject=ready.subject,
        body=ready.text,
        from_email=ready.envelope or ready.sender,
        to=[ready.to],
        headers={**ready.headers, "From": ready.sender},
    )
    email.attach_alternative(ready.html, "text/html")
    if ready.calendar:
        _invite(email, ready.calendar)
    return email


def _invite(email: EmailMultiAlternatives, calendar: str) -> None:
    """RFC 6047, 2.4: the method of the part is that of the file. Mailboxes that draw an invitation look for it among
    the alternatives (Gmail, Outlook); the others show a file to open (Apple Mail, and most programs). A provider's API
    has no room for a third alternative, so there the file carries the method."""
    found = _METHOD.search(calendar)
    kind = f"text/calendar; method={found[1] if found else 'REQUEST'}"
    if providers.by_provider():
        email.attach("invite.ics", calendar, kind)
        return
    email.attach_alternative(calendar, kind)
    email.attach("invite.ics", calendar.encode(), "application/ics")
