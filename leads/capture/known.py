"""What we know of the sender of a form: one query, the same on both databases."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db import connection

from leads.capture.entry import Entry
from leads.consent import MARKETING, email_hashes
from leads.identity import are_two
from leads.models import Enrolment, Lead, Person
from leads.prepared import fetch

PERSON = (
    "id", "email", "email_key", "phone", "phone_key", "first_name", "last_name", "job_title", "company_name",
    "country", "language", "sales_stage", "sales_open", "merged_into_id", "erased_at",
)  # fmt: skip
LEAD = ("id", "person_id", "status", "first_touch_id", "last_touch_id")


@dataclass(frozen=True, kw_only=True)
class Known:
    """``twin``: id of the submission that this form has made already. ``phone_taken``: by somebody else."""

    twin: int | None = None
    person: Person | None = None
    lead: Lead | None = None
    consented: bool = False
    suppressed: bool = False
    phone_taken: bool = False
    last_round: Enrolment | None = None


def read(entry: Entry) -> Known:
    """Look once. Rows that change before the decision is written are noticed by the writer."""
    found = _look(entry, entry.known.pk if entry.known else None)
    if found.person is not None and found.person.merged_into_id:
        found = _of_who_stayed(found, found.person, entry)
    sequence = entry.page.sequence_id if entry.page is not None else None
    if entry.released:
        found = replace(found, twin=None)  # itself
    if found.person is None or not sequence or found.twin:
        return found
    rounds = Enrolment.objects.filter(person=found.person, sequence=sequence).order_by("-round")
    return replace(found, last_round=rounds.first())


def _of_who_stayed(found: Known, merged: Person, entry: Entry) -> Known:
    """Keys stay with the tombstone, so whoever it was merged into is looked at by id."""
    stayed = merged
    while stayed.merged_into_id:
        stayed = Person.objects.get(pk=stayed.merged_into_id)
    if merged.email_key != entry.keys.email_key and are_two(entry.keys, stayed):
        return replace(found, person=None, lead=None, consented=False, phone_taken=True)
    return replace(_look(entry, stayed.pk), phone_taken=True)


def _look(entry: Entry, pk: int | None) -> Known:
    hashes = email_hashes(entry.keys.email_key) if entry.keys.email_key else [""]
    page = entry.page
    rows = fetch(
        _query(page is not None, len(hashes)),
        [
            page.pk if page is not None else entry.door,
            entry.stored_nonce,
            entry.email_key,
            *hashes,
            MARKETING,
            None if pk else entry.keys.email_key,
            entry.keys.phone_key,
            pk,
        ],
    )
    found = [_Row(row) for row in rows]
    chosen = _choose(found, entry, pk)
    taken = entry.keys.phone_key is not None and any(
        row.person.phone_key == entry.keys.phone_key for row in found if row.person and row is not chosen
    )
    return Known(
        twin=rows[0][0],
        suppressed=bool(rows[0][1]),
        person=chosen.person if chosen else None,
        lead=chosen.lead if chosen else None,
        consented=bool(chosen and chosen.consented),
        phone_taken=taken,
    )


class _Row:
    """One person the query found, with lead and consent; ``person`` is None on the empty row of a stranger."""

    def __init__(self, values: tuple[Any, ...]) -> None:
        _twin, _stopped, self.consented, *rest = values
        of_person, of_lead = rest[: len(PERSON)], rest[len(PERSON) :]
        names = [Person._meta.get_field(name).attname for name in PERSON]
        self.person = Person.from_db(connection.alias, names, of_person) if of_person[0] else None
        self.lead = Lead.from_db(connection.alias, list(LEAD), of_lead) if of_lead[0] else None
        if self.person and self.lead:
            self.person.sales_open = bool(self.person.sales_open)  # SQLite keeps 0 and 1
            self.lead.person = self.person


def _choose(rows: list[_Row], entry: Entry, pk: int | None) -> _Row | None:
    """The person of the signed link, else of the address, else of the number."""
    people = [row for row in rows if row.person]
    if pk:
        return next((row for row in people if row.person.pk == pk), None)
    of_address = next((row for row in people if row.person.email_key == entry.keys.email_key), None)
    return of_address or next(
        (row for row in people if row.person and not are_two(entry.keys, row.person)), None
    )


@cache
def _query(on_a_page: bool, keys: int) -> str:
    """The text for a form of a page or one without, and for that many keys in the ring of suppression hashes."""
    where = "page_id = %s" if on_a_page else "page_id IS NULL AND door = %s"
    hashes = ", ".join(["%s"] * keys)
    columns = [f"person.{name}" for name in PERSON] + [f"lead.{name}" for name in LEAD]
    return f"""
    SELECT (SELECT id FROM leads_submission WHERE {where} AND nonce = %s AND email_key = %s),
           EXISTS (SELECT 1 FROM leads_suppression
                   WHERE email_hash IN ({hashes}) AND lifted_at IS NULL AND topic_id IS NULL),
           (SELECT given FROM leads_consentevent
            WHERE person_id = person.id AND purpose = %s AND NOT pending ORDER BY at DESC, id DESC LIMIT 1),
           {", ".join(columns)}
    FROM (SELECT 1) AS one
    LEFT JOIN leads_person AS person
           ON person.email_key = %s OR person.phone_key = %s OR person.id = %s
    LEFT JOIN leads_lead AS lead ON lead.person_id = person.id"""
