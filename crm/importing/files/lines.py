"""The records of a file, whatever program wrote it: a text with separators, or a spreadsheet.

The file is read twice and never held: once for its hash and encoding, once for its records.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import islice, product
from pathlib import Path
from typing import NamedTuple

from crm.importing.files import csv_lines, encoding, shape, xls_lines, xlsx_lines
from crm.importing.files.names import name_key
from crm.importing.files.sheet import Dialect, Record, Sheet, UnreadableFile

__all__ = ["Record", "Sheet", "UnreadableFile", "open_sheet", "records"]
SAMPLE = 2000  # lines that say how cells are written
SPREADSHEETS = {"xlsx": xlsx_lines, "xls": xls_lines}


def open_sheet(path: Path, needs: Set[str], *, any_of: Set[str] = frozenset()) -> Sheet:
    """Find hash, encoding, the way of writing and the header: the first line that has all of `needs`; where names are
    given of which it has one (`any_of`, however they are written) the line with most usual names. Raises
    UnreadableFile."""
    sha256, written = encoding.first_reading(path)
    wanted = shape.Wanted(needs, {name_key(name) for name in any_of})
    if written in SPREADSHEETS:
        return _open_spreadsheet(path, sha256, written, wanted)
    return _open_text(path, sha256, written, wanted)


def records(sheet: Sheet) -> Iterator[Record]:
    """What stands below the header, each with the number of its first line. Blank lines are passed over."""
    width = len(sheet.header)
    if sheet.dialect is None:
        rows = SPREADSHEETS[sheet.encoding].rows(sheet.path, sheet.tab, sheet.first_line, width)
    else:
        lines = islice(encoding.lines(sheet.path, sheet.encoding), sheet.first_line - 1, None)
        rows = csv_lines.rows(lines, sheet.dialect, width)
    return shape.records(rows, sheet.header, sheet.header_text)


class _Header(NamedTuple):
    """A line that may be the header, read in one way. `at` and `after` are places in the sample."""

    score: int
    at: int
    after: int
    names: tuple[str, ...]
    dialect: Dialect


def _open_text(path: Path, sha256: str, written: str, wanted: shape.Wanted) -> Sheet:
    sample = list(islice(encoding.lines(path, written), SAMPLE))
    tries = list(_tries(sample, wanted))
    best = max((one.score, -one.at) for one in tries)
    if not best[0]:
        raise UnreadableFile(wanted.missing((one.names for one in tries), path.name))
    found = max(
        (one for one in tries if (one.score, -one.at) == best),
        key=lambda one: (csv_lines.fit(sample[one.after :], one.dialect, len(one.names)), len(one.names)),
    )
    line, text = sample[found.at]
    header, twins = shape.told_apart(found.names)
    return Sheet(
        path, sha256, written, found.dialect.separator, header, line,
        first_line=line + found.after - found.at, header_text=text or "", dialect=found.dialect,
        notes=(*_assumed(written, found.dialect, line), *twins),
    )  # fmt: skip


def _tries(sample: list[tuple[int, str | None]], wanted: shape.Wanted) -> Iterator[_Header]:
    """Each line that may be the header, read in each way."""
    dialects = csv_lines.dialects(sample[0][1] if sample else "")
    for at, dialect in product(range(min(shape.HEADER_WITHIN, len(sample))), dialects):
        cells, count = csv_lines.header_at(sample[at : at + csv_lines.MOST_HEADER_LINES], dialect)
        names = shape.column_names(cells)
        yield _Header(wanted.score(names), at, at + count, names, dialect)


def _assumed(written: str, dialect: Dialect, header_line: int) -> list[str]:
    """In plain sentences what was found out and could be wrong."""
    notes = []
    if written == "cp1252":
        notes.append("Not UTF-8, so read as Windows text (cp1252); if accents look wrong, save it as UTF-8.")
    if dialect.quote != '"':
        notes.append("Cells stand in single quotes.")
    if dialect.escape:
        notes.append("Quotes inside cells are written with a backslash.")
    return notes + _above(header_line)


def _above(header_line: int) -> list[str]:
    """The note about what stands above the header."""
    if header_line < 2:
        return []
    lines = "Line 1 stands" if header_line == 2 else f"Lines 1 to {header_line - 1} stand"
    return [f"{lines} above the header and {'is' if header_line == 2 else 'are'} left out."]


def _open_spreadsheet(path: Path, sha256: str, written: str, wanted: shape.Wanted) -> Sheet:
    """The first sheet that has a header; those one can see come first."""
    tops = SPREADSHEETS[written].tops(path, shape.HEADER_WITHIN)
    for top in tops:
        named = [(line, shape.column_names(cells)) for line, cells in top.rows]
        line, names = max(named, key=lambda one: (wanted.score(one[1]), -one[0]), default=(0, ()))
        if wanted.score(names):
            header, twins = shape.told_apart(_without_tail(names))
            notes = (*_not_read(top, tops), *_above(line), *twins, *top.notes)
            return Sheet(path, sha256, written, "", header, line, line + 1, tab=top.name, notes=notes)
    seen = (shape.column_names(cells) for top in tops for _line, cells in top.rows)
    raise UnreadableFile(wanted.missing(seen, path.name))


def _without_tail(names: tuple[str, ...]) -> tuple[str, ...]:
    """A sheet may be formatted far beyond its last column."""
    last = max(at for at, name in enumerate(names) if name)
    return names[: last + 1]


def _not_read(read: xlsx_lines.Top, tops: list[xlsx_lines.Top]) -> list[str]:
    others = [f"{top.name} (hidden)" if top.hidden else top.name for top in tops if top is not read]
    return [f"Sheet {read.name} is read; not read: {', '.join(others)}."] if others else []
