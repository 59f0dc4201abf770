"""Log lines without e-mail addresses: people's addresses do not belong into files that nobody erases."""

from __future__ import annotations

import logging
import re

_ADDRESS = re.compile(r"[^\s@<>\"'(),:;=/]+@[^\s@<>\"'(),:;/]+\.[A-Za-z0-9-]{2,}")


def without_addresses(line: str) -> str:
    """The text with each e-mail address cut to its domain."""
    return _ADDRESS.sub(lambda found: "…@" + found.group().rpartition("@")[2], line)


class AddressFreeFormatter(logging.Formatter):
    """A formatter that cuts addresses from the message and from the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return without_addresses(super().format(record))
