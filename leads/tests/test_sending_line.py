"""A mail server that takes several commands in one trip (RFC 2920), and what its refusals mean there."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from leads.sending.line import Line, Written

MAIL = Written(
    "us@averdahl.example", "piet@maasland.example", "Hello", b"Subject: Hello\r\n\r\n.one\r\n..two\r\n"
)
FINE = {"mail": "250 fine", "rcpt": "250 fine", "data": "354 go on", ".": "250 taken"}


class Server:
    """Answers by command; "drop" breaks the connection. `heard`: what came, a list a connection."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = {}
        self.heard: list[list[str]] = []
        self.mails: list[bytes] = []

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                self.heard.append([])
                connection.sendall(b"220 here\r\n")
                for line in lines:
                    if not self.answer(line.decode().strip(), connection, lines):
                        break

    def answer(self, said: str, connection: socket.socket, lines) -> bool:
        command = said.lower().split()[0].partition(":")[0]
        self.heard[-1].append(command)
        if command in ("ehlo", "rset", "quit"):
            connection.sendall(
                b"250-here\r\n250-PIPELINING\r\n250 SIZE 1000000\r\n"
                if command == "ehlo"
                else b"250 fine\r\n"
            )
            return command != "quit"
        reply = self.next(command)
        if reply != "drop":
            connection.sendall(f"{reply}\r\n".encode())
        if not reply.startswith("354"):
            return reply != "drop"
        return self.words(connection, lines)

    def words(self, connection: socket.socket, lines) -> bool:
        kept = []
        for line in lines:
            if line == b".\r\n":
                self.mails.append(b"".join(kept))
                reply = self.next(".")
                if reply == "drop":
                    return False
                connection.sendall(f"{reply}\r\n".encode())
                return True
            kept.append(line)
        return False

    def next(self, command: str) -> str:
        told = self.answers.get(command)
        return told.pop(0) if told else FINE[command]


@contextmanager
def a_server(settings) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = listener.getsockname()
        settings.EMAIL_TIMEOUT = 5
        server = Server()
        threading.Thread(target=server.serve, args=[listener], daemon=True).start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)


def outcomes(number: int = 1) -> list:
    found = []
    with Line() as line:
        for _ in range(number):
            line.open()
            found.append(line.send(MAIL))
    return found


def test_mails_go_over_one_connection_whole_and_with_dots_doubled(settings):
    with a_server(settings) as server:
        assert [one.state for one in outcomes(3)] == ["sent"] * 3
    assert server.heard == [["ehlo", *["mail", "rcpt", "data"] * 3, "quit"]]
    assert server.mails == [b"Subject: Hello\r\n\r\n..one\r\n...two\r\n"] * 3


@pytest.mark.parametrize(
    ("answers", "state", "tried"),
    [
        ({"rcpt": ["550 5.1.1 nobody"], "data": ["554 no one to send to"]}, "failed", True),
        ({"rcpt": ["450 later"], "data": ["503 no"]}, "scheduled", True),
        ({"mail": ["550 not you"], "rcpt": ["503 no"], "data": ["503 no"]}, "scheduled", False),
        ({"mail": ["421 closing"]}, "scheduled", False),
        ({"rcpt": ["421 closing"]}, "scheduled", False),
        ({"data": ["451 busy"]}, "scheduled", True),
        ({".": ["554 spam"]}, "failed", True),
        ({"rcpt": ["drop"]}, "scheduled", False),
        ({"data": ["drop"]}, "scheduled", False),
        ({".": ["drop"]}, "unknown", True),
    ],
)
def test_each_refusal_means_what_it_means_one_command_at_a_time(settings, answers, state, tried):
    with a_server(settings) as server:
        server.answers = answers
        first, second = outcomes(2)
    assert (first.state, first.tried) == (state, tried)
    assert second.state == "sent"
    assert len(server.mails) == (2 if "." in answers else 1)


def test_a_server_that_wants_the_words_of_a_refused_mail_gets_none(settings):
    with a_server(settings) as server:
        server.answers = {"rcpt": ["550 5.1.1 nobody"]}
        assert [one.state for one in outcomes(2)] == ["failed", "sent"]
    assert (len(server.heard), len(server.mails)) == (2, 1)
