"""Rows that are no leads, from the cells of a record: opportunities, activities, opt-outs. They raise BadCell."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from campaigns.models import CustomField
from crm.importing.columns.amounts import money
from crm.importing.columns.cells import BadCell, Reader, chosen, dated, email_in, id_in
from crm.importing.columns.mapping import CUSTOM
from crm.importing.columns.sold import account, own_fields, product, typed
from leads.answers import custom_value, plain
from leads.identity import phone_key
from leads.importing import Done, PastLead, PastOptOut, Whom
from leads.models import PastActivity
from prospects.importing import Opportunity
from prospects.importing.products import PRODUCT
from prospects.models import Deal

Read = Callable[[int, list[str]], Any]
Row = dict[str, str]
LONGEST_TEXT = 20_000
UNDATED = "no date in the file; it begins on the day of the import"


def reads(reader: Reader) -> Read:
    """What makes a row of a record, by the kind of the mapping."""
    kinds: dict[str, Callable[[Reader, int, Row], Any]] = {
        "activity": activity,
        "opt_out": opt_out,
        "product": product,
    }
    kind = reader.mapping.kind
    if kind == "deal":
        return reader.sale
    if kind == "account":
        fields = own_fields(reader, CustomField.Entity.COMPANY)
        return lambda line, record: account(reader, line, reader.cells(record), fields)
    if kind == "opportunity":
        fields = own_fields(reader, CustomField.Entity.DEAL)
        return lambda line, record: _typed(opportunity(reader, line, reader.cells(record)), fields)
    if kind not in kinds:
        return _people(reader)
    return lambda line, record: kinds[kind](reader, line, reader.cells(record))


def _people(reader: Reader) -> Read:
    """Leads and cold contacts, with what the file says of consent and of custom fields, where it says anything."""
    fields = custom_fields(reader.mapping.facts)
    if not fields and not reader.mapping.says_who_agreed:
        return reader.lead

    def read(line: int, record: list[str]) -> PastLead:
        return agreeing(with_custom(reader.lead(line, record), fields), reader.cells(record), reader)

    return read


def opportunity(reader: Reader, line: int, row: Row) -> Opportunity:
    mapping = reader.mapping
    assert mapping.state is not None
    status = chosen(row, mapping.state)
    closed = _other_time(reader, row, "closed") if status != Deal.Status.OPEN else None
    undated = status == Deal.Status.OPEN and reader.is_undated(row)
    at = reader.at if undated else reader.time_of(row)
    if closed and closed > reader.at:
        raise BadCell(f"{mapping.columns['closed']}: a date of history must lie in the past")
    if closed and closed < at:
        raise BadCell(f"{mapping.columns['closed']}: before it began")
    expected = _other_time(reader, row, "expected")
    named = {PRODUCT: mapping.columns[PRODUCT]} if PRODUCT in mapping.columns else {}
    kept = {**mapping.facts, **named}
    return Opportunity(
        line=line,
        external_id=id_in(row, mapping.id),
        at=at,
        status=status,
        closed_at=closed,
        expected_on=expected.date() if expected else None,
        whom=_whom(reader, row),
        account=_text(reader, row, "account", 160),
        title=_text(reader, row, "title", 160),
        amount=_money(reader, row),
        currency=_text(reader, row, "currency", 3).upper(),
        kept={name: row[column] for name, column in kept.items() if row[column]},
        has_line=PRODUCT in mapping.columns,
        flag=UNDATED if undated else "",
    )


def _typed(row: Opportunity, fields: Mapping[str, CustomField]) -> Opportunity:
    """What the deal's own fields hold, in the form that they keep; one that does not fit is left out, and told."""
    if not fields:
        return row
    flags = [row.flag]
    kept = typed(row.kept, fields, flags)
    return replace(row, kept=kept, flag="; ".join(filter(None, flags)))


def activity(reader: Reader, line: int, row: Row) -> Done:
    mapping = reader.mapping
    whom = _whom(reader, row)
    if not whom:
        raise BadCell("nothing says with whom it was")
    kind = chosen(row, mapping.type) if mapping.type else str(PastActivity.Kind.CALL)
    at, subject = reader.time_of(row), _text(reader, row, "subject", 200)
    return Done(
        line=line,
        whom=whom,
        external_id=id_in(row, mapping.id) if mapping.id else _made_id(whom, kind, at, subject),
        kind=kind,
        at=at,
        subject=subject,
        text=_text(reader, row, "text", LONGEST_TEXT, keep_lines=True),
        outcome=_text(reader, row, "outcome", 80),
        minutes=_minutes(reader, row),
        who=_text(reader, row, "who", 120),
    )


def opt_out(reader: Reader, line: int, row: Row) -> PastOptOut:
    mapping = reader.mapping
    column = str(mapping.columns["email"])
    key = email_in(row[column], column)
    if not key:
        raise BadCell(f"{column}: empty")
    return PastOptOut(
        line=line,
        email_key=key,
        reason=chosen(row, mapping.reason) if mapping.reason else "imported",
        at=reader.time_of(row),
    )


def agreeing(row: PastLead, cells: Row, reader: Reader) -> PastLead:
    """The row with what its file says of consent."""
    mapping = reader.mapping
    agreed = mapping.everybody_agreed
    if mapping.consent is not None:
        agreed = cells[mapping.consent.column].casefold() in {
            word.casefold() for word in mapping.consent.values
        }
    return replace(row, agreed=True) if agreed else row


def custom_fields(names: Iterable[str]) -> dict[str, CustomField]:
    """The custom fields of people behind names like custom_budget."""
    keys = [name.removeprefix(CUSTOM) for name in names if name.startswith(CUSTOM)]
    if not keys:
        return {}
    rows = CustomField.objects.filter(entity=CustomField.Entity.PERSON, archived_at=None, key__in=keys)
    return {f"{CUSTOM}{row.key}": row for row in rows}


def with_custom(row: PastLead, fields: Mapping[str, CustomField]) -> PastLead:
    """Custom values in the form that is kept; one that does not fit is left out, and the row flagged."""
    facts, flags = dict(row.facts), [row.flag]
    for name, field in fields.items():
        if name in facts:
            try:
                facts[name] = custom_value(field, facts[name])
            except ValidationError:
                del facts[name]
                flags.append(f"{field.label}: not a {field.get_kind_display()}; left out")
    return replace(row, facts=facts, flag="; ".join(filter(None, flags)))


def _money(reader: Reader, row: Row) -> Decimal | None:
    column = reader.mapping.columns.get("amount", "")
    if not column or not row[column]:
        return None
    try:
        return money(row[column])
    except ValueError:
        raise BadCell(f"{column}: not an amount") from None


def _minutes(reader: Reader, row: Row) -> int | None:
    for name, divisor in (("minutes", 1), ("seconds", 60), ("milliseconds", 60_000)):
        written = _text(reader, row, name, 40)
        if written:
            parts = written.split(":")
            try:
                if len(parts) > 1:  # hours, minutes, seconds
                    return round(sum(float(part) * 60**at for at, part in enumerate(reversed(parts))) / 60)
                return round(float(written) / divisor)
            except ValueError:
                raise BadCell(f"{reader.mapping.columns[name]}: not a length of time") from None
    return None


def _text(reader: Reader, row: Row, name: str, most: int, *, keep_lines: bool = False) -> str:
    column = reader.mapping.columns.get(name, "")
    return plain(row[column], keep_lines=keep_lines)[:most].strip() if column else ""


def _other_time(reader: Reader, row: Row, name: str) -> datetime | None:
    column = reader.mapping.columns.get(name, "")
    if not column or not row[column] or reader.mapping.at is None:
        return None
    return dated(row[column], replace(reader.mapping.at, column=column))


def _whom(reader: Reader, row: Row) -> Whom:
    mapping, columns = reader.mapping, reader.mapping.columns
    mail, phone = columns.get("email", ""), columns.get("phone", "")
    return Whom(
        ref=row[mapping.person][:120] if mapping.person else "",
        email_key=(email_in(row[mail], mail) or "") if mail else "",
        phone_key=(phone_key(row[phone]) or "") if phone else "",
    )


def _made_id(whom: Whom, kind: str, at: datetime, subject: str) -> str:
    """The same activity in the same file again has the same id."""
    told = "\0".join([*whom, kind, at.isoformat(), subject])
    return f"made-{hashlib.blake2s(told.encode(), digest_size=16).hexdigest()}"
