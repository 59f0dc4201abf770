"""The mail server of the storm: takes mail, and hangs up on some after DATA, when nobody can know any more."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import threading
from collections import Counter
from typing import Any

from aiosmtpd.controller import Controller


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class Sink:
    """`arrived` counts whole mails by (address, Message-ID); `answered` those of them that were told 250."""

    def __init__(self, *, drops: float, seconds: float, seed: int) -> None:
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        self.arrived: Counter[tuple[str, str]] = Counter()
        self.answered: Counter[tuple[str, str]] = Counter()
        self.dropped = 0
        self._drops, self._seconds, self._chance = drops, seconds, random.Random(seed)
        self._lock = threading.Lock()
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        head = envelope.content.split(b"\r\n\r\n", 1)[0].decode("ascii", "replace").replace("\r\n ", " ")
        line = next(line for line in head.split("\r\n") if line.lower().startswith("message-id:"))
        mail = (envelope.rcpt_tos[0], line.split(":", 1)[1].strip())
        with self._lock:
            self.arrived[mail] += 1
            drop = self._chance.random() < self._drops
            self.dropped += drop
        if self._seconds:
            await asyncio.sleep(self._seconds)
        if drop:
            server.transport.close()
            return "451 never read"
        with self._lock:
            self.answered[mail] += 1
        return "250 taken"
