"""From the cells of a record to the values that the parts of each app take. Pure but for the ids it is given."""

from __future__ import annotations

import re
from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from crm.importing.columns.mapping import Choice, Mapping, When
from crm.importing.columns.people import addresses, is_cut_off, name_parts
from crm.importing.files.names import INVISIBLE
from leads.answers import THROWAWAY, plain
from leads.countries import country_code
from leads.identity import BadAddress, phone_key
from leads.importing import PastLead
from leads.mailboxes import domain_of, is_throwaway
from leads.models import Fact, Person
from prospects.importing import PastSale

OTHER_EMAILS = "other_emails"  # the fact that keeps what else stood in the columns of addresses
_BREAKS = re.compile(r"\s*[\n\t]\s*")
LONGEST_ID = 120
MARKED = frozenset("=+-@＝＋－＠")
LONGEST_FACT = Fact._meta.get_field("value").max_length


class BadCell(ValueError):
    """The line stays out; the text names the column, never what stood in it."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads the records of one file by its mapping. `channels` and `campaigns` are ids by slug."""

    mapping: Mapping
    header: tuple[str, ...]
    channels: Table[str, int]
    campaigns: Table[str, int]
    campaign: int | None
    at: datetime

    def cells(self, record: list[str]) -> dict[str, str]:
        """The record by column, trimmed, with blank words made blank."""
        trimmed = (_trimmed(cell) for cell in record)
        return {
            name: "" if cell in self.mapping.blank else cell
            for name, cell in zip(self.header, trimmed, strict=True)
        }

    def lead(self, line: int, record: list[str]) -> PastLead:
        """A row of kind lead. Raises BadCell."""
        row, mapping = self.cells(record), self.mapping
        at = self.time_of(row)
        said = _said(row, mapping)
        mail, key, others = emails_in(row, mapping)
        phone, flag = _phone(row, mapping)
        facts = {name: row[column] for name, column in mapping.facts.items() if row[column]}
        if others:
            facts.setdefault(OTHER_EMAILS, ", ".join(others))
        found = PastLead(
            line=line,
            external_id=id_in(row, mapping.id) if mapping.id else "",
            at=at,
            email=mail,
            email_key=key or None,
            phone=phone,
            phone_key=phone_key(phone, said.get("country", "")) if phone else None,
            said=said,
            facts={name: value[:LONGEST_FACT] for name, value in facts.items()},
            channel=self.channel_of(row),
            campaign=self.campaign_of(row),
            won_at=at if mapping.won and row[mapping.won.column] in mapping.won.values else None,
            flag="; ".join(filter(None, (flag, _junk(key)))),
        )
        if not (found.external_id or found.email_key or found.phone_key):
            raise BadCell("no address, phone number or id that says who it is")
        return found

    def sale(self, line: int, record: list[str]) -> PastSale:
        """A row of kind deal. Raises BadCell."""
        row, mapping = self.cells(record), self.mapping
        kept = {name: row[column] for name, column in mapping.facts.items() if row[column]}
        return PastSale(
            line=line,
            external_id=id_in(row, mapping.id),
            person_ref=id_in(row, mapping.person),
            at=self.time_of(row),
            kept=kept,
        )

    def is_undated(self, row: dict[str, str]) -> bool:
        """Whether the file has no date for this row, and its mapping allows that."""
        when = self.mapping.at
        return when is not None and when.undated and not row[when.column]

    def time_of(self, row: dict[str, str]) -> datetime:
        if self.mapping.at is None or not (row[self.mapping.at.column] or self.mapping.history):
            return self.at
        at = dated(row[self.mapping.at.column], self.mapping.at)
        if at > self.at:
            raise BadCell(f"{self.mapping.at.column}: a date of history must lie in the past")
        return at

    def channel_of(self, row: dict[str, str]) -> int:
        if self.mapping.channel is None:
            return self.channels["unknown"]
        return self.channels[chosen(row, self.mapping.channel)]

    def campaign_of(self, row: dict[str, str]) -> int | None:
        if self.mapping.campaign is None:
            return self.campaign
        slug = chosen(row, self.mapping.campaign, as_written=True)
        if slug not in self.campaigns:
            raise BadCell(f"{self.mapping.campaign.column}: no such campaign")
        return self.campaigns[slug]


def id_in(row: dict[str, str], column: str) -> str:
    if not row[column]:
        raise BadCell(f"{column}: empty")
    if len(row[column]) > LONGEST_ID:
        raise BadCell(f"{column}: longer than {LONGEST_ID} characters")
    return row[column]


def _trimmed(cell: str) -> str:
    """As a form would have it: one form of Unicode, no control or invisible signs, no blanks around; and without the
    ' by which a spreadsheet keeps =1+1 a text."""
    if not (cell.isascii() and cell.isprintable()):
        cell = plain(cell.translate(INVISIBLE), keep_lines=True)
    cell = cell.strip()
    if not cell.startswith("'"):
        return cell
    inside = cell[1:]
    marked = inside.lstrip(' "\u00a0')[:1] in MARKED
    return inside.strip() if inside and marked else cell


def email_in(raw: str, column: str) -> str | None:
    """The key of the first address in the cell. Raises BadCell."""
    try:
        return addresses([raw])[1] or None
    except BadAddress:
        raise BadCell(f"{column}: not an e-mail address") from None


def emails_in(row: dict[str, str], mapping: Mapping) -> tuple[str, str, list[str]]:
    """The address of the row, its key, and what else stands in the columns of addresses. Raises BadCell."""
    columns = [*filter(None, (mapping.columns.get("email"), *mapping.more_emails))]
    try:
        return addresses(row[column] for column in columns)
    except BadAddress:
        named = next(column for column in columns if row[column])
        raise BadCell(f"{named}: not an e-mail address") from None


def _junk(key: str) -> str:
    """A form marks such an address; a list has nobody who could be asked for another one."""
    return f"{THROWAWAY}: it may be gone tomorrow" if is_throwaway(domain_of(key)) else ""


def _phone(row: dict[str, str], mapping: Mapping) -> tuple[str, str]:
    """The number, and what is to be said about it."""
    column = mapping.columns.get("phone")
    written = row[column].removeprefix("'") if column else ""
    if is_cut_off(written):
        return "", f"{column}: a spreadsheet has cut the number off (as 4.9E+12), so it is left out"
    return written, ""


def _said(row: dict[str, str], mapping: Mapping) -> dict[str, str]:
    """What the row says for the person's own columns, but address and number. Raises BadCell."""
    said = {
        name: row[column]
        for name, column in mapping.columns.items()
        if row[column] and name not in ("email", "phone")
    }
    if mapping.full_name and row[mapping.full_name] and not {"first_name", "last_name"} & set(said):
        names = zip(("first_name", "last_name"), name_parts(row[mapping.full_name]), strict=True)
        said |= {name: value for name, value in names if value}
    if "country" in said:
        said["country"] = country_code(said["country"])
    said = {name: _BREAKS.sub(" ", value) for name, value in said.items()}
    for name, value in said.items():
        most = Person._meta.get_field(name).max_length or 0
        if len(value) > most:
            raise BadCell(f"{mapping.columns.get(name, mapping.full_name)}: longer than {most} characters")
    return {name: value for name, value in said.items() if value}


def dated(written: str, when: When) -> datetime:
    """A cell as a time. Raises BadCell."""
    try:
        if when.zero is not None:
            return when.zero + timedelta(seconds=int(written) * when.seconds)
        found = _dated(written, when.formats)
    except (ValueError, OverflowError):
        wanted = when.formats[0] if when.formats else "2026-11-30 or 2026-11-30 12:00"
        what = "empty" if not written else "not a whole number" if when.zero else f"not a date as {wanted}"
        raise BadCell(f"{when.column}: {what}") from None
    return found if found.tzinfo else found.replace(tzinfo=when.zone)


def _dated(written: str, formats: tuple[str, ...]) -> datetime:
    """In the first format that fits; ISO 8601 where none is given. Raises ValueError."""
    for one in formats:
        try:
            return datetime.strptime(written, one)  # noqa: DTZ007 - the zone is given by the caller
        except ValueError:
            continue
    if formats:
        raise ValueError(written)
    return datetime.fromisoformat(written)


def chosen(row: dict[str, str], choice: Choice, *, as_written: bool = False) -> str:
    value = row[choice.column]
    found = choice.values.get(value, "") if value else choice.blank
    found = found or (value if as_written else "") or choice.otherwise
    if not found:
        raise BadCell(f"{choice.column}: {'empty' if not value else 'the mapping does not know this value'}")
    return found


def slugs_of(choice: Choice | None) -> set[str]:
    """The slugs that a choice may give."""
    if choice is None:
        return set()
    return set(filter(None, chain(choice.values.values(), [choice.blank, choice.otherwise])))
