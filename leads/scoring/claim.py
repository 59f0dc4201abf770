"""One worker for one row of asked work: taken by a conditional UPDATE, kept alive by its beats."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import F, QuerySet
from django.utils import timezone

from leads.models.asked import Asked

GONE = timedelta(minutes=5)  # a worker that says nothing for so long is dead
EVERY = timedelta(seconds=1)  # between two beats
State = Asked.State
Row = TypeVar("Row", bound=Asked)


class Claim:
    """The last beat is the token: who finds another one has lost the row and writes nothing more."""

    def __init__(self, row: Asked) -> None:
        self._row, self._beat = row, row.beat_at

    def take(self) -> bool:
        """False where somebody else has taken it since the row was read."""
        free = self._rows().filter(state=self._row.state)
        return self._write(free, state=State.RUNNING, progress=0, error="")

    def beat(self, percent: float) -> bool:
        """A sign of life with the progress, at most one a second. False where the row is lost."""
        if self._beat is not None and timezone.now() - self._beat < EVERY:
            return True
        return self._write(self._mine(), progress=max(0, min(100, int(percent))))

    def keep(self, **columns: Any) -> bool:
        """Done: the result goes in with the state, in one statement."""
        done = {"state": State.DONE, "progress": 100, "done_at": timezone.now(), "error": ""}
        return bool(self._mine().update(**done, **columns))

    def fail(self, words: str) -> bool:
        return bool(self._mine().update(state=State.FAILED, error=words[:300], done_at=timezone.now()))

    def _rows(self) -> QuerySet[Asked]:
        rows = type(self._row)._default_manager.filter(pk=self._row.pk)
        return rows.filter(beat_at=self._beat) if self._beat else rows.filter(beat_at__isnull=True)

    def _mine(self) -> QuerySet[Asked]:
        return self._rows().filter(state=State.RUNNING)

    def _write(self, rows: QuerySet[Asked], **columns: Any) -> bool:
        beat = timezone.now()
        if self._beat is not None and beat <= self._beat:  # a clock that went back must not repeat a token
            beat = self._beat + timedelta(microseconds=1)
        if not rows.update(beat_at=beat, **columns):
            return False
        self._beat = beat
        return True


def next_waiting(kind: type[Row], *, at: datetime) -> Row | None:
    """The oldest row that waits, or whose worker is gone."""
    rows = kind._default_manager.filter(state__in=[State.ASKED, State.RUNNING])
    gone = rows.filter(state=State.RUNNING, beat_at__lt=at - GONE)
    waiting = (rows.filter(state=State.ASKED) | gone).order_by(F("asked_at").asc(), "pk")
    return waiting.first()
