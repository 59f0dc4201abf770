"""`manage.py nurture [--once] [--json]`: advance and deliver by hand what the schedule does by itself.

`manage.py nurture --restored`, after the restore of a backup and before the workers start: send nothing twice.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from leads.nurture.advance import advance
from leads.nurture.restored import park as restored_park
from leads.sending import delivery

MOST_ROUNDS = 10_000


class Command(BaseCommand):
    help = "Advances sequences and delivers what is due now. Without --once it goes on every second until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then exit")
        parser.add_argument(
            "--json", action="store_true", help="end with one line of JSON: counts and seconds"
        )

        parser.add_argument(
            "--restored",
            action="store_true",
            help="after a restore: park what may have gone out since the backup, send nothing",
        )

    def handle(self, *args: Any, once: bool, json: bool, restored: bool, **options: Any) -> None:
        started = time.monotonic()
        with _stop_signals() as told:
            counts = Counter(restored_park(at=timezone.now())) if restored else work_off(told)
            while not (once or restored) and not told.wait(1):
                counts += work_off(told)
        seconds = round(time.monotonic() - started, 2)
        self.stdout.write(_as_json(counts, seconds) if json else _as_words(counts, seconds))


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """Set by SIGTERM or Ctrl-C: the mail being sent is finished, the rest stays due, and the counts are shown."""
    told = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield told
        return
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: told.set()) for number in numbers}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def work_off(told: threading.Event) -> Counter[str]:
    """Advance and deliver until nothing is due any more, nothing can be sent, or `told`; returns the counts."""
    counts: Counter[str] = Counter()
    for _ in range(MOST_ROUNDS):
        at = timezone.now()
        advanced = Counter(advance(at=at))
        delivered = Counter(delivery.deliver_due(at=at))
        counts += advanced + delivered
        moved = delivered["sent"] + delivered["failed"] + delivered["unknown"]
        if told.is_set() or (not +advanced and not moved):
            break
    return counts


def _as_json(counts: Counter[str], seconds: float) -> str:
    return json.dumps({**counts, "seconds": seconds})


def _as_words(counts: Counter[str], seconds: float) -> str:
    words = ", ".join(f"{number} {name}" for name, number in counts.items()) or "nothing was due"
    return f"{words} ({seconds} s)"
