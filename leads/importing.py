"""Leads from another system's file, a batch at a time (docs/importing.md). `crm/importing` reads the file.

A row is found again by its reference, then by e-mail, then by phone. What is known stays: empty
columns are filled, a changed value becomes a new fact, nothing is replaced. No consent is recorded, so nobody gets
marketing mail by being imported; a suppression is never lifted. History raises no signal, clock or mail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from leads.many_rows import give_ids, insert_rows
from leads.models import (
    ExternalRef,
    Fact,
    Lead,
    LeadMove,
    LeadScore,
    LeadStatus,
    Person,
    Touch,
)
from leads.nudge import nudge

S = LeadStatus
PATHS: dict[str, tuple[str, ...]] = {
    S.NEW: (),
    S.NURTURING: (S.NURTURING,),
    S.MARKETING_QUALIFIED: (S.MARKETING_QUALIFIED,),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PastLead:
    """One row. Keys are canonical; `said` are columns of Person; `channel` and `campaign` are ids."""

    line: int
    at: datetime
    channel: int
    campaign: int | None = None
    external_id: str = ""
    email: str = ""
    email_key: str | None = None
    phone: str = ""
    phone_key: str | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    won_at: datetime | None = None

    def known_by(self) -> Iterator[tuple[str, str]]:
        """What the row can be known by, the strongest first."""
        for kind, value in (("ref", self.external_id), ("email", self.email_key), ("phone", self.phone_key)):
            if value:
                yield kind, value


@dataclass(frozen=True, kw_only=True)
class Source:
    """What all rows of a file share. `history` rows enter with `status` and moves marked as imported."""

    name: str
    detail: str
    touch: str
    status: str = LeadStatus.NEW
    history: bool = False


@dataclass(slots=True)
class Entered:
    """What became of a row: `what` is created, changed, known or refused (then `why`)."""

    row: PastLead
    what: str = "known"
    why: str = ""
    person: Person | None = None
    lead: Lead | None = None
    qualified_move: LeadMove | None = None
    email_taken: bool = False


def import_leads(*, rows: Sequence[PastLead], source: Source, by: Any, at: datetime) -> list[Entered]:
    """Write one batch; call inside a transaction. No key may stand twice in `rows`. At most 17 statements.

    Raises IntegrityError where somebody captured one of the people at this moment: run the batch again.
    """
    entered = [Entered(row) for row in rows]
    _find_people(entered, source)
    going = [one for one in entered if one.what != "refused"]
    newcomers = _make_people(going, source, at)
    _fill_blanks(going, newcomers)
    fresh = _make_leads([one for one in going if one.lead is None], source, by, at)
    _add_facts(going, source, by, at)
    for one in going:
        if one.person in newcomers:
            one.what = "created"
    _make_dirty(going, fresh, at)
    return entered


def _find_people(entered: list[Entered], source: Source) -> None:
    """Set person and lead of whoever is known; refuse whoever asked to be erased."""
    wanted: dict[str, list[str]] = {"ref": [], "email": [], "phone": []}
    for one in entered:
        for kind, value in one.row.known_by():
            wanted[kind].append(value)
    refs = ExternalRef.objects.filter(source=source.name, external_id__in=wanted["ref"])
    owners = dict(refs.values_list("external_id", "person"))
    condition = Q(pk__in=owners.values())
    if wanted["email"]:
        condition |= Q(email_key__in=wanted["email"])
    if wanted["phone"]:
        condition |= Q(phone_key__in=wanted["phone"])
    people = {
        person.pk: person for person in Person.objects.select_for_update().filter(condition).order_by("pk")
    }
    stayed = [person.merged_into_id for person in people.values() if person.merged_into_id]
    people |= {person.pk: person for person in Person.objects.select_for_update().filter(pk__in=stayed)}
    by_email = {person.email_key: person for person in people.values() if person.email_key}
    by_phone = {person.phone_key: person for person in people.values() if person.phone_key}
    for one in entered:
        row = one.row
        found = people.get(owners.get(row.external_id, 0)) or by_email.get(row.email_key or "")
        found = found or _by_phone(row, by_phone)
        one.person = people.get(found.merged_into_id, found) if found and found.merged_into_id else found
        one.email_taken = row.email_key in by_email
        if one.person and one.person.erased_at:
            one.what, one.why = "refused", "this person was erased on request"
    _find_leads(entered)


def _by_phone(row: PastLead, people: Mapping[str, Person]) -> Person | None:
    """A number alone does not make two people with two addresses one: switchboards are shared."""
    found = people.get(row.phone_key) if row.phone_key else None
    return None if found and row.email_key and found.email_key else found


def _find_leads(entered: list[Entered]) -> None:
    ids = [one.person.pk for one in entered if one.person]
    leads = {
        lead.person_id: lead
        for lead in Lead.objects.select_for_update().filter(person__in=ids).order_by("pk")
    }
    for one in entered:
        one.lead = leads.get(one.person.pk) if one.person else None


def _make_people(going: list[Entered], source: Source, at: datetime) -> set[Person]:
    taken = _phones_taken(going)
    made: dict[int, Person] = {}
    for number, one in enumerate(going):
        if one.person is None:
            row = one.row
            phone_key = None if row.phone_key in taken else row.phone_key
            taken.add(phone_key)
            one.person = made[number] = Person(
                email=row.email, email_key=row.email_key, phone=row.phone, phone_key=phone_key,
                created_at=row.at, **row.said,
            )  # fmt: skip
    insert_rows(list(made.values()))
    _remember_refs(going, source)
    return set(made.values())


def _phones_taken(going: list[Entered]) -> set[str | None]:
    """Numbers that belong to somebody already; a second person keeps theirs as text only."""
    wanted = [one.row.phone_key for one in going if one.person is None and one.row.phone_key]
    return set(Person.objects.filter(phone_key__in=wanted).values_list("phone_key", flat=True))


def _remember_refs(going: list[Entered], source: Source) -> None:
    named = [one for one in going if one.row.external_id]
    known = ExternalRef.objects.filter(
        source=source.name, external_id__in=[one.row.external_id for one in named]
    )
    have = set(known.values_list("external_id", flat=True))
    new = [one for one in named if one.row.external_id not in have]
    for one in new:
        one.what = "changed"
    insert_rows(
        [
            ExternalRef(source=source.name, external_id=one.row.external_id, person_id=one.person.pk)
            for one in new
        ]
    )


def _fill_blanks(going: list[Entered], newcomers: set[Person]) -> None:
    changed = []
    for one in going:
        if one.person in newcomers or one.person is None:
            continue
        blank = {name: value for name, value in one.row.said.items() if not getattr(one.person, name)}
        if one.row.email_key and not one.person.email_key and not one.email_taken:
            blank |= {"email": one.row.email, "email_key": one.row.email_key}
        for name, value in blank.items():
            setattr(one.person, name, value)
        if blank:
            one.what = "changed"
            changed.append(one.person)
    columns = [
        "email",
        "email_key",
        "first_name",
        "last_name",
        "job_title",
        "company_name",
        "country",
        "language",
    ]
    if changed:
        Person.objects.bulk_update(changed, columns)


def _make_leads(going: list[Entered], source: Source, by: Any, at: datetime) -> list[Lead]:
    """Touch, lead and moves of people who are no lead yet."""
    touches = [
        Touch(
            person=one.person, kind=source.touch, at=one.row.at, recorded_at=at, channel_id=one.row.channel,
            campaign_id=one.row.campaign, label=source.detail,
        )
        for one in going
    ]  # fmt: skip
    insert_rows(touches)
    leads = [
        Lead(
            person=one.person, created_at=one.row.at, recorded_at=at, status_since=one.row.at,
            first_touch=touch, last_touch=touch,
        )
        for one, touch in zip(going, touches, strict=True)
    ]  # fmt: skip
    give_ids(leads)
    moves: list[LeadMove] = []
    for one, lead in zip(going, leads, strict=True):
        one.lead = lead
        one.what = "changed" if one.what == "known" else one.what
        moves += _moves(one, source, by, at)
    insert_rows(leads)
    insert_rows(moves)
    return leads


def _moves(one: Entered, source: Source, by: Any, at: datetime) -> Iterator[LeadMove]:
    """The lead's way to its status, all dated as the file says; sets the lead's columns on the way."""
    lead, row = one.lead, one.row
    assert lead is not None
    path = [S.NEW, *PATHS[source.status]]
    if row.won_at:
        # A sale says that sales had taken the lead over; the file does not say when.
        path = [S.NEW, S.MARKETING_QUALIFIED, S.CUSTOMER]
    way = LeadMove.Way.IMPORTED if source.history else LeadMove.Way.CAPTURE
    old = ""
    for new in map(str, path):
        move = LeadMove(
            lead=lead, old=old, new=new, way=way, why=source.detail, at=row.at, recorded_at=at, by=by
        )
        if new == S.MARKETING_QUALIFIED:
            # Handed over long ago, elsewhere: the sweep must not open a cycle for it.
            move.handed_at = row.at
            lead.marketing_qualified_at = row.at
            one.qualified_move = move
        old = lead.status = new
        yield move


def _add_facts(going: list[Entered], source: Source, by: Any, at: datetime) -> None:
    """Facts that are new or differ from the last one of this source."""
    known = [one for one in going if one.what in ("known", "changed") and one.row.facts]
    last: dict[tuple[int, str], str] = {}
    for person, name, value in (
        Fact.objects.filter(person__in=[one.person for one in known], detail=source.detail)
        .order_by("at", "pk")
        .values_list("person", "field", "value")
    ):
        last[person, name] = value
    new = []
    for one in going:
        assert one.person is not None
        for name, value in one.row.facts.items():
            if last.get((one.person.pk, name)) == value:
                continue
            new.append(
                Fact(
                    person=one.person, field=name, value=value, source=Fact.Source.IMPORTED,
                    detail=source.detail, at=one.row.at, recorded_at=at, by=by,
                )
            )  # fmt: skip
            one.what = "changed" if one.what == "known" else one.what
    insert_rows(new)


def _make_dirty(going: list[Entered], fresh: list[Lead], at: datetime) -> None:
    """The rescorer takes them by and by; known leads that did not change are left alone."""
    insert_rows([LeadScore(lead_id=lead.pk, dirty_at=at) for lead in fresh])
    made = {lead.pk for lead in fresh}
    changed = [one.lead.pk for one in going if one.what == "changed" and one.lead and one.lead.pk not in made]
    if changed:
        LeadScore.objects.filter(lead__in=changed).update(dirty_at=at)
    if fresh or changed:
        nudge("leads.scoring.rescore.rescore_dirty")


def become_customers(*, won: Mapping[int, datetime], detail: str, by: Any, at: datetime) -> Counter[str]:
    """Past sales make customers of leads: `won` is person id → time. Call inside a transaction.

    The move is dated no earlier than the status it ends, so that the history stays readable in order; the true
    date of the sale stands on the deal. Returns counts: changed, known, without_lead.
    """
    leads = list(Lead.objects.select_for_update().filter(person__in=won).order_by("pk"))
    moves = []
    for lead in leads:
        if lead.status != S.CUSTOMER:
            when = max(won[lead.person_id], lead.status_since)
            moves.append(
                LeadMove(
                    lead=lead, old=lead.status, new=S.CUSTOMER, way=LeadMove.Way.IMPORTED, why=detail, at=when,
                    recorded_at=at, by=by,
                )
            )  # fmt: skip
            lead.status, lead.status_since = S.CUSTOMER, when
    # The rows are locked since they were read, so the old status still holds.
    Lead.objects.bulk_update([move.lead for move in moves], ["status", "status_since"])
    LeadMove.objects.bulk_create(moves)
    return Counter(changed=len(moves), known=len(leads) - len(moves), without_lead=len(won) - len(leads))


def leads_by_ref(*, source: str, ids: Iterable[str]) -> dict[str, tuple[int, Lead | None, LeadMove | None]]:
    """External id → (person id, lead, its first qualified move), of those known. Three queries."""
    refs = dict(
        ExternalRef.objects.filter(source=source, external_id__in=list(ids)).values_list(
            "external_id", "person"
        )
    )
    leads = {lead.person_id: lead for lead in Lead.objects.filter(person__in=refs.values())}
    moves: dict[int, LeadMove] = {}
    for move in LeadMove.objects.filter(
        lead__in=[lead.pk for lead in leads.values()], new=S.MARKETING_QUALIFIED
    ).order_by("-at", "-pk"):
        moves[move.lead_id] = move
    found = {}
    for ref, person in refs.items():
        lead = leads.get(person)
        found[ref] = (person, lead, moves.get(lead.pk) if lead else None)
    return found
