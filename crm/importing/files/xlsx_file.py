"""An .xlsx file is a packed folder of XML: what is in it is bounded before anything is unpacked."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import ZipFile, ZipInfo

from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from crm.importing.files.sheet import UnreadableFile

MOST_UNPACKED = 50_000_000  # bytes
MOST_RATIO = 100  # of unpacked to packed, from a megabyte on; what people write stays below 30
MOST_PARTS = 5_000
OTHERS = {
    "content.xml": "an OpenDocument file; save it as .xlsx or CSV",
    "xl/workbook.bin": "a binary workbook (.xlsb); save it as .xlsx or CSV",
    "word/document.xml": "a Word document; save the table as .xlsx or CSV",
    "ppt/presentation.xml": "a presentation; save the table as .xlsx or CSV",
}


class _Tab(ReadOnlyWorksheet):
    def _get_size(self) -> None:
        """The size that a sheet states of itself is often wrong, and where there is none all of it is parsed."""


class _Reader(ExcelReader):
    """Like `load_workbook`, which looks for the size of each sheet."""

    def read_worksheets(self) -> None:
        for sheet, part in self.parser.find_sheets():
            if part.target in self.valid_files and "chartsheet" not in part.Type:
                tab = _Tab(self.wb, sheet.name, part.target, self.shared_strings)
                tab.sheet_state = sheet.state
                self.wb._sheets.append(tab)


@contextmanager
def workbook(path: Path) -> Iterator[Any]:
    """The workbook, streamed. Raises UnreadableFile, also for what goes wrong while it is read."""
    try:
        _refuse_bombs(path)
        with path.open("rb") as file:
            reader = _Reader(file, read_only=True, data_only=True, keep_links=False)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles that do not matter here
                reader.read()
            with closing(reader.wb):
                yield reader.wb
    except UnreadableFile:
        raise
    except Exception as error:  # the parser names no errors of its own for damaged files
        raise UnreadableFile(f"{path.name} is a damaged spreadsheet ({type(error).__name__})") from error


def _refuse_bombs(path: Path) -> None:
    """Before a byte is unpacked: what the file says of its own size binds the unpacking."""
    with ZipFile(path) as archive:
        parts = archive.infolist()
        _refuse_size(path, parts)
        for part in parts:
            with archive.open(part) as file, suppress(ExpatError):  # a picture, say
                _refuse_doctype(path, file)


def _refuse_size(path: Path, parts: list[ZipInfo]) -> None:
    names = {part.filename for part in parts}
    if not any(name.endswith("workbook.xml") for name in names):
        what = next((OTHERS[name] for name in OTHERS if name in names), "a packed folder; unpack it first")
        raise UnreadableFile(f"{path.name} is {what}")
    big = sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > MOST_PARTS
    if big or any(part.file_size > max(1_000_000, MOST_RATIO * part.compress_size) for part in parts):
        most = MOST_UNPACKED // 1_000_000
        raise UnreadableFile(
            f"{path.name} unpacks to more than {most} MB; save it as CSV, which may be of any size"
        )


def _refuse_doctype(path: Path, part: IO[bytes]) -> None:
    """No spreadsheet has one, and only there can entities be declared; it stands before the first element."""
    parser, seen = ParserCreate(), []

    def doctype(*_said: Any) -> None:
        raise UnreadableFile(f"{path.name} is a damaged spreadsheet (it declares entities)")

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = lambda *element: seen.append(element)
    while not seen and (piece := part.read(4096)):
        parser.Parse(piece)
