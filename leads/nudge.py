"""Ask the worker to run a verb soon. A hint only: the worker finds due rows by itself within seconds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string


def nudge(verb: str) -> None:
    """After the commit, ask for the scheduled verb `verb` (its dotted path). Never waits, never raises."""
    take: Callable[[str], None] = import_string(settings.NUDGE)
    transaction.on_commit(partial(take, verb), robust=True)
