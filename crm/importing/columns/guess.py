"""A file without a mapping: people by the usual names of columns, in the languages our users' programs speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crm.importing.columns.mapping import Mapping
from crm.importing.files.lines import Sheet, open_sheet
from crm.importing.files.names import ADDRESSES, NAMES, name_key

# What a spreadsheet writes where a formula failed.
FAILED = frozenset(
    ("#N/A", "#N/V", "#NV", "#REF!", "#VALUE!", "#WERT!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!")
)


@dataclass(frozen=True)
class Guess:
    """Which column of a file is what. `columns` are named by the person's own; `unread` are all the others."""

    columns: dict[str, str]
    full_name: str = ""
    more_emails: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def guessed_mapping(path: Path) -> tuple[Sheet, Mapping]:
    """The sheet and a mapping of kind lead, no history. Raises UnreadableFile where no column holds addresses or
    phone numbers."""
    sheet = open_sheet(path, set(), any_of=ADDRESSES)
    guess = guessed_columns(sheet.header)
    mapping = Mapping(
        name="by column names",
        note=f"Columns not read: {', '.join(guess.unread)}." if guess.unread else "",
        blank=FAILED,
        full_name=guess.full_name,
        more_emails=guess.more_emails,
        columns=guess.columns,
    )
    return sheet, mapping


def guessed_columns(header: Sequence[str]) -> Guess:
    """The columns by their names; where several fit, the most usual one is read, of addresses all."""
    keys = {name: name_key(name) for name in header if name}
    found: dict[str, list[str]] = {}
    for part, words in NAMES.items():
        rank = {word: at for at, word in enumerate(words)}
        found[part] = sorted((name for name in keys if keys[name] in rank), key=lambda name: rank[keys[name]])
    columns = {part: names[0] for part, names in found.items() if names}
    _name_columns(columns, keys)
    full_name = columns.pop("full_name", "")
    more = tuple(found["email"][1:])
    read = {full_name, *columns.values(), *more}
    return Guess(columns, full_name, more, tuple(name for name in keys if name not in read))


def _name_columns(columns: dict[str, str], keys: dict[str, str]) -> None:
    """ "Name" beside "Vorname" is a last name, beside "Surname" a first name; "Nom" alone is all of the name."""
    first, last, full = (columns.get(part, "") for part in ("first_name", "last_name", "full_name"))
    if first and last:
        columns.pop("full_name", None)
    elif first and full:
        columns["last_name"] = columns.pop("full_name")
    elif last and full and keys[full] == "name":
        columns["first_name"] = columns.pop("full_name")
    elif not full and keys.get(first or last) in ("nome", "nombre", "nom"):
        columns["full_name"] = columns.pop("first_name", "") or columns.pop("last_name")
