"""Rows of accounts and of products, from the cells of a record. They raise BadCell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError

from campaigns.models import CustomField
from crm.importing.columns.amounts import money
from crm.importing.columns.cells import BadCell, Reader
from crm.importing.columns.mapping import Choice
from leads.answers import custom_value, plain
from leads.countries import country_code
from leads.models import Company
from prospects.importing import PastAccount, PastProduct, product_code
from prospects.models import Product

Row = dict[str, str]
LONGEST_CUSTOM = 200
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def own_fields(reader: Reader, entity: str) -> dict[str, CustomField]:
    """The custom fields of companies or deals among the facts that the mapping names."""
    rows = CustomField.objects.in_use().filter(entity=entity, key__in=reader.mapping.facts)
    return {row.key: row for row in rows}


def account(reader: Reader, line: int, row: Row, fields: Mapping[str, CustomField]) -> PastAccount:
    """A value that cannot be read is left out and told; only a row without a name stays out."""
    flags: list[str] = []
    name = _text(reader, row, "name", 160)
    if not name:
        raise BadCell(f"{reader.mapping.columns['name']}: empty")
    said = {
        "industry": _translated(reader, row, "industry", 80),
        "size": _number(reader, row, "size", flags),
        "founded_year": _year(reader, row, flags),
        "country": _country(reader, row, flags),
        "city": _text(reader, row, "city", 80),
    }
    return PastAccount(
        line=line, name=name, domain=_domain(reader, row, flags), parent=_text(reader, row, "parent", 160),
        said={key: value for key, value in said.items() if value}, kept=_kept(reader, row, fields, flags),
        flag="; ".join(flags),
    )  # fmt: skip


def product(reader: Reader, line: int, row: Row) -> PastProduct:
    columns = reader.mapping.columns
    name = _text(reader, row, "name", Product._meta.get_field("name").max_length or 0)
    if not name:
        raise BadCell(f"{columns['name']}: empty")
    try:
        price = money(row[columns["price"]])
    except ValueError:
        raise BadCell(f"{columns['price']}: not a price") from None
    code = _text(reader, row, "code", 40) or product_code(name)
    if not code:
        raise BadCell(f"{columns['name']}: no letter or digit to make a code of")
    return PastProduct(line=line, name=name, code=code, price=price)


def _text(reader: Reader, row: Row, name: str, most: int) -> str:
    column = reader.mapping.columns.get(name, "")
    return plain(row[column])[:most].strip() if column else ""


def _translated(reader: Reader, row: Row, name: str, most: int) -> str:
    """A column whose values the mapping may translate; what is not listed stays as it is written."""
    choice: Choice | None = getattr(reader.mapping, name)
    if choice is None:
        return _text(reader, row, name, most)
    value = row[choice.column]
    return plain(choice.values.get(value, value) if value else choice.blank)[:most].strip()


def _country(reader: Reader, row: Row, flags: list[str]) -> str:
    written = _translated(reader, row, "country", 80)
    code = country_code(written) if written else ""
    if written and not code:
        flags.append(f"{_column(reader, 'country')}: no country of this name; left out")
    return code


def _column(reader: Reader, name: str) -> str:
    choice: Choice | None = getattr(reader.mapping, name, None)
    return str(choice.column if choice else reader.mapping.columns.get(name, name))


def _number(reader: Reader, row: Row, name: str, flags: list[str]) -> int | None:
    written = _text(reader, row, name, 40)
    if not written:
        return None
    try:
        found = int(money(written))
    except ValueError:
        found = -1
    if not 0 <= found < 2**31:
        flags.append(f"{_column(reader, name)}: not a number; left out")
        return None
    return found


def _year(reader: Reader, row: Row, flags: list[str]) -> int | None:
    written = _text(reader, row, "founded_year", 40)
    this: datetime = reader.at
    if written and not (written.isdecimal() and 1000 <= int(written) <= this.year):
        flags.append(f"{_column(reader, 'founded_year')}: not a year; left out")
        return None
    return int(written) if written else None


def _domain(reader: Reader, row: Row, flags: list[str]) -> str:
    """A mail domain, or the address of a website, without what stands around it."""
    written = _text(reader, row, "domain", 300).lower()
    if not written:
        return ""
    bare = written.split("//")[-1].split("/")[0].removeprefix("www.")
    longest = Company._meta.get_field("domain").max_length or 0
    if not _DOMAIN.fullmatch(bare) or len(bare) > longest:
        flags.append(f"{_column(reader, 'domain')}: not a domain; left out")
        return ""
    return bare


def _kept(reader: Reader, row: Row, fields: Mapping[str, CustomField], flags: list[str]) -> dict[str, str]:
    """What fits no column."""
    values = {key: plain(row[column])[:LONGEST_CUSTOM] for key, column in reader.mapping.facts.items()}
    return typed({key: value for key, value in values.items() if value}, fields, flags)


def typed(kept: Mapping[str, str], fields: Mapping[str, CustomField], flags: list[str]) -> dict[str, str]:
    """Values by a custom field in its form, the others as they are written; one that does not fit is told."""
    found = {}
    for key, value in kept.items():
        try:
            found[key] = custom_value(fields[key], value) if key in fields else value
        except ValidationError:
            flags.append(f"{fields[key].label}: not a {fields[key].get_kind_display()}; left out")
    return found
