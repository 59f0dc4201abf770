"""What the columns of a file mean, as a readable text file (docs/importing.md)."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from leads.models import LeadStatus, TouchKind

FOLDER = Path(settings.BASE_DIR) / "mappings"
KINDS = ("lead", "deal")
PERSON_COLUMNS = (
    "email", "phone", "first_name", "last_name", "job_title", "company_name", "country", "language",
)  # fmt: skip
STATUSES = (LeadStatus.NEW, LeadStatus.NURTURING, LeadStatus.MARKETING_QUALIFIED)


class MappingError(ValueError):
    """The mapping cannot be used; the text says where and why, in one line."""


@dataclass(frozen=True, kw_only=True)
class When:
    """Where a row's time comes from: a column in a format and zone, or a number times `seconds` after `zero`."""

    column: str
    format: str = ""
    zone: ZoneInfo | None = None
    zero: datetime | None = None
    seconds: int = 0


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A column whose values are translated: what is listed, what a blank means, and what all else means."""

    column: str
    values: Table[str, str] = field(default_factory=dict)
    blank: str = ""
    otherwise: str = ""


@dataclass(frozen=True, kw_only=True)
class Won:
    """Which values of a column say that the lead became a customer."""

    column: str
    values: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A mapping file, checked. Names of columns are those of the file's header."""

    name: str
    sha256: str = ""
    kind: str = "lead"
    source: str = ""
    history: bool = False
    note: str = ""
    id: str = ""
    person: str = ""
    status: str = LeadStatus.NEW
    touch: str = TouchKind.FIRST_CONTACT
    blank: frozenset[str] = frozenset()
    at: When | None = None
    channel: Choice | None = None
    campaign: Choice | None = None
    won: Won | None = None
    columns: Table[str, str] = field(default_factory=dict)
    facts: Table[str, str] = field(default_factory=dict)
    channels: Table[str, str] = field(default_factory=dict)

    def needs(self) -> set[str]:
        """The columns that the file must have."""
        tables = [part.column for part in (self.at, self.channel, self.campaign, self.won) if part]
        return {*filter(None, (self.id, self.person, *tables)), *self.columns.values(), *self.facts.values()}


# Every key that a mapping may hold, with the type of its value.
PLAIN: dict[str, type] = {
    "name": str, "kind": str, "source": str, "history": bool, "note": str, "id": str, "person": str,
    "status": str, "touch": str, "blank": list,
}  # fmt: skip
TABLES = {
    "at": {"column", "format", "zone", "number", "zero", "seconds"},
    "channel": {"column", "values", "blank", "otherwise"},
    "campaign": {"column", "values", "blank", "otherwise"},
    "won": {"column", "values"},
    "columns": set(PERSON_COLUMNS),
    "facts": None,
    "channels": None,
}


def find(given: str) -> Path:
    """The file named by a path, or by the name of one in the folder of ready mappings."""
    path = Path(given)
    ready = FOLDER / f"{given}.toml"
    return path if path.exists() or not ready.exists() else ready


def load(path: Path) -> Mapping:
    """Read and check a mapping file. Raises MappingError."""
    try:
        raw = path.read_bytes()
        data = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        raise MappingError(f"{path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path.name}: {error}") from None
    try:
        return parse(data, name=path.stem, sha256=hashlib.sha256(raw).hexdigest())
    except MappingError as error:
        raise MappingError(f"{path.name}: {error}") from None


def parse(data: dict[str, Any], *, name: str, sha256: str = "") -> Mapping:
    """Check the tables of a mapping. Raises MappingError with the key that is wrong."""
    for key, value in data.items():
        _known(key, value)
    plain: dict[str, Any] = {key: data[key] for key in PLAIN if key in data}
    plain["blank"] = frozenset(plain.get("blank", ()))
    tables: dict[str, Any] = {
        key: _texts(key, data[key]) for key in ("columns", "facts", "channels") if key in data
    }
    mapping = Mapping(
        **{"name": name, **plain},
        sha256=sha256,
        at=_when(data["at"]) if "at" in data else None,
        channel=_choice("channel", data),
        campaign=_choice("campaign", data),
        won=_won(data["won"]) if "won" in data else None,
        **tables,
    )
    _agrees(mapping)
    return mapping


def _known(key: str, value: Any) -> None:
    if key in PLAIN:
        if not isinstance(value, PLAIN[key]):
            raise MappingError(f"{key} must be a {PLAIN[key].__name__}, not {value!r}")
        return
    if key not in TABLES:
        raise MappingError(f"no key {key!r}; known are {', '.join(sorted([*PLAIN, *TABLES]))}")
    if not isinstance(value, dict):
        raise MappingError(f"[{key}] must be a table")
    allowed = TABLES[key]
    if allowed is not None and (unknown := set(value) - allowed):
        raise MappingError(f"[{key}] has no key {min(unknown)!r}; known are {', '.join(sorted(allowed))}")


def _texts(key: str, table: dict[str, Any]) -> dict[str, str]:
    for name, value in table.items():
        if not isinstance(value, str) or not value:
            raise MappingError(f"[{key}] {name} must be a text, not {value!r}")
    return table


def _column(key: str, table: dict[str, Any], name: str = "column") -> str:
    if not isinstance(table.get(name), str) or not table[name]:
        raise MappingError(f"[{key}] needs {name} = the name of a column")
    return str(table[name])


def _when(table: dict[str, Any]) -> When:
    try:
        zone = ZoneInfo(table.get("zone") or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise MappingError(f"[at] zone: no time zone {table['zone']!r}") from None
    if "number" in table:
        zero, seconds = table.get("zero"), table.get("seconds")
        if not isinstance(zero, datetime) or not isinstance(seconds, int) or seconds <= 0:
            raise MappingError(
                "[at] with a number needs zero = a date and time, and seconds = a whole number"
            )
        return When(column=_column("at", table, "number"), zero=zero.replace(tzinfo=zone), seconds=seconds)
    written = table.get("format", "")
    if not isinstance(written, str) or not {"%Y", "%y"} & {written[i : i + 2] for i in range(len(written))}:
        raise MappingError('[at] needs format = how a date is written, such as "%Y-%m-%d"')
    return When(column=_column("at", table), format=written, zone=zone)


def _choice(key: str, data: dict[str, Any]) -> Choice | None:
    if key not in data:
        return None
    table = data[key]
    values = table.get("values", {})
    if not isinstance(values, dict):
        raise MappingError(f"[{key}.values] must be a table")
    plain = _texts(key, {name: table[name] for name in ("blank", "otherwise") if name in table})
    return Choice(column=_column(key, table), values=_texts(f"{key}.values", values), **plain)


def _won(table: dict[str, Any]) -> Won:
    values = table.get("values")
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise MappingError('[won] needs values = a list of texts, such as ["1"]')
    return Won(column=_column("won", table), values=frozenset(values))


def _agrees(mapping: Mapping) -> None:
    """What must hold between the keys."""
    for key, value, known in (
        ("kind", mapping.kind, KINDS),
        ("status", mapping.status, STATUSES),
        ("touch", mapping.touch, TouchKind.values),
    ):
        if value not in known:
            raise MappingError(f"{key} must be one of {', '.join(known)}, not {value!r}")
    if mapping.id and not mapping.source:
        raise MappingError("id needs source = the name of the system that the ids are from")
    if mapping.history and mapping.at is None:
        raise MappingError("history needs [at], the date of each row")
    if not mapping.history and (mapping.status != LeadStatus.NEW or mapping.won or mapping.kind == "deal"):
        raise MappingError("a status, an outcome and deals are history; say history = true")
    if mapping.kind == "deal" and not (mapping.id and mapping.person):
        raise MappingError("deals need id and person, the columns of the deal's and the person's id")
    if mapping.kind == "lead" and not (mapping.id or {"email", "phone"} & set(mapping.columns)):
        raise MappingError("nothing says who a row is: give id, or email or phone in [columns]")
