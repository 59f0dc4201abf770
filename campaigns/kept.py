"""What many requests read and few people change (a page, a sequence), kept in the process for a moment."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from django.conf import settings
from django.db import InterfaceError, OperationalError

T = TypeVar("T")
MOST = 500  # keys of one store; addresses are typed by strangers
_stores: "WeakSet[Kept[Any]]" = WeakSet()


def forget_everything() -> None:
    """All stores of this process, as after its start."""
    for store in _stores:
        store.forget()


class Kept(Generic[T]):
    """Calls ``load(key)`` at most once in ``settings.KEEP_SECONDS`` for each key; 0 keeps nothing. `seconds`: a longer
    time of its own.

    While one thread looks again the others go on with the old value. So does everybody while the database is away,
    which is how a form can still be shown with what was typed into it.
    """

    def __init__(self, load: Callable[..., T], seconds: float | None = None) -> None:
        self._load, self._seconds = load, seconds
        self._values: dict[Hashable, tuple[float, T]] = {}
        self._looking: set[Hashable] = set()
        self._lock = threading.Lock()
        _stores.add(self)

    def __call__(self, key: Hashable) -> T:
        found = self._values.get(key)
        if found is None:
            return self._look(key)
        if settings.KEEP_SECONDS and time.monotonic() - found[0] < (self._seconds or settings.KEEP_SECONDS):
            return found[1]
        with self._lock:
            if key in self._looking and settings.KEEP_SECONDS:
                return found[1]
            self._looking.add(key)
        try:
            return self._look(key)
        except (OperationalError, InterfaceError):
            if not settings.KEEP_SECONDS:
                raise
            return found[1]
        finally:
            self._looking.discard(key)

    def forget(self) -> None:
        self._values.clear()

    def _look(self, key: Hashable) -> T:
        value = self._load(key)
        if len(self._values) >= MOST:
            self._values.clear()
        if settings.KEEP_SECONDS:
            self._values[key] = (time.monotonic(), value)
        return value
