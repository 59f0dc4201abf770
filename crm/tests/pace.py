"""How the suite keeps its time: what is played where, in which order, and what the test runner itself costs."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test import SimpleTestCase

# Files that take long come first, so that no process is left with one of them at the end; above all those that fork
# this process, which has to be small for it.
LONG = (
    "test_killed_children", "test_kill_storm_on_servers", "test_compose_on_servers", "test_web_storm_on_servers",
    "test_scoring_killed", "test_web_storm", "test_hostile_text", "test_embedded", "test_worker_killed",
)  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With DATABASE_TESTS=1, the run on the second database, what is the same on each is left out."""
    if os.environ.get("DATABASE_TESTS") == "1":
        config.hook.pytest_deselected(items=[item for item in items if not _once_more(item)])
        items[:] = [item for item in items if _once_more(item)]
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))


def _once_more(item: pytest.Item) -> bool:
    return _asks_the_database(item) and item.get_closest_marker("any_database") is None


def _asks_the_database(item: pytest.Item) -> bool:
    kind = getattr(item, "cls", None)
    return (
        item.get_closest_marker("django_db") is not None
        or bool({"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())))
        or (isinstance(kind, type) and issubclass(kind, SimpleTestCase))
        or item.path.name.endswith("_on_servers.py")
    )


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: the collector need not look at them again after each test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def emptied_by_deleting() -> None:
    """PostgreSQL needs a second to truncate all our tables, and milliseconds to delete the few rows of a test."""
    if connection.vendor == "postgresql":
        type(connection.ops).sql_flush = _delete_all  # type: ignore[method-assign]


def _delete_all(operations: Any, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
    """In one trip and one transaction, at whose end foreign keys are asked."""
    return ["".join(f"DELETE FROM {operations.quote_name(table)};" for table in tables)]
