"""A mapping as a readable text file (TOML): read, checked, and written again the same (docs/importing.md)."""

from __future__ import annotations

import hashlib
import json
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from crm.importing.columns.mapping import (
    CUSTOM,
    KINDS,
    MUST,
    PEOPLE,
    STATUSES,
    Among,
    Choice,
    Column,
    Mapping,
    MappingError,
    When,
)
from leads.models import LeadStatus, PastActivity, Suppression, TouchKind
from prospects.models import Deal

FOLDER = Path(settings.BASE_DIR) / "mappings"
# Every key that a mapping may hold, with the type of its value. The columns among them may be lists of names.
PLAIN: dict[str, type] = {
    "name": str, "kind": str, "source": str, "history": bool, "loose": bool, "note": str, "status": str,
    "touch": str, "blank": list, "more_emails": list, "everybody_agreed": bool,
}  # fmt: skip
SINGLE = ("id", "person", "full_name")
CHOICES = ("channel", "campaign", "state", "type", "reason", "industry", "country")
AMONG = ("won", "consent", "only")
BLANK_IS_NOW = "import"
TABLES: dict[str, set[str] | None] = {
    "at": {"column", "format", "zone", "number", "zero", "seconds", "blank"},
    **{name: {"column", "values", "blank", "otherwise"} for name in CHOICES},
    **{name: {"column", "values"} for name in AMONG},
    "columns": None,
    "facts": None,
    "channels": None,
}
# What the values of a choice may mean, where that is fixed.
MEANS: dict[str, set[str]] = {
    "state": set(Deal.Status.values),
    "type": set(PastActivity.Kind.values),
    "reason": {str(Suppression.Reason.IMPORTED), str(Suppression.Reason.BOUNCED), "complained"},
}


def find(given: str) -> Path:
    """The file named by a path, or by the name of one in the folder of ready mappings."""
    path = Path(given)
    ready = FOLDER / f"{given}.toml"
    return path if path.exists() or not ready.exists() else ready


def load(path: Path) -> Mapping:
    """Read and check a mapping file. Raises MappingError."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise MappingError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise MappingError(f"{path.name}: {error}") from None
    return from_text(text, name=path.stem, told_as=path.name)


def from_text(text: str, *, name: str, told_as: str = "") -> Mapping:
    """Read and check the text of a mapping; a `name` in it counts more than the one given. Raises MappingError."""
    told_as = told_as or name
    try:
        data = tomllib.loads(text)
        return parse(data, name=name, sha256=hashlib.sha256(text.encode()).hexdigest(), text=text)
    except (tomllib.TOMLDecodeError, MappingError) as error:
        raise MappingError(f"{told_as}: {error}") from None


def to_text(data: dict[str, Any]) -> str:
    """Write the tables of a mapping as TOML: what `tomllib` reads of it is equal to `data`."""
    plain = [f"{_key(key)} = {_value(value)}" for key, value in data.items() if not isinstance(value, dict)]
    return (
        "\n".join(plain + [line for key, value in data.items() for line in _lines(_key(key), value)]) + "\n"
    )


def _lines(name: str, table: Any) -> list[str]:
    if not isinstance(table, dict):
        return []
    lines = ["", f"[{name}]"]
    lines += [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not isinstance(value, dict)]
    return lines + [line for key, value in table.items() for line in _lines(f"{name}.{_key(key)}", value)]


def _key(name: str) -> str:
    plain = bool(name) and name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain else _value(name)


def _value(value: Any) -> str:
    """A JSON text is a TOML text where no sign is written as two halves; DEL must be escaped in TOML alone."""
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def parse(data: dict[str, Any], *, name: str, sha256: str = "", text: str = "") -> Mapping:
    """Check the tables of a mapping. Raises MappingError with the key that is wrong."""
    for key, value in data.items():
        _known(key, value)
    plain: dict[str, Any] = {key: data[key] for key in PLAIN if key in data}
    plain |= {key: _column_of(key, data[key]) for key in SINGLE if key in data}
    plain["blank"] = frozenset(plain.get("blank", ()))
    plain["more_emails"] = tuple(plain.get("more_emails", ()))
    tables: dict[str, Any] = {key: _columns(key, data[key]) for key in ("columns", "facts") if key in data}
    if "channels" in data:
        tables["channels"] = _texts("channels", data["channels"])
    parts: dict[str, Any] = {key: _choice(key, data[key]) for key in CHOICES if key in data}
    parts |= {key: _among(key, data[key]) for key in AMONG if key in data}
    mapping = Mapping(
        **{"name": name, **plain},
        sha256=sha256,
        text=text or to_text(data),
        at=_when(data["at"]) if "at" in data else None,
        **parts,
        **tables,
    )
    _agrees(mapping)
    return mapping


def _known(key: str, value: Any) -> None:
    if key in SINGLE:
        return
    if key in PLAIN:
        if not isinstance(value, PLAIN[key]):
            raise MappingError(f"{key} must be a {PLAIN[key].__name__}, not {value!r}")
        return
    if key not in TABLES:
        raise MappingError(f"no key {key!r}; known are {', '.join(sorted([*PLAIN, *SINGLE, *TABLES]))}")
    if not isinstance(value, dict):
        raise MappingError(f"[{key}] must be a table")
    allowed = TABLES[key]
    if allowed is not None and (unknown := set(value) - allowed):
        raise MappingError(f"[{key}] has no key {min(unknown)!r}; known are {', '.join(sorted(allowed))}")


def _column_of(key: str, value: Any) -> Column:
    """One name, or a list of names."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, list) and value and all(isinstance(name, str) and name for name in value):
        return tuple(value)
    raise MappingError(f"{key} must be a text, not {value!r}")


def _columns(key: str, table: dict[str, Any]) -> dict[str, Column]:
    return {name: _column_of(f"[{key}] {name}", value) for name, value in table.items()}


def _texts(key: str, table: dict[str, Any]) -> dict[str, str]:
    for name, value in table.items():
        if not isinstance(value, str) or not value:
            raise MappingError(f"[{key}] {name} must be a text, not {value!r}")
    return table


def _column(key: str, table: dict[str, Any], name: str = "column") -> Column:
    if not table.get(name):
        raise MappingError(f"[{key}] needs {name} = the name of a column")
    return _column_of(f"[{key}] {name}", table[name])


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
    formats = (written,) if isinstance(written, str) else tuple(written)
    if not formats or not all(isinstance(one, str) and ("%Y" in one or "%y" in one) for one in formats):
        if formats != ("iso",):
            raise MappingError('[at] needs format = how a date is written, such as "%Y-%m-%d", or "iso"')
        formats = ()
    if table.get("blank", BLANK_IS_NOW) != BLANK_IS_NOW:
        raise MappingError(f'[at] blank can only be "{BLANK_IS_NOW}": the day of the import')
    return When(column=_column("at", table), formats=formats, zone=zone, undated="blank" in table)


def _choice(key: str, table: dict[str, Any]) -> Choice:
    values = table.get("values", {})
    if not isinstance(values, dict):
        raise MappingError(f"[{key}.values] must be a table")
    plain = _texts(key, {name: table[name] for name in ("blank", "otherwise") if name in table})
    choice = Choice(column=_column(key, table), values=_texts(f"{key}.values", values), **plain)
    unknown = {*choice.values.values(), choice.blank, choice.otherwise} - MEANS.get(key, set()) - {""}
    if key in MEANS and unknown:
        known = ", ".join(sorted(MEANS[key]))
        raise MappingError(f"[{key}] values must be among {known}, not {min(unknown)!r}")
    return choice


def _among(key: str, table: dict[str, Any]) -> Among:
    values = table.get("values")
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise MappingError(f'[{key}] needs values = a list of texts, such as ["1"]')
    return Among(column=_column(key, table), values=frozenset(values))


def _agrees(mapping: Mapping) -> None:
    """What must hold between the keys."""
    for key, value, known in (
        ("kind", mapping.kind, tuple(KINDS)),
        ("status", mapping.status, STATUSES),
        ("touch", mapping.touch, TouchKind.values),
    ):
        if value not in known:
            raise MappingError(f"{key} must be one of {', '.join(known)}, not {value!r}")
    if mapping.id and not mapping.source:
        raise MappingError("id needs source = the name of the system that the ids are from")
    if mapping.history and mapping.at is None:
        raise MappingError("history needs [at], the date of each row")
    past = mapping.kind in ("deal", "opportunity", "activity")
    if not mapping.history and (mapping.status != LeadStatus.NEW or mapping.won or past):
        raise MappingError("a status, an outcome, deals and activities are history; say history = true")
    if mapping.at and mapping.at.undated and mapping.kind != "opportunity":
        raise MappingError("[at] blank is for opportunities")
    if mapping.says_who_agreed and mapping.kind not in PEOPLE:
        raise MappingError("[consent] is for leads and cold contacts")
    if mapping.kind != "account" and (mapping.industry or mapping.country):
        raise MappingError("[industry] and [country] are for accounts")
    _says_who(mapping)
    _columns_agree(mapping)


def _columns_agree(mapping: Mapping) -> None:
    allowed = KINDS[mapping.kind]
    for key in mapping.columns:
        if key not in allowed and not (mapping.kind in PEOPLE and key.startswith(CUSTOM)):
            raise MappingError(f"[columns] has no key {key!r}; known are {', '.join(sorted(allowed))}")


def _says_who(mapping: Mapping) -> None:
    by_address = {"email", "phone"} & set(mapping.columns)
    if mapping.kind == "deal" and not (mapping.id and mapping.person):
        raise MappingError("deals need id and person, the columns of the deal's and the person's id")
    if mapping.kind in PEOPLE and not (mapping.id or by_address):
        raise MappingError("nothing says who a row is: give id, or email or phone in [columns]")
    if mapping.kind == "opportunity" and not (mapping.id and mapping.state):
        raise MappingError("opportunities need id, the column of their own id, and [state]")
    if mapping.kind == "activity" and not (mapping.source and (mapping.person or by_address)):
        raise MappingError("activities need source, and person or email or phone: with whom they were")
    for name in MUST.get(mapping.kind, ()):
        if name not in mapping.columns:
            raise MappingError(f"a mapping of kind {mapping.kind} needs {name} in [columns]")
    if mapping.kind == "opt_out" and not ("email" in mapping.columns and mapping.source):
        raise MappingError("opt-outs need source, and email in [columns]")
