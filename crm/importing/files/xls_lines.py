"""The rows of an old .xls file (Excel 97 to 2003: at most 65,536 rows, so it is held whole)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlrd

from crm.importing.files.csv_lines import Raw
from crm.importing.files.sheet import UnreadableFile
from crm.importing.files.xlsx_file import MOST_UNPACKED
from crm.importing.files.xlsx_lines import Top, text


def tops(path: Path, count: int) -> list[Top]:
    """The first rows of each sheet, those one can see first. Raises UnreadableFile."""
    found = []
    for tab in _book(path).sheets():
        first = [(row + 1, _cells(tab, row, tab.ncols)) for row in range(min(count, tab.nrows))]
        found.append(Top(tab.name, [one for one in first if any(one[1])], tab.visibility != 0))
    return sorted(found, key=lambda top: top.hidden)


def rows(path: Path, tab: str, first_line: int, width: int) -> Iterator[Raw]:
    """The rows from `first_line` on, each `width` cells wide."""
    sheet = _book(path).sheet_by_name(tab)
    for row in range(first_line - 1, sheet.nrows):
        cells = _cells(sheet, row, width)
        if any("\0" in cell for cell in cells):
            yield Raw(row + 1, None, "", "not readable: with a NUL")
        else:
            yield Raw(row + 1, cells if any(cells) else [])


def _book(path: Path) -> Any:
    if path.stat().st_size > MOST_UNPACKED:
        raise UnreadableFile(f"{path.name} is larger than {MOST_UNPACKED // 1_000_000} MB; save it as CSV")
    try:
        return xlrd.open_workbook(str(path), logfile=io.StringIO())
    except Exception as error:  # the parser names no errors of its own for damaged files
        why = "damaged, protected by a password or no spreadsheet"
        raise UnreadableFile(f"{path.name} is {why}; save it as .xlsx or CSV") from error


def _cells(tab: Any, row: int, width: int) -> list[str]:
    cells = [_text(cell, tab.book.datemode) for cell in tab.row(row)[:width]]
    return cells + [""] * (width - len(cells))


def _text(cell: Any, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return text(xlrd.xldate_as_datetime(cell.value, datemode))
        except (ValueError, OverflowError):
            return text(cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return text(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    return text(cell.value)
