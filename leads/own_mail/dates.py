"""Dates as mail programs write them above a mail that is passed on, in five languages. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

# By the first three letters, accents and points left out; the five languages do not contradict each other but where
# a fourth letter tells them apart (juin, juillet).
_MONTHS = {
    1: ("jan", "ene", "gen"), 2: ("feb", "fev", "fév"), 3: ("mar", "mär", "mae", "mrz"), 4: ("apr", "avr", "abr"),
    5: ("may", "mai", "mag"), 6: ("jun", "juin", "giu"), 7: ("jul", "juil", "lug"), 8: ("aug", "aoû", "aou", "ago"),
    9: ("sep", "set"), 10: ("oct", "okt", "ott"), 11: ("nov",), 12: ("dec", "dez", "déc", "dic"),
}  # fmt: skip
_BY_NAME = {name: number for number, names in _MONTHS.items() for name in names}
_TIME = re.compile(r"\b(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?\s*([ap])?\.?(?:m\b)?", re.IGNORECASE)
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_NUMBERS = re.compile(r"\b(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})\b")
_DAY_MONTH = re.compile(
    r"\b(\d{1,2})(?:\.|er|º|st|nd|rd|th)?\s+(?:de\s+)?([^\W\d_]{3,10})\.?\s*(?:de\s+)?,?\s*(\d{4})\b"
)
_MONTH_DAY = re.compile(r"\b([^\W\d_]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+\u2212-])(\d{1,2}):?(\d{2})?\b(?!\d)")
_ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip


def read_date(text: str, zone: tzinfo) -> datetime | None:
    """The instant, or None. `zone` is where the writer's clock stood, if the text does not say."""
    text = " ".join(text.split())[:120]
    found = _by_standard(text)
    if found is not None:
        return found if found.tzinfo else found.replace(tzinfo=zone)
    day = _day(text)
    if day is None:
        return None
    clock = _TIME.search(text, day[3])
    hour, minute, second = _clock(clock) if clock else (12, 0, 0)
    rest = text[clock.end() :] if clock else ""
    try:
        return datetime(*day[:3], hour, minute, second, tzinfo=_zone(rest) or zone)
    except ValueError:
        return None


def _by_standard(text: str) -> datetime | None:
    """RFC 5322, as Thunderbird writes it; only where it names the offset, for it guesses much."""
    if not re.search(r"\d \d{1,2}:\d{2}(:\d{2})? ([+-]\d{4}|GMT|UTC)", text):
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _day(text: str) -> tuple[int, int, int, int] | None:
    """Year, month, day, and where in the text it ends."""
    if found := _ISO.search(text):
        return int(found[1]), int(found[2]), int(found[3]), found.end()
    for pattern, day, month in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        for found in pattern.finditer(text):
            if number := _month(found[month]):
                return int(found[3]), number, int(found[day]), found.end()
    if found := _NUMBERS.search(text):
        return _of_numbers(found, text)
    return None


def _month(word: str) -> int | None:
    word = word.lower()
    return _BY_NAME.get(word[:4]) or _BY_NAME.get(word[:3])


def _of_numbers(found: re.Match[str], text: str) -> tuple[int, int, int, int]:
    """Day first, as in Europe; with slashes and AM or PM the month first, as in the United States."""
    one, two, year = int(found[1]), int(found[3]), int(found[4])
    american = found[2] == "/" and re.search(r"\d\s*[AP]M\b", text, re.IGNORECASE)
    day, month = (two, one) if (american or two > 12) and one <= 12 else (one, two)
    return year + 2000 if year < 100 else year, month, day, found.end()


def _clock(found: re.Match[str]) -> tuple[int, int, int]:
    hour, half = int(found[1]), (found[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, int(found[2]), int(found[3] or 0)


def _zone(rest: str) -> tzinfo | None:
    if found := _OFFSET.search(rest):
        sign = 1 if found[1] == "+" else -1
        hours, minutes = int(found[2]), int(found[3] or 0)
        return (
            timezone(sign * timedelta(hours=hours, minutes=minutes)) if hours < 15 and minutes < 60 else None
        )
    named = re.search(r"\b([A-Z]{3,4})\b", rest)
    ahead = _ZONES.get(named[1]) if named else None
    return None if ahead is None else timezone(timedelta(hours=ahead))
