"""Ask one enricher: only with what it needs, only for as long as it may take, and whatever it does, nothing breaks."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from leads.enrichment.protocol import Enricher, EnrichQuery, Found

MOST_VALUES = 50  # of one answer
MOST_HANGING = 2  # look-ups of one enricher that have not come back; a third is not started

_EMPTY = EnrichQuery()
_hanging: dict[str, threading.BoundedSemaphore] = defaultdict(
    lambda: threading.BoundedSemaphore(MOST_HANGING)
)


class NoAnswer(Exception):
    """The enricher failed or took too long; its text is kept beside the next try."""


def enrichers() -> list[Enricher]:
    """Those of the setting, in its order. Raises ImproperlyConfigured for one that cannot be loaded."""
    return [_loaded(path) for path in settings.ENRICHERS]


@lru_cache(maxsize=64)
def _loaded(path: str) -> Enricher:
    try:
        found = import_string(path)()
    except (ImportError, TypeError) as error:
        raise ImproperlyConfigured(f"ENRICHERS names {path!r}, which cannot be loaded: {error}") from error
    unknown = set(getattr(found, "needs", ())) - {field.name for field in fields(EnrichQuery)}
    if not isinstance(found, Enricher) or unknown:
        raise ImproperlyConfigured(
            f"ENRICHERS names {path!r}, which is no enricher: {sorted(unknown) or 'parts missing'}"
        )
    return found


def ask(enricher: Enricher, query: EnrichQuery) -> list[Found]:
    """The values it found, unchecked. Raises NoAnswer. Not called at all where nothing it needs is known."""
    narrow = replace(_EMPTY, **{name: getattr(query, name) for name in enricher.needs})
    if narrow == _EMPTY:
        return []
    if enricher.seconds is None:
        return _here(enricher, narrow)
    return _in_time(enricher, narrow, enricher.seconds)


def _here(enricher: Enricher, query: EnrichQuery) -> list[Found]:
    try:
        return list(_some(enricher.lookup(query)))
    except Exception as error:
        raise NoAnswer(f"{type(error).__name__}: {error}"[:200]) from error


def _some(values: Any) -> list[Found]:
    """At most so many values, even of a generator without end."""
    kept = []
    for value in values or ():
        kept.append(value)
        if len(kept) == MOST_VALUES:
            break
    return kept


def _in_time(enricher: Enricher, query: EnrichQuery, seconds: float) -> list[Found]:
    """In a thread, because a socket that hangs cannot be told to stop; two that hang are enough."""
    room = _hanging[enricher.name]
    if not room.acquire(blocking=False):
        raise NoAnswer("still busy with earlier questions")
    said: list[Callable[[], list[Found]]] = []

    def look() -> None:
        try:
            values = _here(enricher, query)
            said.append(lambda: values)
        except NoAnswer as error:
            failure = error
            said.append(lambda: _raise(failure))
        finally:
            room.release()

    thread = threading.Thread(target=look, name=f"enrich-{enricher.name}", daemon=True)
    thread.start()
    thread.join(seconds)
    if not said:
        raise NoAnswer(f"no answer within {seconds:g} s")
    return said[0]()


def _raise(error: NoAnswer) -> list[Found]:
    raise error
