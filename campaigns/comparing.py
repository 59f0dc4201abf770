"""Comparing what is known with what a rule says: numbers as numbers, dates as dates, words without case. Pure."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from campaigns.models import Compares

# 51 of "51–200", 1000 of "1,000+", 12.5: of a range the lower end. A dot alone is a decimal point.
_NUMBER = re.compile(
    r"([-+]?(?:[0-9]{1,3}(?:[,'’ \u00a0\u202f][0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)(?:\s*[-–—+%].{0,20})?",
    re.DOTALL,
)
_GRADE = re.compile(r"[A-D][1-4]")
MOST_DIGITS = 30


def number_in(text: str) -> Decimal | None:
    """The number a value is; None for anything that merely contains one ("Head of 3 plants")."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None or len(found[1]) > MOST_DIGITS:
        return None
    return Decimal(re.sub(r"[,'’ \u00a0\u202f]", "", found[1]))


def date_in(text: str) -> date | None:
    """The day of ``2026-11-18``, whatever time stands behind it."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def holds(said: str, compares: str, wanted: str) -> bool:
    """Whether a known value (empty: not known) stands to ``wanted`` as asked. What cannot be compared does not hold."""
    match compares:
        case Compares.KNOWN:
            return bool(said)
        case Compares.UNKNOWN:
            return not said
        case Compares.IS:
            return bool(said) and _same(said, wanted)
        case Compares.IS_NOT:
            return not (said and _same(said, wanted))
        case Compares.CONTAINS:
            return bool(wanted) and _words(wanted) in _words(said)
        case Compares.AT_LEAST:
            return _order(said, wanted) in (0, 1)
        case Compares.AT_MOST:
            return _order(said, wanted) in (0, -1)
    return False


def read_grade(text: str) -> str:
    """``b2`` → ``B2``; empty where it is no grade."""
    grade = text.strip().upper()
    return grade if _GRADE.fullmatch(grade) else ""


def grade_at_least(grade: str, wanted: str) -> bool:
    """Letter as good or better (A is best) and digit as good or better (1 is best)."""
    return len(grade) == len(wanted) == 2 and grade[0] <= wanted[0] and grade[1] <= wanted[1]


def _words(text: str) -> str:
    return " ".join(text.casefold().split())


def _same(said: str, wanted: str) -> bool:
    return _words(said) == _words(wanted) or _order(said, wanted) == 0


def _order(said: str, wanted: str) -> int | None:
    """-1, 0 or 1; None where the two are not both days or both numbers."""
    for read in (date_in, number_in):
        one, other = read(said), read(wanted)
        if one is not None and other is not None:
            return (one > other) - (one < other)  # type: ignore[operator]
    return None
