"""The rows of an .xlsx file, streamed. Formulas are never computed: the value stored beside them is read."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from openpyxl.utils import column_index_from_string

from crm.importing.files.csv_lines import Raw
from crm.importing.files.xlsx_file import workbook

MOST_ROWS, MOST_COLUMNS = 1_048_576, 500
MOST_MERGES = 10_000
ROWS_AT_ONCE = 500
_UNCOMPUTED = re.compile(
    rb"<(?:\w+:)?c [^>]*?\br=\"([A-Z]+)(\d+)\"[^>]*>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell [^>]*?ref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")


@dataclass(frozen=True)
class Top:
    """One sheet: its name, its first rows and what is to be said about it."""

    name: str
    rows: list[tuple[int, list[str]]]
    hidden: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Oddities:
    """What a streaming reader does not see: formulas without a stored value (how many, the first one's line), and
    cells merged downwards (first line, last line, column from 0), in the order of lines."""

    uncomputed: int
    first_uncomputed: int
    merged: list[tuple[int, int, int]]


def tops(path: Path, count: int) -> list[Top]:
    """The first rows of each sheet, those one can see first. Raises UnreadableFile."""
    with workbook(path) as book:
        found = []
        for tab in book.worksheets:
            first = [
                (number, cells) for number, cells in islice(_cells(tab, MOST_COLUMNS), count) if any(cells)
            ]
            notes = tuple(_notes(_oddities(path, tab))) if first else ()
            found.append(Top(tab.title, first, tab.sheet_state != "visible", notes))
    return sorted(found, key=lambda top: top.hidden)


def rows(path: Path, tab: str, first_line: int, width: int) -> Iterator[Raw]:
    """The rows from `first_line` on, each `width` cells wide. Raises UnreadableFile, in the middle too."""
    with workbook(path) as book:
        merged = iter(_oddities(path, book[tab]).merged)
        coming = next(merged, None)
        open_merges: list[tuple[int, int, str]] = []
        for number, cells in _cells(book[tab], width):
            while coming and coming[0] <= number:
                first, last, column = coming
                if first == number and column < len(cells):
                    open_merges.append((last, column, cells[column]))
                coming = next(merged, None)
            if open_merges and cells:
                open_merges = [merge for merge in open_merges if merge[0] >= number]
                for _last, column, value in open_merges:
                    cells[column] = value
            if number >= first_line:
                yield Raw(number, cells)


def _cells(tab: Any, width: int) -> Iterator[tuple[int, list[str]]]:
    """Numbers and cells of all rows; a blank row has none, and a long void is passed over: one cell may stand a million
    rows below the others. The size that a file states is often wrong: nobody asks."""
    values = tab.iter_rows(max_col=width, max_row=MOST_ROWS, values_only=True)
    blank = (None,) * width
    number = 0
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that do not matter here
            block = list(islice(values, ROWS_AT_ONCE))
        if not block:
            return
        if block.count(blank) == len(block):
            number += len(block)
            continue
        for row in block:
            number += 1
            if row.count(None) == len(row):
                yield number, []
                continue
            cells = ["" if value is None else value if type(value) is str else text(value) for value in row]
            yield number, cells + [""] * (width - len(cells))


def text(value: Any) -> str:
    """A value as people would write it: no ".0", dates as 2025-04-14 02:00:00."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _oddities(path: Path, tab: Any) -> Oddities:
    """One look at the sheet as text; a part is read in pieces that end with a row."""
    count = first = 0
    rest = b""
    with ZipFile(path) as archive, archive.open(tab._worksheet_path) as part:
        while piece := part.read(1 << 20):
            whole, end, after = (rest + piece).rpartition(b"</row>")
            rest = after if end else rest + piece
            for found in _UNCOMPUTED.finditer(whole) if b"<f" in whole or b":f" in whole else ():
                count, first = count + 1, first or int(found[2])
            if len(rest) > 1 << 23:
                rest = b""
    merged = []
    for found in islice(_MERGE.finditer(rest), MOST_MERGES):
        top, bottom = int(found[2]), int(found[4])
        if bottom > top and len(found[1]) <= 3:
            merged.append((top, bottom, column_index_from_string(found[1].decode()) - 1))
    return Oddities(count, first, sorted(merged))


def _notes(odd: Oddities) -> Iterator[str]:
    if odd.uncomputed:
        yield (
            f"Formulas without a stored value: {odd.uncomputed}, the first in line {odd.first_uncomputed}. They are "
            "read as empty; open the file in a spreadsheet program and save it once more."
        )
    if odd.merged:
        yield "Some cells are merged over several lines: each of these lines gets the value."
