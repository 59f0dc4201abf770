"""What a version says otherwise than the one before."""

from __future__ import annotations

from dataclasses import dataclass

from prospects.models import Agreement


@dataclass(frozen=True)
class ShownSection:
    """`lines` as they stand, each with whether it is new; `gone` stood here before."""

    key: str
    title: str
    lines: list[tuple[str, bool]]
    gone: list[str]


def compared(shown: Agreement, before: Agreement | None) -> list[ShownSection]:
    """The sections of a version. Of the first one nothing is marked: there was nothing before."""
    old = {part["key"]: part["lines"] for part in _parts(before)} if before else None
    return [_section(part, old) for part in _parts(shown)]


def _parts(row: Agreement) -> list[dict]:
    """Whatever is no section was not written by `text`, and has nothing to say."""
    return [part for part in row.body if isinstance(part, dict)]


def _section(part: dict, old: dict[str, list[str]] | None) -> ShownSection:
    known = part["lines"] if old is None else old.get(part["key"], [])
    lines = [(line, line not in known) for line in part["lines"]]
    return ShownSection(
        part["key"], part["title"], lines, [line for line in known if line not in part["lines"]]
    )
