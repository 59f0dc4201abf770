"""The rows of a text file: cells taken apart strictly, and whatever can be read in two ways told instead of guessed.

An open quote does not swallow the rest of the file: a cell that does not close within MOST_LINES lines costs its
first line only, and reading goes on with the next.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from crm.importing.files.encoding import LONGEST_LINE
from crm.importing.files.sheet import Dialect

MOST_LINES = 100  # of one record
MOST_HEADER_LINES = 10
SEPARATORS = ",;\t|"
# The usual one first: it wins a tie.
STYLES = (
    Dialect(""),
    Dialect("", spaced=True),
    Dialect("", escape=True),
    Dialect("", quote="'"),
)
NOT_CLOSED = "a quote that is not closed"
NOT_PAIRED = "quotes that do not pair up"
_SEP_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_ESCAPED = re.compile(r'\\(["\\])')


class Raw(NamedTuple):
    """A row as it stands in the file, of any width: no cells for a blank line, None for a broken one. `text` is its
    first line."""

    line: int
    cells: list[str] | None
    text: str = ""
    why: str = ""
    found: tuple[str, ...] = ()


class StillOpen(ValueError):
    """The text ends inside quotes."""


class Broken(ValueError):
    """The quotes of the text contradict each other."""


class Parser:
    """Takes one record apart by a dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.separator, self.quote = dialect.separator, dialect.quote
        self.options = csv.reader(
            [],
            delimiter=dialect.separator,
            quotechar=dialect.quote,
            skipinitialspace=dialect.spaced,
            strict=True,
        ).dialect
        sep, quote, blanks = (
            re.escape(dialect.separator),
            re.escape(dialect.quote),
            " *" if dialect.spaced else "",
        )
        inner = rf"[^{sep}{quote}\r\n]"
        self.stray = re.compile(f"{inner}{quote}{inner}")
        self.closing = re.compile(f"((?:[^{quote}]|{quote}{quote})*){quote}(?!{quote})")
        self.quoted = re.compile(
            rf"(?:^|(?<={sep})){blanks}{quote}(?:[^{quote}]|{quote}{quote})*{quote}(?={sep}|[\r\n]|$)"
        )

    def cells(self, text: str) -> list[str]:
        """Raises StillOpen and Broken."""
        if self.quote not in text:
            cells = text.rstrip("\r\n").split(self.separator)
            return [cell.lstrip(" ") for cell in cells] if self.dialect.spaced else cells
        if self.dialect.escape:
            text = _ESCAPED.sub(lambda found: '""' if found[1] == '"' else "\\", text)
        try:
            cells = next(csv.reader((text,), self.options), [])
        except csv.Error as error:
            raise (StillOpen if "end of data" in str(error) else Broken) from None
        if self.quote != '"' and any('""' in cell for cell in cells):
            raise Broken  # one quote or two?
        if self.stray.search(text) and self._torn(text):
            raise Broken
        return cells

    def _torn(self, text: str) -> bool:
        """Whether a separator stands between two stray quotes: then nobody knows which cells were meant."""
        rest = self.quoted.sub("", text)
        return sum(cell.count(self.quote) % 2 for cell in rest.split(self.separator)) > 1

    def naive(self, text: str | None) -> tuple[str, ...]:
        """The cells as far as separators tell."""
        return tuple((text or "").rstrip("\r\n").split(self.separator))


def rows(lines: Iterable[tuple[int, str | None]], dialect: Dialect, width: int) -> Iterator[Raw]:
    """The rows that stand in the lines. `width` helps to tell a cell over many lines from a quote left open."""
    parser, quote = Parser(dialect), dialect.quote
    cells_of, source = parser.cells, iter(lines)
    waiting: deque[tuple[int, str | None]] = deque()
    while line := waiting.popleft() if waiting else next(source, None):
        number, text = line
        if text is None:
            yield Raw(
                number, None, "", "not readable: in another encoding than the file, with a NUL, or too long"
            )
        elif text.isspace():
            yield Raw(number, [])
        elif quote not in text:
            yield Raw(number, cells_of(text), text)
        else:
            yield _quoted(number, text, parser, width, source, waiting)


def _quoted(
    number: int,
    text: str,
    parser: Parser,
    width: int,
    source: Iterator[tuple[int, str | None]],
    waiting: deque[tuple[int, str | None]],
) -> Raw:
    try:
        return Raw(number, parser.cells(text), text)
    except Broken:
        return Raw(number, None, text, NOT_PAIRED, parser.naive(text))
    except StillOpen:
        pass
    taken: list[tuple[int, str | None]] = []
    cells = _joined(text, parser, source, waiting, taken)
    lines = [line or "" for _number, line in taken]
    if cells is None or (len(cells) != width and any(_alone(line, parser) == width for line in lines)):
        waiting.extendleft(reversed(taken))  # rows that the open quote has swallowed
        return Raw(number, None, text, NOT_CLOSED, parser.naive(text))
    if why := _two_ways(text, lines, parser, width):
        why = f"{why}: lines {number} to {taken[-1][0]} can be read in two ways"
        return Raw(number, None, text, why, tuple(cells))
    return Raw(number, cells, text)


def _two_ways(text: str, lines: list[str], parser: Parser, width: int) -> str:
    """Whether a record over lines may be something else: two rows with a quote too many each, where the quote that
    closes the cell opens one in a line of the right width; or quotes written with a backslash here and there."""
    closing = parser.closing.match(lines[-1])
    if closing and closing[1].endswith(parser.separator) and len(parser.naive(lines[-1])) == width:
        return NOT_CLOSED
    if not parser.dialect.escape and parser.quote == '"' and any('\\"' in line for line in (text, *lines)):
        return "a backslash before a quote"
    return ""


def _joined(
    text: str,
    parser: Parser,
    source: Iterator[tuple[int, str | None]],
    waiting: deque[tuple[int, str | None]],
    taken: list[tuple[int, str | None]],
) -> list[str] | None:
    """The cells of a record that goes over lines, or None. `taken` gets the lines that were read for it."""
    while len(taken) < MOST_LINES and len(text) < LONGEST_LINE:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None:
            return None
        taken.append(line)
        if line[1] is None:
            return None
        text += line[1]
        if parser.quote in line[1]:
            try:
                return parser.cells(text)
            except Broken:
                return None
            except StillOpen:
                continue
    return None


def _alone(line: str, parser: Parser) -> int:
    try:
        return len(parser.cells(line))
    except (StillOpen, Broken):
        return len(parser.naive(line))


def dialects(first_line: str | None) -> list[Dialect]:
    """All that may be tried. A line "sep=;" names the separator; it may be an odd one."""
    named = _SEP_LINE.fullmatch(first_line or "")
    separators = dict.fromkeys([*(named[1] if named else ""), *SEPARATORS])
    return [replace(style, separator=separator) for separator, style in product(separators, STYLES)]


def header_at(lines: Sequence[tuple[int, str | None]], dialect: Dialect) -> tuple[list[str], int]:
    """The cells of the record that begins with the first of the lines, and the number of lines it takes."""
    parser, text = Parser(dialect), ""
    for count, (_number, line) in enumerate(lines, 1):
        text += line or ""
        try:
            return parser.cells(text), count
        except StillOpen:
            continue
        except Broken:
            break
    return [], 0


def fit(sample: Sequence[tuple[int, str | None]], dialect: Dialect, width: int) -> int:
    """How many rows of the sample have the right width and no cell that still stands in quotes."""
    other = "'" if dialect.quote == '"' else '"'
    return sum(
        row.cells is not None
        and len(row.cells) == width
        and not any(_wrapped(cell, other) for cell in row.cells)
        for row in rows(sample, dialect, width)
    )


def _wrapped(cell: str, other: str) -> bool:
    """Whether a cell that was taken for a plain one stands in quotes: other ones, or behind a blank."""
    if cell.startswith(other):
        return other == '"' or (len(cell) > 1 and cell.endswith(other))
    return cell.startswith(' "') and cell.endswith('"')
