"""Runs several processes as one: SIGTERM or Ctrl-C ends all of them in order, and the end of one ends all.

Those that the caller names are started again first: after 1, 2, 4, 8 seconds. When one of them has ended five times
within a minute it is taken to be broken, not unlucky, and ends all.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

GRACE_SECONDS = 40  # more than a web request, a mail and the embedded worker's own stop may take
MOST_ENDS, WITHIN_SECONDS = 5, 60.0
FIRST_PAUSE = 1.0  # seconds; doubled with each end within the minute


@dataclass
class Part:
    """One of the processes. `ends` are the moments at which it ended by itself, the last few of them."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    again: bool
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0
    ends: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_ENDS))

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches this process only, which then stops its parts in order.
        self.process = subprocess.Popen(self.command, env=self.environ, start_new_session=True)

    @property
    def status(self) -> int | None:
        return self.process.returncode if self.process else None

    def look_after(self) -> bool:
        """Start it, where it is time to. False when it has ended for good."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return True
        if self.process.poll() is None:
            return True
        self.ends.append(now)
        recent = sum(now - end < WITHIN_SECONDS for end in self.ends)
        if not self.again or recent >= MOST_ENDS:
            return False
        pause = FIRST_PAUSE * 2 ** (recent - 1)
        _say(f"{self.name} ended with status {self.status}; starting it again in {pause:g} s.")
        self.process, self.start_at = None, now + pause
        return True


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def run(
    commands: Mapping[str, Sequence[str]],
    *,
    again: Collection[str] = (),
    environ: Mapping[str, str] | None = None,
) -> int:
    """Start the commands and wait; those in `again` may end now and then. Returns 0 after a stop on request, else 1."""
    asked_to_stop: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: asked_to_stop.append(number))
    environment = {**os.environ, **(environ or {})}
    parts = [Part(name, command, environment, name in again) for name, command in commands.items()]
    try:
        while not asked_to_stop:
            for part in parts:
                if not part.look_after():
                    _say(f"{part.name} ended with status {part.status}; stopping the others.")
                    return 1
            time.sleep(0.2)
        return 0
    finally:
        _end([part.process for part in parts if part.process])


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        if child.poll() is None:
            child.terminate()
    end = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
