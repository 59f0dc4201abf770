"""A person as a record to compare: the columns that tell people apart, made plain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from leads.identity import phone_key
from leads.mailboxes import domain_of, is_companys
from leads.models import Person
from leads.one_of import AnyOf
from leads.twins.likeness import plain

COLUMNS = (
    "first_name", "last_name", "email_key", "phone_key", "company_name", "company__name", "job_title", "country",
)  # fmt: skip
# Of a firm, not of a person.
SHARED = frozenset("""
info office contact sales mail hello kontakt support admin service team post buchhaltung einkauf marketing hr jobs
accounts billing purchasing reception
""".split())  # fmt: skip  # noqa: SIM905
LEGAL_FORMS = frozenset("""
gmbh ag kg ohg ug se ltd limited llc inc corp co plc sa sarl sas srl spa bv nv ab oy as aps sp zoo
""".split())  # fmt: skip  # noqa: SIM905


def everybody() -> QuerySet[Person]:
    """Whoever can have a double: nobody merged away or erased."""
    return Person.objects.filter(merged_into=None, erased_at=None)


def record(row: dict[str, Any]) -> dict[str, str]:
    """What `likeness` and `blocking` read, from a row of COLUMNS."""
    mailbox, domain = (row["email_key"] or "").rpartition("@")[0], domain_of(row["email_key"])
    mailbox = plain(mailbox.partition("+")[0])
    firm = row["company__name"] or row["company_name"] or (domain if is_companys(domain) else "")
    return {
        "first_name": plain(row["first_name"]),
        "last_name": plain(row["last_name"]),
        "mailbox": "" if mailbox in SHARED else mailbox,
        "domain": domain,
        "phone": (row["phone_key"] or "").lstrip("+"),
        "company": firm_name(firm),
        "title": plain(row["job_title"]),
        "country": row["country"].lower(),
    }


@lru_cache(maxsize=20_000)
def firm_name(name: str) -> str:
    """Without its legal form: "Acme GmbH" and "ACME" are one firm. A domain counts by its first name."""
    bare = name.partition(".")[0] if "." in name and " " not in name else name
    words = plain(bare).split()
    return " ".join(word for word in words if word not in LEGAL_FORMS) or " ".join(words)


def record_of(said: dict[str, str]) -> dict[str, str]:
    """The record of somebody who is not in the base: what a form says of them."""
    row = {column: said.get(column, "") for column in COLUMNS}
    row["email_key"] = said.get("email", "").strip().lower()
    row["phone_key"] = phone_key(said.get("phone", ""), said.get("country", "")) or ""
    return record(row)


def stream(people: QuerySet[Person]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each person's number and record; a few thousand rows in memory at a time."""
    for row in people.values("pk", *COLUMNS).iterator(chunk_size=5000):
        yield row["pk"], record(row)


def records(pks: Iterable[int]) -> dict[int, dict[str, str]]:
    return dict(stream(everybody().filter(AnyOf("pk", pks))))
