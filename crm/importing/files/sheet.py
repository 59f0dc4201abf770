"""What the reading of a file hands on: what the file is, its records, and the refusal of a file that is none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class UnreadableFile(ValueError):
    """The file is not one that we read; one line says why and what to do."""


@dataclass(frozen=True)
class Dialect:
    """How a text file writes its cells. `escape`: quotes inside cells are written \\"; `spaced`: blanks follow the
    separators."""

    separator: str
    quote: str = '"'
    escape: bool = False
    spaced: bool = False


@dataclass(frozen=True)
class Sheet:
    """What the first reading found. `header_line` is the number of the header's first line, from 1, `first_line` that
    of the first line after it; `header_text` is the header as a text file writes it. `encoding` is xlsx or xls for a
    spreadsheet, then `tab` names the sheet that is read. `notes` say in plain sentences what was assumed and what is
    left out."""

    path: Path
    sha256: str
    encoding: str
    separator: str
    header: tuple[str, ...]
    header_line: int
    first_line: int = 0
    header_text: str = ""
    dialect: Dialect | None = None
    tab: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `cells` is None where it is broken, and `why` says how. An `aside` is no record at all (a footer,
    the header again, empty cells): it is shown and counts for nothing. `found` are the cells of a broken record, as
    far as they could be told."""

    line: int
    cells: list[str] | None
    why: str = ""
    aside: bool = False
    found: tuple[str, ...] = ()
