"""Runs several processes as one: if one ends all end, and SIGTERM or Ctrl-C ends all of them in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import FrameType

GRACE_SECONDS = 40  # more than a web request, a mail and the embedded worker's own stop may take


class Stop(Exception):
    """Somebody asked for the end."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stop


def run(commands: Mapping[str, Sequence[str]], *, environ: Mapping[str, str] | None = None) -> int:
    """Start the commands and wait. Returns 0 after a stop on request, 1 when one of them ended by itself."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    # A session of its own each: Ctrl-C reaches this process only, which then stops them in order.
    children = {
        name: subprocess.Popen(command, env={**os.environ, **(environ or {})}, start_new_session=True)
        for name, command in commands.items()
    }
    try:
        while True:
            for name, child in children.items():
                if child.poll() is not None:
                    sys.stderr.write(f"{name} ended with status {child.returncode}; stopping the others.\n")
                    return 1
            time.sleep(0.2)
    except Stop:
        return 0
    finally:
        _end(list(children.values()))


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
