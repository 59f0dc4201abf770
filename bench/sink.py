"""A mail server that takes everything and keeps nothing, as fast as plain Python allows; it offers PIPELINING.

    python -m bench.sink PORT

The line COUNT (no SMTP command) is answered with the mails taken so far.
"""

from __future__ import annotations

import selectors
import socket
import sys

END = b"\r\n.\r\n"
HELLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 52428800\r\n"
taken = 0


class Line:
    """One connection: what has come and is not yet answered, and whether it is the inside of a mail."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"220 sink ESMTP\r\n")
        self.connection, self.come, self.inside = connection, b"", False

    def read(self) -> bool:
        """Answer what is there; False when the other side has gone or says goodbye."""
        try:
            more = self.connection.recv(1 << 18)
        except OSError:
            return False
        self.come += more
        answers: list[bytes] = []
        while self._one(answers):
            pass
        if answers:
            self.connection.sendall(b"".join(answers))
        return bool(more) and b"221 bye\r\n" not in answers

    def _one(self, answers: list[bytes]) -> bool:
        global taken
        found = self.come.find(END if self.inside else b"\n")
        if found < 0:
            return False
        if self.inside:
            self.come, self.inside = self.come[found + len(END) :], False
            taken += 1
            answers.append(b"250 2.0.0 taken\r\n")
            return True
        command, self.come = self.come[:found].upper(), self.come[found + 1 :]
        self.inside = command.startswith(b"DATA")
        answers.append(_answer(command))
        return True


def _answer(command: bytes) -> bytes:
    if command.startswith(b"EHLO"):
        return HELLO
    if command.startswith(b"DATA"):
        return b"354 go on\r\n"
    if command.startswith(b"QUIT"):
        return b"221 bye\r\n"
    return b"250 %d\r\n" % taken if command.startswith(b"COUNT") else b"250 fine\r\n"


def main() -> None:
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
    waiting = selectors.DefaultSelector()
    waiting.register(listener, selectors.EVENT_READ)
    while True:
        for key, _what in waiting.select():
            if key.data is None:
                connection = listener.accept()[0]
                waiting.register(connection, selectors.EVENT_READ, Line(connection))
            elif not key.data.read():
                waiting.unregister(key.fileobj)
                key.data.connection.close()


if __name__ == "__main__":
    main()
