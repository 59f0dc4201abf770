"""Who a row is: found by reference, then e-mail, then phone; else made. What is known stays, blanks are filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q

from leads.importing.changes import Changes
from leads.importing.rows import Entered, Source
from leads.many_rows import reserve_ids
from leads.models import ExternalRef, Lead, Person

SAID = ("first_name", "last_name", "job_title", "company_name", "country", "language")
COLUMNS = ("id", "email", "email_key", "phone", "phone_key", *SAID, "created_at")


def find_people(entered: Sequence[Entered], source: Source) -> None:
    """Set person and lead of whoever is known; refuse whoever asked to be erased."""
    wanted: dict[str, list[str]] = {"ref": [], "email": [], "phone": []}
    for one in entered:
        for kind, value in one.row.known_by():
            wanted[kind].append(value)
    owners = _owners(source, wanted["ref"])
    people = _people(wanted, set(owners.values()))
    by_email = {person.email_key: person for person in people.values() if person.email_key}
    by_phone = {person.phone_key: person for person in people.values() if person.phone_key}
    for one in entered:
        row = one.row
        found = people.get(owners.get(row.external_id, 0)) or by_email.get(row.email_key or "")
        found = found or _by_phone(one, by_phone)
        one.person = people.get(found.merged_into_id, found) if found and found.merged_into_id else found
        one.person_id = one.person.pk if one.person else 0
        one.email_taken = row.email_key in by_email
        one.phone_taken = row.phone_key in by_phone
        if one.person and one.person.erased_at:
            one.what, one.why = "refused", "this person was erased on request"
    _find_leads(entered)


def _owners(source: Source, ids: Sequence[str]) -> dict[str, int]:
    if not ids:
        return {}
    refs = ExternalRef.objects.filter(source=source.name, external_id__in=ids)
    return dict(refs.values_list("external_id", "person"))


def _people(wanted: Mapping[str, list[str]], ids: set[int]) -> dict[int, Person]:
    """By id, locked, with those into whom they were merged."""
    condition = Q(pk__in=ids)
    if wanted["email"]:
        condition |= Q(email_key__in=wanted["email"])
    if wanted["phone"]:
        condition |= Q(phone_key__in=wanted["phone"])
    locked = Person.objects.select_for_update(no_key=True).order_by("pk")
    people = {person.pk: person for person in locked.filter(condition)}
    stayed = [person.merged_into_id for person in people.values() if person.merged_into_id]
    return people | ({person.pk: person for person in locked.filter(pk__in=stayed)} if stayed else {})


def _by_phone(one: Entered, people: Mapping[str, Person]) -> Person | None:
    """A number alone does not make two people with two addresses one: switchboards are shared."""
    found = people.get(one.row.phone_key) if one.row.phone_key else None
    return None if found and one.row.email_key and found.email_key else found


def _find_leads(entered: Sequence[Entered]) -> None:
    ids = [one.person_id for one in entered if one.person]
    if not ids:
        return
    locked = Lead.objects.select_for_update(no_key=True).filter(person__in=ids).order_by("pk")
    leads = {lead.person_id: lead for lead in locked}
    for one in entered:
        one.lead = leads.get(one.person_id)
        one.lead_id = one.lead.pk if one.lead else 0


def make_people(going: Sequence[Entered], source: Source, changes: Changes, taken: set[str | None]) -> None:
    """Everybody who is not known, and the references of all. Of two with one number (`taken`) the second keeps it as
    text only."""
    new = [one for one in going if one.person is None]
    rows = []
    for one, number in zip(new, reserve_ids(Person, len(new)), strict=True):
        row, said = one.row, one.row.said
        one.person_id, one.what = number, "created"
        phone_key = None if one.phone_taken or row.phone_key in taken else row.phone_key
        taken.add(phone_key)
        rows.append(
            (number, row.email, row.email_key, row.phone, phone_key, *(said.get(name, "") for name in SAID), row.at)
        )  # fmt: skip
    changes.insert_values(Person, COLUMNS, rows)
    _remember_refs(going, source, changes)


def _remember_refs(going: Sequence[Entered], source: Source, changes: Changes) -> None:
    named = [one for one in going if one.row.external_id]
    if not named:
        return
    have = _owners(source, [one.row.external_id for one in named])
    new = [one for one in named if one.row.external_id not in have]
    for one in new:
        one.now_changed()
    ids = reserve_ids(ExternalRef, len(new))
    rows = [(number, one.row.external_id, one.person_id) for number, one in zip(ids, new, strict=True)]
    changes.insert_values(ExternalRef, ("id", "external_id", "person_id"), rows, source=source.name)


def fill_blanks(going: Sequence[Entered], changes: Changes, taken: set[str | None]) -> None:
    """What a known person had not told us yet."""
    changed = []
    for one in going:
        if one.person is None:
            continue
        blank = {name: value for name, value in one.row.said.items() if not getattr(one.person, name)}
        if one.row.email_key and not one.person.email_key and not one.email_taken:
            blank |= {"email": one.row.email, "email_key": one.row.email_key}
        if one.row.phone and not one.person.phone:
            blank["phone"] = one.row.phone
        if not one.person.phone_key and not one.phone_taken and one.row.phone_key not in taken:
            blank["phone_key"] = str(one.row.phone_key)
            taken.add(one.row.phone_key)
        for name, value in blank.items():
            setattr(one.person, name, value)
        if blank:
            one.now_changed()
            changes.fill(one.person_id, blank)
            changed.append(one.person)
    if changed:
        Person.objects.bulk_update(changed, ["email", "email_key", "phone", "phone_key", *SAID])
