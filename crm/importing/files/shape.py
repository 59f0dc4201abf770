"""What each row of a table is: the header among the first lines, then records, the header again, a footer, empty
cells, another table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from crm.importing.files.csv_lines import Raw
from crm.importing.files.names import ALL, INVISIBLE, name_key
from crm.importing.files.sheet import Record

HEADER_WITHIN = 30  # some exports begin with a few lines of prose
MOST_HELD = 30  # lines of a footer
_FOOTER = re.compile(
    r"\W*(?:grand |sub[- ]?)?(?:total\w*|sum|summe|gesamt\w*|insgesamt|somme|somma|suma|generated|created by|printed|"
    r"erstellt|generiert|exported|exportiert|export[ée]|esportato|exportado|g[ée]n[ée]r[ée]|confidential|vertraulich|"
    r"confidentiel|page \d|seite \d|copyright|©|end of|ende|number of|anzahl|record count|rows?:|records?:)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wanted:
    """What a header must have: all of `needs`, and where names are given one of `any_of` (as `name_key` makes them)."""

    needs: Set[str]
    any_of: Set[str] = frozenset()

    def score(self, cells: Sequence[str]) -> int:
        """0 for a row that is not the header; more where more usual names stand in it."""
        if not self.needs <= set(cells):
            return 0
        if not self.any_of:
            return 1
        keys = {name_key(cell) for cell in cells}
        if not keys & self.any_of or any("@" in cell for cell in cells):
            return 0
        return len(keys & (self.any_of | ALL))

    def missing(self, rows: Iterable[Sequence[str]], name: str) -> str:
        """One line that says why no row is the header."""
        rows = list(rows)
        if self.any_of:
            data = any("@" in cell for cells in rows[:1] for cell in cells)
            first = (
                "its first line holds data" if data else "none of its first lines names columns that we know"
            )
            return f"{name} has no header: {first}. Name the columns in the first line, such as Email, First name"
        missing = min((self.needs - set(cells) for cells in rows), key=len, default=self.needs)
        return f"{name} has no column {', '.join(sorted(missing or self.needs))}"


def column_names(cells: Iterable[str]) -> tuple[str, ...]:
    """The cells of a header on one line each, trimmed, without invisible signs."""
    return tuple(re.sub(r"\s*[\r\n]+\s*", " ", cell.translate(INVISIBLE).strip()) for cell in cells)


def told_apart(names: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The names, twins numbered, and a note for each twin."""
    found: list[str] = []
    notes = []
    for name in names:
        number, own = 2, name
        while own and own in found:
            own, number = f"{name} ({number})", number + 1
        if own != name:
            notes.append(f"Several columns are named {name}; one of them is read as {own}.")
        found.append(own)
    return tuple(found), notes


def records(rows: Iterable[Raw], header: Sequence[str], header_text: str = "") -> Iterator[Record]:
    """What the rows below the header are, in their order. `header_text` is its line in a text file."""
    return _Table(header, header_text).records(rows)


def _as_written(name: str) -> str:
    """Without the number that `told_apart` gives a twin."""
    return re.sub(r" \(\d+\)$", "", column_names([name])[0]).casefold()


class _Table:
    def __init__(self, header: Sequence[str], header_text: str) -> None:
        self.header_text = header_text.strip()
        self.begun = False  # a record was seen
        self.width = len(header)
        self.names = [_as_written(name) for name in header]
        self.known = {*map(name_key, header), *ALL} - {""}
        self.words = {word for name in (*header, *ALL) for word in (name, name.lower(), name.title())} - {""}
        self.gap = False  # a blank line since the last record
        self.other = 0  # the line where another table begins
        self.empty: list[int] = []
        self.held: list[tuple[Raw, Record]] = []  # what is a footer, unless a record follows

    def records(self, rows: Iterable[Raw]) -> Iterator[Record]:
        width, words = self.width, self.words
        for row in rows:
            cells = row.cells
            if cells is not None and len(cells) == width and words.isdisjoint(cells) and self._plain(cells):
                self.begun = True
                yield Record(row.line, cells)
            else:
                yield from self._look_at(row)
        yield from self._empty_told()
        for row, _record in self.held:
            yield Record(row.line, None, "a footer, left out", True, tuple(row.cells or ()))

    def _plain(self, cells: Sequence[str]) -> bool:
        """Whether a row of the right width without a column's name in it is a record at first sight."""
        if self.gap or self.held or self.other or self.empty:
            return False
        first = cells[0] or next(filter(None, cells), "")
        return not (first.isspace() or not first or _FOOTER.match(first))

    def _look_at(self, row: Raw) -> Iterator[Record]:
        """A row that may be something else than a record."""
        cells = row.cells
        if cells is not None and not any(cell.strip() for cell in cells):
            self.gap = True
            if cells:
                self.empty = [self.empty[0] if self.empty else row.line, row.line]
            return
        yield from self._empty_told()
        aside = None if cells is None else self._heading(row, cells)
        record = aside or self._record(row)
        if aside is None and not self.other and cells is not None and self._may_end(cells):
            self.held.append((row, record))
            if len(self.held) <= MOST_HELD:
                return
            record = self.held.pop()[1]
        yield from (held for _raw, held in self.held)
        self.held = []
        self.gap = False
        self.begun = self.begun or not record.aside
        yield record

    def _record(self, row: Raw) -> Record:
        if row.cells is None:
            return Record(row.line, None, row.why, found=row.found)
        if self.other:
            why = f"belongs to another table, which begins in line {self.other}"
            return Record(row.line, None, why, found=tuple(row.cells))
        if len(row.cells) != self.width:
            why = f"{len(row.cells)} cells where the header has {self.width}"
            return Record(row.line, None, why, found=tuple(row.cells))
        return Record(row.line, row.cells)

    def _heading(self, row: Raw, cells: Sequence[str]) -> Record | None:
        """The header again, or the header of another table. The same names below records, but written in another way
        (with quotes, say), come from another program: nothing says that the rows below mean the same."""
        if [_as_written(cell) for cell in cells] == self.names:
            self.other = row.line if self.begun and row.text.strip() != self.header_text else 0
            what = "another table begins here" if self.other else "the header again"
            return Record(row.line, None, f"{what}, left out", True, tuple(cells))
        filled = [name_key(cell) or cell for cell in cells if cell.strip()]
        strange = len(filled) < 2 or len(set(filled)) < len(filled) or any("@" in cell for cell in cells)
        if strange or 5 * sum(key in self.known for key in filled) < 3 * len(filled):
            return None
        self.other = row.line
        return Record(row.line, None, "another table begins here, left out", True, tuple(cells))

    def _may_end(self, cells: Sequence[str]) -> bool:
        """Whether the row looks like a line of a footer."""
        filled = [cell for cell in cells if cell.strip()]
        narrow = len(cells) < self.width
        if any("@" in cell for cell in filled):
            return False
        if _FOOTER.match(filled[0]) and (narrow or len(filled) <= max(2, self.width // 2)):
            return True
        after = self.gap or bool(self.held)
        return after and (narrow or (len(filled) == 1 and self.width > 2))

    def _empty_told(self) -> Iterator[Record]:
        if self.empty:
            first, last = self.empty
            self.empty = []
            rows = "a row" if first == last else f"rows to line {last}"
            yield Record(first, None, f"{rows} of empty cells, left out", True)
