"""What a colleague should hear of, told once and kept until it was seen. Anybody in sales' code may tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from prospects.models import Notice, Prospect

TEXT_LENGTH = 300
MOST_COUNTED = 99  # the bell says "99+"; counting further helps nobody


def tell(
    *, user: Any, kind: str, text: str, key: str, at: datetime, prospect: Prospect | None = None
) -> None:
    """One notice; the same `key` a second time is nothing."""
    tell_all([notice(user=user, kind=kind, text=text, key=key, at=at, prospect=prospect)])


def notice(
    *, user: Any, kind: str, text: str, key: str, at: datetime, prospect: Prospect | None = None
) -> Notice:
    """A row to be told with others by `tell_all`."""
    return Notice(user=user, kind=kind, text=text[:TEXT_LENGTH], key=key, at=at, prospect=prospect)


def tell_all(rows: Iterable[Notice]) -> None:
    """All of them in one statement. Whatever was told before, also by a twin this very moment, is left alone."""
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def unseen(user: Any) -> int:
    """For the bell: at most one more than it shows, by the index of what was not seen."""
    waiting = Notice.objects.filter(user=user, seen_at=None).order_by().values("pk")
    return waiting[: MOST_COUNTED + 1].count()


def of(user: Any) -> QuerySet[Notice]:
    """Everything told to this user, newest first; `may_open` says whether the prospect is still theirs to see."""
    seen = Prospect.objects.visible_to(user).filter(pk=OuterRef("prospect"))
    return Notice.objects.filter(user=user).annotate(may_open=Exists(seen))


def mark_seen(*, user: Any, at: datetime, pk: int | None = None, upto: int | None = None) -> int:
    """One of this user's, or all up to the newest on the page: not what came since. What was seen keeps its hour."""
    waiting = Notice.objects.filter(user=user, seen_at=None)
    if pk is not None:
        return waiting.filter(pk=pk).update(seen_at=at)
    return waiting.filter(pk__lte=upto or 0).update(seen_at=at)


def note_of(row: Notice) -> int | None:
    """The note somebody is named in; the key says which (`mention:<note>:<user>`)."""
    parts = row.key.split(":")
    named = row.kind == Notice.Kind.MENTION and len(parts) > 1 and parts[1].isdecimal()
    return int(parts[1]) if named else None
