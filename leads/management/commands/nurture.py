"""`manage.py nurture [--once] [--json]`: advance and deliver by hand what the schedule does by itself."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from leads.nurture import delivery, enrolment

MOST_ROUNDS = 10_000


class Command(BaseCommand):
    help = "Advances sequences and delivers what is due now. Without --once it goes on every second until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then exit")
        parser.add_argument(
            "--json", action="store_true", help="end with one line of JSON: counts and seconds"
        )

    def handle(self, *args: Any, once: bool, json: bool, **options: Any) -> None:
        started = time.monotonic()
        counts = work_off() if once else self._until_told()
        seconds = round(time.monotonic() - started, 2)
        self.stdout.write(_as_json(counts, seconds) if json else _as_words(counts, seconds))

    def _until_told(self) -> Counter[str]:
        told = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told.set())
        counts: Counter[str] = Counter()
        while not told.is_set():
            counts += work_off()
            told.wait(1)
        return counts


def work_off() -> Counter[str]:
    """Advance and deliver until nothing is due any more or nothing can be sent; returns the counts."""
    counts: Counter[str] = Counter()
    for _ in range(MOST_ROUNDS):
        at = timezone.now()
        advanced = Counter(enrolment.advance(at=at))
        delivered = Counter(delivery.deliver_due(at=at))
        counts += advanced + delivered
        if not +advanced and not delivered["sent"] + delivered["failed"] + delivered["unknown"]:
            break
    return counts


def _as_json(counts: Counter[str], seconds: float) -> str:
    return json.dumps({**counts, "seconds": seconds})


def _as_words(counts: Counter[str], seconds: float) -> str:
    words = ", ".join(f"{number} {name}" for name, number in counts.items()) or "nothing was due"
    return f"{words} ({seconds} s)"
