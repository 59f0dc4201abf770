"""What a file is, by what stands in it and never by its name; and the lines of a text file with their numbers."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from crm.importing.files.sheet import UnreadableFile

LONGEST_LINE = 1 << 20
BLOCK = 1 << 20
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
OTHERS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a packed file",
    b"Rar!": "a packed file",
    b"7z\xbc\xaf": "a packed file",
    b"SQLite": "a database",
    b"{\\rtf": "a text document",
}
MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"<style", b"<workbook")
CONTROL = bytes([*range(9), *range(14, 27), *range(28, 32)])
_UNDECODED = re.compile("[\udc80-\udcff]")


def first_reading(path: Path) -> tuple[str, str]:
    """SHA-256, and how the file is written: xlsx, xls or the encoding of a text. Raises UnreadableFile."""
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip(b"\r\n\t \xef\xbb\xbf\xff\xfe\0"):
        raise UnreadableFile(f"{path.name} is empty")
    if start.startswith(ZIP):
        return _hashed(path)[0], "xlsx"
    if start.startswith(OLE):
        return _hashed(path)[0], "xls"
    _refuse_what_is_no_text(path.name, start)
    digest, is_utf8 = _hashed(path)
    if start.startswith(codecs.BOM_UTF8):
        return digest, "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return digest, "utf-16"
    return digest, "utf-8" if is_utf8 or _mostly_utf8(path) else "cp1252"


def _refuse_what_is_no_text(name: str, start: bytes) -> None:
    what = next((what for mark, what in OTHERS.items() if start.startswith(mark)), "")
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(MARKUP):
        what = "a web page or XML under another name; open it in a spreadsheet program and save it as .xlsx or CSV"
    elif start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        what = "written in UTF-32; save it as CSV in UTF-8"
    elif not start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if start.count(0) * 5 > len(start):
            what = "written in UTF-16 without its mark; save it as CSV in UTF-8"
        elif not what and (len(start) - len(start.translate(None, CONTROL))) * 20 > len(start):
            what = "not a text"
    if what:
        advice = "" if ";" in what else "; export the table as CSV or .xlsx"
        raise UnreadableFile(f"{name} is {what}{advice}")


def _hashed(path: Path) -> tuple[str, bool]:
    """SHA-256, and whether all of the file is UTF-8."""
    digest, is_utf8 = hashlib.sha256(), True
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            if is_utf8:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    is_utf8 = False
    return digest.hexdigest(), is_utf8


def _mostly_utf8(path: Path) -> bool:
    """Whether at least as many lines with accents are UTF-8 as are not."""
    good = bad = 0
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE):
            if not line.isascii():
                try:
                    line.decode("utf-8")
                    good += 1
                except UnicodeDecodeError:
                    bad += 1
    return good >= bad


def lines(path: Path, encoding: str) -> Iterator[tuple[int, str | None]]:
    """Physical lines, ends kept, with their numbers from 1; LF, CRLF and CR all end one. None for a line that cannot
    be read: wrongly encoded, with a NUL, or too long."""
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    number = 0
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        while text := file.readline(LONGEST_LINE):
            number += 1
            whole = True
            while len(text) == LONGEST_LINE and not text.endswith(("\n", "\r")):
                whole, text = False, file.readline(LONGEST_LINE)
            if whole and "\0" not in text and (text.isascii() or _well_written(text, encoding)):
                yield number, text
            else:
                yield number, None


def _well_written(text: str, encoding: str) -> bool:
    """A line of cp1252 that is UTF-8 as well was written by another program than the rest: nobody types "Ã©"."""
    if encoding == "utf-16":
        return "\ufffd" not in text
    if _UNDECODED.search(text):
        return False
    if encoding == "cp1252":
        try:
            text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            return True
        return False
    return True
