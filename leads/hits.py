"""Raw hits, gathered in the process and written about once a second as one INSERT.

A page view must never wait for the database, so ``kill -9`` may lose up to a second of hits. Leads, submissions
and touches never come this way. What a hit points at is looked up when it is written: `leads.hit_rows`.
"""

import atexit
import logging
import threading
import time
from collections import deque
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import DataError, Error, IntegrityError, close_old_connections, connection, transaction

from leads.hit_rows import Waiting, end_visitors, look_up, mark_visitors
from leads.models import Hit
from leads.tracking import VisitContext

log = logging.getLogger(__name__)

MOST_KEPT = 10_000
AT_ONCE = 500
_waiting: deque[Waiting] = deque(maxlen=MOST_KEPT)
_endings: deque[tuple[UUID, datetime]] = deque(maxlen=MOST_KEPT)
_start = threading.Lock()
_write = threading.Lock()
_writer: threading.Thread | None = None


def note_hit(*, kind: str, visit: VisitContext, method: str, path: str, at: datetime, **about) -> None:
    """Keep one hit for the next write; costs no query.

    ``about`` are columns of Hit: page, asset, short_link, mail_link_id, campaign, person_id, message_id, site …
    """
    hit = Hit(
        kind=kind, at=at, method=method[:8], path=path[:255], visitor_key=visit.visitor_key, ip=visit.ip,
        visitor_id=visit.visitor_id, share_id=visit.share_id, agent=visit.agent, **visit.origin(), **about,
    )  # fmt: skip
    _waiting.append(Waiting(hit=hit, visitor_uuid=visit.visitor_uuid, via=visit.via))
    _soon()


def note_end(*, visitor: UUID, at: datetime) -> None:
    """A browser on another site takes its agreement back; written with the next hits."""
    _endings.append((visitor, at))
    _soon()


def flush() -> int:
    """Write what waits; returns how many rows. What cannot be written now is kept for the next time."""
    written = 0
    with _write:
        while _endings:
            batch = [_endings.popleft() for _ in range(min(AT_ONCE, len(_endings)))]
            if not _written(lambda batch=batch: end_visitors(batch)):
                _endings.extendleft(reversed(batch))
                return written
        while _waiting:
            hits = [_waiting.popleft() for _ in range(min(AT_ONCE, len(_waiting)))]
            if not _written(lambda hits=hits: _insert(hits)):
                _waiting.extendleft(reversed(hits))
                log.warning("%d hits wait for the database", len(_waiting))
                break
            written += len(hits)
    return written


def _written(write) -> bool:
    try:
        write()
    except Error:
        return False
    return True


def _insert(waiting: list[Waiting]) -> None:
    """All in one statement; where a row breaks a rule of the database, each alone, so that one holds up no others."""
    try:
        _insert_together(waiting)
    except (IntegrityError, DataError, ValueError):  # ValueError: text that no database can take
        if len(waiting) == 1:
            log.exception("a hit of kind %s was left out", waiting[0].hit.kind)
            return
        for one in waiting:
            _insert([one])


def _insert_together(waiting: list[Waiting]) -> None:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit TO off")
        look_up(waiting)
        Hit.objects.bulk_create([one.hit for one in waiting])
        mark_visitors(waiting)


def _soon() -> None:
    if settings.HIT_SECONDS:
        _start_writer()
    else:
        flush()


def _start_writer() -> None:
    global _writer
    if _writer is not None and _writer.is_alive():
        return
    with _start:
        if _writer is None or not _writer.is_alive():
            _writer = threading.Thread(target=_write_on, name="hits", daemon=True)
            _writer.start()
            atexit.register(flush)


def _write_on() -> None:
    while True:
        time.sleep(settings.HIT_SECONDS)
        if _waiting or _endings:
            flush()
            close_old_connections()
