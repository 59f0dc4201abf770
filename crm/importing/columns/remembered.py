"""Mappings that are offered for a file: what somebody chose for its like before, and the ready ones that fit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.importing.columns.mapping import CUSTOM, MappingError
from crm.importing.columns.mapping import Mapping as FileMapping
from crm.importing.columns.mapping_file import FOLDER, from_text, load, to_text
from crm.models import SavedMapping

# Words in a column that mean yes, as forms and spreadsheets write them.
YES = [
    "yes",
    "y",
    "true",
    "1",
    "x",
    "ja",
    "j",
    "oui",
    "sì",
    "si",
    "sí",
    "wahr",
    "vrai",
    "vero",
    "subscribed",
    "opt-in",
]
ENOUGH = 0.6  # of the columns that a ready mapping names
ONE_OF = ("id", "person", "full_name")


@dataclass(frozen=True)
class Offer:
    """A mapping that fits a file. `why`: the same columns, the same source, or ready made."""

    key: str
    name: str
    kind: str
    text: str
    why: str


def header_key(header: Sequence[str]) -> str:
    """The shape of a file: the names of its columns, whatever their order and case."""
    names = sorted({name.casefold() for name in header if name})
    return hashlib.sha256("\0".join(names).encode()).hexdigest()


def offers(header: Sequence[str], *, source: str = "") -> list[Offer]:
    """What may be used for a file with these columns, the likeliest first."""
    saved = list(_saved(header, source))
    fitting = [(share, m) for m in _ready() if (share := _share(m, header)) >= ENOUGH]
    ready = [m for _share_of, m in sorted(fitting, key=lambda pair: -pair[0])]
    return sorted(saved, key=lambda offer: offer.why != "columns") + [
        Offer(f"ready:{m.name}", m.name, m.kind, m.text, "ready") for m in ready
    ]


def _saved(header: Sequence[str], source: str) -> Iterator[Offer]:
    shape = header_key(header)
    for row in SavedMapping.objects.all():
        why = (
            "columns" if row.header_key == shape else "source" if source and row.source == source else "saved"
        )
        try:
            mapping = from_text(row.text, name=row.name)
        except MappingError:
            continue  # made for an older version
        if _share(mapping, header):
            yield Offer(f"saved:{row.pk}", row.name, row.kind, row.text, why)


def known() -> Iterator[FileMapping]:
    """All mappings, saved and ready."""
    for row in SavedMapping.objects.all():
        with suppress(MappingError):
            yield from_text(row.text, name=row.name)
    yield from _ready()


def _ready() -> Iterator[FileMapping]:
    for path in sorted(FOLDER.glob("*.toml")):
        yield load(path)


def _share(mapping: FileMapping, header: Sequence[str]) -> float:
    """How much of what the mapping names is in the file; 0 where it cannot be used."""
    names = {name.lower() for name in header}
    if not mapping.needs() <= set(header) or (mapping.any_of() and not mapping.any_of() & names):
        return 0
    try:
        _found, missing = mapping.resolved(header)
    except MappingError:
        return 0
    named = len(mapping.columns) + len(mapping.facts) + len(mapping.tables) + bool(mapping.id)
    return 1 - len(missing) / named


def remember(
    *, name: str, mapping: FileMapping, header: Sequence[str], by: Any, at: datetime
) -> SavedMapping:
    """Save a mapping under a name; the same name again is written over."""
    values = {
        "kind": mapping.kind,
        "source": mapping.source,
        "header_key": header_key(header),
        "text": mapping.text,
        "at": at,
        "by": by,
    }
    return SavedMapping.objects.update_or_create(name=name[:80], defaults=values)[0]


def chosen_text(
    *,
    kind: str,
    source: str,
    choices: Mapping[str, str],
    date_format: str = "",
    everybody_agreed: bool = False,
) -> str:
    """The text of a mapping by what was chosen for each column (column → what it fills; empty: not read)."""
    data: dict[str, Any] = {"kind": kind, "blank": ["#N/A", "#REF!", "#VALUE!"]}
    tables: dict[str, dict[str, Any]] = {"columns": {}, "facts": {}}
    more = []
    for column, field in choices.items():
        if field in ONE_OF:
            data.setdefault(field, column)
        elif field == "more_email":
            more.append(column)
        elif field == "at":
            tables["at"] = {"column": column, "format": date_format or "iso"}
        elif field == "consent":
            tables["consent"] = {"column": column, "values": YES}
        elif field == "fact":
            tables["facts"][_fact_name(column)] = column
        elif field:
            tables["columns"].setdefault(field, column)
    if source:
        data["source"] = source
    if more:
        data["more_emails"] = more
    if everybody_agreed:
        data["everybody_agreed"] = True
    return to_text(data | {name: table for name, table in tables.items() if table})


def choices_of(mapping: FileMapping) -> dict[str, str]:
    """The other way round: column → what it fills, as far as the page can show it."""
    found = {column: field for field, column in mapping.columns.items() if isinstance(column, str)}
    found |= {column: name if name.startswith(CUSTOM) else "fact" for name, column in mapping.facts.items()}
    found |= {getattr(mapping, name): name for name in ONE_OF if getattr(mapping, name)}
    found |= dict.fromkeys(mapping.more_emails, "more_email")
    if mapping.at is not None:
        found[mapping.at.column] = "at"
    if mapping.consent is not None:
        found[mapping.consent.column] = "consent"
    return found


def _fact_name(column: str) -> str:
    """A short name of letters, by which the fact is kept and shown."""
    name = "".join(char if char.isalnum() else "_" for char in column.casefold())
    return "_".join(filter(None, name.split("_")))[:60] or "column"
