"""What stands in the cells about a person: addresses, a phone number, a name. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import parseaddr

from leads.identity import BadAddress, email_key

PARTICLES = frozenset(
    ("al", "bin", "da", "dal", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "ibn", "la", "las",
     "le", "les", "lo", "los", "ten", "ter", "van", "vom", "von", "zu", "zum", "zur")
)  # fmt: skip
_SCIENTIFIC = re.compile(r"[+']?\d(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
_BETWEEN = re.compile(r"[;|\r\n]+|\s/\s")


def addresses(cells: Iterable[str]) -> tuple[str, str, list[str]]:
    """The first address one can write to, its key, and all others as they stand there; blanks where there is none.

    Raises BadAddress where something stands there and nothing is an address.
    """
    first = key = ""
    others: list[str] = []
    for written in (one for cell in cells for one in _several(cell)):
        try:
            found = email_key(written)
        except BadAddress:
            others.append(written)
            continue
        if not key:
            first, key = written, found
        elif found != key and written not in others:
            others.append(written)
    if others and not key:
        raise BadAddress(others[0])
    return first, key, others


def _several(cell: str) -> list[str]:
    """The addresses of one cell. Only what is clearly a list is taken apart: "john doe@x.com" is one bad address."""
    cell = cell.strip()
    if cell.count("@") < 2:
        return [_bare(cell)] if cell else []
    found = []
    for part in filter(None, map(str.strip, _BETWEEN.split(cell))):
        for between in (",", None):
            pieces = part.split(between)
            if len(pieces) > 1 and all("@" in piece for piece in pieces):
                found += [_bare(piece) for piece in pieces]
                break
        else:
            found.append(_bare(part))
    return found


def _bare(written: str) -> str:
    """Without the name before it and "mailto:"."""
    written = written.strip().removeprefix("mailto:")
    return parseaddr(written)[1] if "<" in written else written


def is_cut_off(number: str) -> bool:
    """Whether a spreadsheet has written the number as 4,91512E+12: then its last digits are lost."""
    return bool(_SCIENTIFIC.fullmatch(number.strip()))


def name_parts(written: str) -> tuple[str, str]:
    """First and last name of "Last, First" or "First Last"; "de la", "van" and the like begin the last name."""
    last, comma, first = written.partition(",")
    if comma:
        return first.strip(), last.strip()
    words = written.split()
    start = next((at for at, word in enumerate(words) if at and word.casefold() in PARTICLES), len(words) - 1)
    return " ".join(words[:start]), " ".join(words[max(start, 0) :])
