"""The next mail, made while the database keeps the claim of the one before it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from leads.models import Message

# With `letters.FRESH_SECONDS`: what a mail says of consent to tracking is two seconds old at most.
WAITS_SECONDS = 1

T = TypeVar("T")


class Ahead(Generic[T]):
    """Holds one mail at most, and gives it only to its own message and only while it is fresh."""

    def __init__(self, make: Callable[[Message], T]) -> None:
        self._make = make
        self._held: tuple[int, float, T] | None = None

    def look(self, message: Message | None) -> None:
        """Make the mail of this message. One that fails here is tried once more in its turn, and told about there."""
        self._held = None
        if message is None:
            return
        began = time.monotonic()
        with suppress(Exception):
            self._held = message.pk, began, self._make(message)

    def take(self, message: Message) -> T:
        """The mail of this message, made now if need be. Raises what making it raises."""
        held, self._held = self._held, None
        if held and held[0] == message.pk and time.monotonic() - held[1] < WAITS_SECONDS:
            return held[2]
        return self._make(message)
