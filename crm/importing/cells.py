"""From the cells of a record to the values that the parts of each app take. Pure but for the ids it is given."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from itertools import chain

from crm.importing.mapping import Choice, Mapping, When
from leads.identity import BadAddress, email_key, phone_key
from leads.importing import PastLead
from leads.models import Fact, Person
from prospects.importing import PastSale

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
LONGEST_ID = 120
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
        trimmed = (cell.translate(INVISIBLE).strip() for cell in record)
        return {
            name: "" if cell in self.mapping.blank else cell
            for name, cell in zip(self.header, trimmed, strict=True)
        }

    def lead(self, line: int, record: list[str]) -> PastLead:
        """A row of kind lead. Raises BadCell."""
        row, mapping = self.cells(record), self.mapping
        at = self._at(row)
        said = {name: row[column] for name, column in mapping.columns.items() if row[column]}
        mail, phone = said.pop("email", ""), said.pop("phone", "")
        found = PastLead(
            line=line,
            external_id=_id(row, mapping.id) if mapping.id else "",
            at=at,
            email=parseaddr(mail)[1] if "<" in mail else mail,
            email_key=_email(mail, mapping.columns.get("email", "")),
            phone=phone,
            phone_key=phone_key(phone, said.get("country", "")) if phone else None,
            said=_fitting(said, mapping),
            facts={name: row[column][:LONGEST_FACT] for name, column in mapping.facts.items() if row[column]},
            channel=self._channel(row),
            campaign=self._campaign(row),
            won_at=at if mapping.won and row[mapping.won.column] in mapping.won.values else None,
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
            external_id=_id(row, mapping.id),
            person_ref=_id(row, mapping.person),
            at=self._at(row),
            kept=kept,
        )

    def _at(self, row: dict[str, str]) -> datetime:
        if self.mapping.at is None:
            return self.at
        at = _time(row[self.mapping.at.column], self.mapping.at)
        if at > self.at:
            raise BadCell(f"{self.mapping.at.column}: a date of history must lie in the past")
        return at

    def _channel(self, row: dict[str, str]) -> int:
        if self.mapping.channel is None:
            return self.channels["unknown"]
        return self.channels[_chosen(row, self.mapping.channel)]

    def _campaign(self, row: dict[str, str]) -> int | None:
        if self.mapping.campaign is None:
            return self.campaign
        slug = _chosen(row, self.mapping.campaign, as_written=True)
        if slug not in self.campaigns:
            raise BadCell(f"{self.mapping.campaign.column}: no such campaign")
        return self.campaigns[slug]


def _id(row: dict[str, str], column: str) -> str:
    if not row[column]:
        raise BadCell(f"{column}: empty")
    if len(row[column]) > LONGEST_ID:
        raise BadCell(f"{column}: longer than {LONGEST_ID} characters")
    return row[column]


def _email(raw: str, column: str) -> str | None:
    if not raw:
        return None
    try:
        return email_key(parseaddr(raw)[1] if "<" in raw else raw)
    except BadAddress:
        raise BadCell(f"{column}: not an e-mail address") from None


def _fitting(said: dict[str, str], mapping: Mapping) -> dict[str, str]:
    for name, value in said.items():
        most = Person._meta.get_field(name).max_length or 0
        if len(value) > most:
            raise BadCell(f"{mapping.columns[name]}: longer than {most} characters")
    return said


def _time(written: str, when: When) -> datetime:
    try:
        if when.zero is not None:
            return when.zero + timedelta(seconds=int(written) * when.seconds)
        return datetime.strptime(written, when.format).replace(tzinfo=when.zone)
    except (ValueError, OverflowError):
        wanted = when.format or "a whole number"
        what = "empty" if not written else f"not {wanted}" if when.zero else f"not a date as {wanted}"
        raise BadCell(f"{when.column}: {what}") from None


def _chosen(row: dict[str, str], choice: Choice, *, as_written: bool = False) -> str:
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
