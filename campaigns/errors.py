"""The two ways in which a verb says no. Views, API and jobs translate them; nothing else is caught."""

from collections.abc import Sequence


class Refused(Exception):
    """The state or the input does not allow this. ``missing`` names what would make it possible."""

    def __init__(self, message: str, missing: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.missing = list(missing)


class Conflict(Exception):
    """Somebody else was faster. ``now`` is the state as it is, in words a person can read."""

    def __init__(self, now: str) -> None:
        super().__init__(now)
        self.now = now
