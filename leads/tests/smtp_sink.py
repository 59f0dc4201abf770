"""A mail server for tests that answers as it is told and keeps what it took."""

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Sink:
    """`to_rcpt` and `to_data` are answers by order of asking; past their end everything is taken.

    The answer "drop" breaks the connection at that place: before the mail was given over, or after.
    `heard` is set when a mail has come; it is answered once `answers` is set, as it is unless a test clears it.
    """

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.senders: list[str] = []  # of the mails kept
        self.rcpts: list[str] = []
        self.to_rcpt: list[str] = []
        self.to_data: list[str] = []
        self.connections = 0
        self.heard, self.answers = threading.Event(), threading.Event()
        self.answers.set()

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.to_rcpt.pop(0) if self.to_rcpt else ""
        if answer == "drop":
            server.transport.close()
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):
        answer = self.to_data.pop(0) if self.to_data else ""
        self.heard.set()
        await asyncio.to_thread(self.answers.wait, 20)
        if answer in ("", "drop"):
            self.kept.append(envelope.content)
            self.senders.append(envelope.mail_from)
            self.rcpts.extend(envelope.rcpt_tos)
        if answer == "drop":
            server.transport.close()
        return answer or "250 taken"


def _no(*given) -> AuthResult:
    return AuthResult(success=False, handled=False)


@contextmanager
def mail_server(settings, *, refuses_login: bool = False) -> Iterator[Sink]:
    """Point Django's SMTP back end at a new sink."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    more = {}
    if refuses_login:
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "wrong"
        more = {"authenticator": _no, "auth_require_tls": False}
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
