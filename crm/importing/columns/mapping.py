"""What the columns of a file mean (docs/importing.md). `mapping_file` reads and writes it as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from leads.models import LeadStatus, TouchKind

# The name of a column. Before `resolved` also a tuple of names, of which the first that the file has is meant.
Column = Any

PERSON_COLUMNS = (
    "email", "phone", "first_name", "last_name", "job_title", "company_name", "country", "language",
)  # fmt: skip
CUSTOM = "custom_"  # with the key of a custom field of people
# Kind of row → the columns its mapping may name in [columns].
KINDS: dict[str, tuple[str, ...]] = {
    "lead": PERSON_COLUMNS,
    "cold_contact": PERSON_COLUMNS,
    "deal": (),
    "opportunity": (
        "title",
        "amount",
        "currency",
        "account",
        "product",
        "email",
        "phone",
        "closed",
        "expected",
    ),
    "account": ("name", "domain", "industry", "size", "founded_year", "country", "city", "parent"),
    "product": ("name", "code", "price"),
    "activity": ("subject", "text", "outcome", "minutes", "seconds", "milliseconds", "who", "email", "phone"),
    "opt_out": ("email",),
}
PEOPLE = ("lead", "cold_contact")
MUST = {"account": ("name",), "product": ("name", "price")}  # what says what a row is about
STATUSES = (LeadStatus.NEW, LeadStatus.NURTURING, LeadStatus.MARKETING_QUALIFIED)


class MappingError(ValueError):
    """The mapping cannot be used; the text says where and why, in one line."""


@dataclass(frozen=True, kw_only=True)
class When:
    """Where a row's time comes from: a column in one of `formats` and a zone (ISO 8601 where there is none), or a
    number times `seconds` after `zero`. `undated`: an open row without a date begins on the day of the import."""

    column: Column
    formats: tuple[str, ...] = ()
    zone: ZoneInfo | None = None
    zero: datetime | None = None
    seconds: int = 0
    undated: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A column whose values are translated: what is listed, what a blank means, and what all else means."""

    column: Column
    values: Table[str, str] = field(default_factory=dict)
    blank: str = ""
    otherwise: str = ""


@dataclass(frozen=True, kw_only=True)
class Among:
    """Which values of a column mean yes."""

    column: Column
    values: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A mapping, checked. Names of columns are those of the file's header."""

    name: str
    sha256: str = ""
    text: str = ""
    kind: str = "lead"
    source: str = ""
    history: bool = False
    loose: bool = False
    note: str = ""
    id: Column = ""
    person: Column = ""
    status: str = LeadStatus.NEW
    touch: str = TouchKind.FIRST_CONTACT
    blank: frozenset[str] = frozenset()
    everybody_agreed: bool = False
    at: When | None = None
    channel: Choice | None = None
    campaign: Choice | None = None
    state: Choice | None = None
    type: Choice | None = None
    reason: Choice | None = None
    industry: Choice | None = None
    country: Choice | None = None
    won: Among | None = None
    consent: Among | None = None
    only: Among | None = None
    full_name: Column = ""
    more_emails: tuple[str, ...] = ()
    columns: Table[str, Column] = field(default_factory=dict)
    facts: Table[str, Column] = field(default_factory=dict)
    channels: Table[str, str] = field(default_factory=dict)

    @property
    def says_who_agreed(self) -> bool:
        return self.everybody_agreed or self.consent is not None

    @property
    def tables(self) -> dict[str, Any]:
        """The parts that name a column each."""
        parts = {name: getattr(self, name) for name in PARTS}
        return {name: part for name, part in parts.items() if part is not None}

    def needs(self) -> set[str]:
        """The columns that the file must have; where a list of names is given, `resolved` looks for them."""
        must: list[Column] = [self.id, self.person, *(part.column for part in self.tables.values())]
        if not self.loose:
            must += [self.full_name, *self.more_emails, *self.columns.values(), *self.facts.values()]
        return {name for name in must if isinstance(name, str) and name}

    def any_of(self) -> frozenset[str]:
        """In lower case: names of which the header has at least one, where `needs` does not say enough."""
        who = (self.id, self.person, self.columns.get("email", ""), self.columns.get("phone", ""))
        listed = [name for column in who if isinstance(column, tuple) for name in column]
        single = [column for column in who if isinstance(column, str) and column] if self.loose else []
        return frozenset(name.lower() for name in (*listed, *single))

    def resolved(self, header: Iterable[str]) -> tuple[Mapping, list[str]]:
        """The same mapping with one column each, and the names of what a loose mapping does not find here.

        Raises MappingError where a column is missing that is needed.
        """
        there = frozenset(header)
        missing: list[str] = []
        plain: dict[str, Any] = {
            name: _first(getattr(self, name), there) for name in ("id", "person", "full_name")
        }
        missing += [
            _named(getattr(self, name)) for name, found in plain.items() if getattr(self, name) and not found
        ]
        parts: dict[str, Any] = {name: _part(part, there, missing) for name, part in self.tables.items()}
        tables: dict[str, Any] = {
            name: _table(getattr(self, name), there, missing) for name in ("columns", "facts")
        }
        more = tuple(name for name in self.more_emails if name in there)
        if missing and not self.loose:
            raise MappingError(f"the file has no column {missing[0]}")
        found = replace(self, **{**plain, **parts, **tables}, more_emails=more)
        for column in self._still_needed(found):
            raise MappingError(f"the file has no column {_named(column)}")
        return found, missing

    def _still_needed(self, found: Mapping) -> Iterator[Column]:
        """Columns without which a row has no meaning, however loose the mapping."""
        kinds = {"opportunity": ("state",), "opt_out": ()}
        for name in ("won", "only", *kinds.get(self.kind, ()), *(("at",) if self.history else ())):
            part = getattr(self, name)
            if part is not None and getattr(found, name) is None:
                yield part.column
        if self.kind in ("account", "product"):
            yield from (self.columns[name] for name in MUST[self.kind] if not found.columns.get(name))
            return
        known_by = {"opt_out": (), "opportunity": ("id",), "activity": ("person",)}.get(self.kind, ("id",))
        by_address = () if self.kind in ("opportunity", "deal") else ("email", "phone")
        names = [getattr(found, name) for name in known_by] + [found.columns.get(name) for name in by_address]
        if not any(names):
            wanted = [getattr(self, name) for name in known_by] + [
                self.columns.get(name) for name in by_address
            ]
            yield next(column for column in wanted if column)


PARTS = (
    "at", "channel", "campaign", "state", "type", "reason", "industry", "country", "won", "consent", "only",
)  # fmt: skip
Part = TypeVar("Part", When, Choice, Among)


def _first(column: Column, there: frozenset[str]) -> str:
    """The name that the file has; empty where it has none."""
    return next((name for name in ((column,) if isinstance(column, str) else column) if name in there), "")


def _named(column: Column) -> str:
    return column if isinstance(column, str) else " or ".join(column)


def _part(part: Part, there: frozenset[str], missing: list[str]) -> Part | None:
    found = _first(part.column, there)
    if not found:
        missing.append(_named(part.column))
    return replace(part, column=found) if found else None


def _table(table: Table[str, Column], there: frozenset[str], missing: list[str]) -> dict[str, Column]:
    found = {}
    for key, column in table.items():
        name = _first(column, there)
        if name:
            found[key] = name
        else:
            missing.append(_named(column))
    return found
