"""Raw hits, gathered in the process and written about once a second as one INSERT.

A page view must never wait for the database, so ``kill -9`` may lose up to a second of hits. Leads, submissions
and touches never come this way.
"""

import atexit
import logging
import threading
import time
from collections import deque
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from leads.models import Hit
from leads.tracking import VisitContext

log = logging.getLogger(__name__)

MOST_KEPT = 10_000
AT_ONCE = 500
_waiting: deque[Hit] = deque(maxlen=MOST_KEPT)
_start = threading.Lock()
_writer: threading.Thread | None = None


def note_hit(*, kind: str, visit: VisitContext, method: str, path: str, at: datetime, **about) -> None:
    """Keep one hit for the next write. ``about``: page, asset, short_link, mail_link, campaign, person, message."""
    hit = Hit(
        kind=kind, at=at, method=method[:8], path=path[:255], visitor_key=visit.visitor_key, ip=visit.ip,
        agent=visit.agent, **visit.origin(), **about,
    )  # fmt: skip
    _waiting.append(hit)
    if settings.HIT_SECONDS:
        _start_writer()
    else:
        flush()


def flush() -> int:
    """Write what waits; returns how many rows. A failed write keeps its rows for the next time."""
    written = 0
    while _waiting:
        batch = [_waiting.popleft() for _ in range(min(AT_ONCE, len(_waiting)))]
        try:
            Hit.objects.bulk_create(batch)
        except DatabaseError:
            _waiting.extendleft(reversed(batch))
            log.warning("%d hits wait for the database", len(_waiting))
            break
        written += len(batch)
    return written


def _start_writer() -> None:
    global _writer
    with _start:
        if _writer is None or not _writer.is_alive():
            _writer = threading.Thread(target=_write_on, name="hits", daemon=True)
            _writer.start()
            atexit.register(flush)


def _write_on() -> None:
    while True:
        time.sleep(settings.HIT_SECONDS)
        if _waiting:
            flush()
            close_old_connections()
