"""One worker for one rehearsal: taken by a conditional UPDATE, kept alive by its progress."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.utils import timezone

from leads.models import Rehearsal

State = Rehearsal.State


class Claim:
    """While it runs, `result` holds what was asked, whose turn it is, when it last moved, and how far it is."""

    def __init__(self, row: Rehearsal) -> None:
        self._row, self._token = row, uuid4().hex
        self._order = {"segment": row.result.get("segment")}

    def take(self) -> bool:
        """False where somebody else has taken it since the row was read."""
        free = Rehearsal.objects.filter(pk=self._row.pk, state=self._row.state)
        if self._row.state == State.RUNNING:
            free = free.filter(result__token=self._row.result.get("token"))
        return bool(free.update(state=State.RUNNING, result=self._running(0, 0)))

    def beat(self, done: int, of: int) -> None:
        self._mine().update(result=self._running(done, of))

    def keep(self, result: dict[str, Any]) -> None:
        self._mine().update(state=State.DONE, result=self._order | result, done_at=timezone.now())

    def fail(self, words: str) -> None:
        self._mine().update(state=State.FAILED, error=words[:300], done_at=timezone.now(), result=self._order)

    def _mine(self) -> QuerySet[Rehearsal]:
        return Rehearsal.objects.filter(pk=self._row.pk, state=State.RUNNING, result__token=self._token)

    def _running(self, done: int, of: int) -> dict[str, Any]:
        beat = timezone.now().isoformat()
        return self._order | {"token": self._token, "beat": beat, "walked": done, "of": of}


def gone(row: Rehearsal, *, since: datetime) -> bool:
    """Whether its worker has said nothing after `since`."""
    return datetime.fromisoformat(row.result["beat"]) < since
