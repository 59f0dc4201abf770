"""The lines of a CSV file: encoding and separator found, records read one by one, broken ones told by number.

The file is read twice and never held: once for its hash and encoding, once for its records. An open quote does not
swallow the rest of the file: when a record does not close within MOST_LINES lines with as many cells as the header,
its first line is broken and reading goes on with the next.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections import deque
from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

SEPARATORS = ",;\t|"
MOST_LINES = 50  # of one record; each try costs a parse
LONGEST_LINE = 1 << 20
HEADER_WITHIN = 30  # some exports begin with a few lines of prose


class UnreadableFile(ValueError):
    """The file is not one that we read; one line says why."""


@dataclass(frozen=True)
class Sheet:
    """What the first reading found. `header_line` is the number of the header's first line, from 1."""

    path: Path
    sha256: str
    encoding: str
    separator: str
    header: tuple[str, ...]
    header_line: int


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `cells` is None where it is broken, and `why` says how."""

    line: int
    cells: list[str] | None
    why: str = ""


def open_sheet(path: Path, needs: Set[str], *, any_of: Set[str] = frozenset()) -> Sheet:
    """Find hash, encoding, separator and the header: the first line that has all of `needs` and, where words are
    given, one of `any_of` (in lower case). Raises UnreadableFile."""
    sha256, encoding = _first_reading(path)
    missing = needs
    for number, separator, cells in _headers(path, encoding):
        known = set(cells)
        if needs <= known and (not any_of or any_of & {cell.lower() for cell in cells}):
            return Sheet(path, sha256, encoding, separator, cells, number)
        missing = min(missing, needs - known, key=len)
    raise UnreadableFile(f"{path.name} has no column {', '.join(sorted(missing or any_of))}")


def _headers(path: Path, encoding: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Each line that may be the header, read with each separator."""
    for number, text in islice(_texts(path, encoding), HEADER_WITHIN):
        for separator in SEPARATORS:
            cells = _parsed(text or "", separator) or []
            yield number, separator, tuple(cell.strip() for cell in cells)


def _first_reading(path: Path) -> tuple[str, str]:
    """Hash and encoding. UTF-8 unless more lines with accents are no UTF-8 than are; then Windows' cp1252."""
    digest = hashlib.sha256()
    good = bad = 0
    with path.open("rb") as file:
        start = file.read(4)
        if not start:
            raise UnreadableFile(f"{path.name} is empty")
        if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise UnreadableFile(f"{path.name} is a spreadsheet; save it as CSV (UTF-8)")
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start:
            raise UnreadableFile(f"{path.name} is not in UTF-8 or cp1252; save it as CSV (UTF-8)")
        file.seek(0)
        while line := file.readline(LONGEST_LINE):
            digest.update(line)
            if not line.isascii():
                try:
                    line.decode("utf-8")
                    good += 1
                except UnicodeDecodeError:
                    bad += 1
    if start.startswith(codecs.BOM_UTF8):
        return digest.hexdigest(), "utf-8-sig"
    return digest.hexdigest(), "cp1252" if bad > good else "utf-8"


def _texts(path: Path, encoding: str) -> Iterator[tuple[int, str | None]]:
    """Physical lines with their numbers; None for one that cannot be decoded or is too long."""
    plain = encoding.removesuffix("-sig")
    with path.open("rb") as file:
        if plain != encoding:
            file.read(len(codecs.BOM_UTF8))
        number = 0
        while raw := file.readline(LONGEST_LINE):
            number += 1
            whole = True
            while not raw.endswith(b"\n") and len(raw) == LONGEST_LINE:
                whole, raw = False, file.readline(LONGEST_LINE)
            try:
                yield number, raw.decode(plain) if whole and b"\0" not in raw else None
            except UnicodeDecodeError:
                yield number, None


def _parsed(text: str, separator: str, *, strict: bool = False) -> list[str] | None:
    """The cells of one record, or None where it is not complete (an open quote) or not CSV."""
    try:
        return next(csv.reader([text], delimiter=separator, strict=strict), [])
    except csv.Error:
        return None


def records(sheet: Sheet) -> Iterator[Record]:
    """The records after the header, each with the number of its first line. Empty lines are passed over."""
    source = _texts(sheet.path, sheet.encoding)
    waiting: deque[tuple[int, str | None]] = deque()
    width = len(sheet.header)
    while True:
        number, text = waiting.popleft() if waiting else next(source, (0, None))
        if not number:
            return
        if number <= sheet.header_line:
            continue
        if text is None:
            yield Record(number, None, f"not readable as {sheet.encoding}")
        elif text.strip():
            yield _record(number, text, sheet.separator, width, source, waiting)


def _record(
    number: int,
    text: str,
    separator: str,
    width: int,
    source: Iterator[tuple[int, str | None]],
    waiting: deque[tuple[int, str | None]],
) -> Record:
    cells = _parsed(text, separator, strict=True)
    if cells is None and '"' in text:
        joined = text
        taken: list[tuple[int, str | None]] = []
        while len(taken) < MOST_LINES and (line := waiting.popleft() if waiting else next(source, None)):
            taken.append(line)
            if line[1] is None:
                break
            joined += line[1]
            if '"' in line[1] and len(found := _parsed(joined, separator, strict=True) or []) == width:
                return Record(number, found)
        waiting.extendleft(reversed(taken))
        cells = _parsed(text, separator)
        if cells is not None and len(cells) == width and text.count('"') % 2 == 0:
            return Record(number, cells)
        return Record(number, None, "a quote that is not closed")
    if cells is None or len(cells) != width:
        return Record(number, None, f"{len(cells or [])} cells where the header has {width}")
    return Record(number, cells)
