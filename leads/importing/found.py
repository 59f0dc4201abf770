"""Whom a row of deals or activities means: people who are here already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from leads.models import ExternalRef, Lead, LeadMove, LeadStatus, Person


class Whom(NamedTuple):
    """How a row names a person: their id in the source, else the address, else the number (all canonical)."""

    ref: str = ""
    email_key: str = ""
    phone_key: str = ""

    def __bool__(self) -> bool:
        return any(self)


def people_by(wanted: Sequence[Whom], *, source: str) -> dict[Whom, int]:
    """The id of each person who is known; three queries. Follows a merge; who was erased is nobody."""
    refs = _pairs(ExternalRef.objects.filter(source=source), "external_id", {w.ref for w in wanted}, "person")
    mails = _pairs(Person.objects.all(), "email_key", {w.email_key for w in wanted}, "pk")
    phones = _pairs(Person.objects.all(), "phone_key", {w.phone_key for w in wanted}, "pk")
    found = {w: refs.get(w.ref) or mails.get(w.email_key) or phones.get(w.phone_key) for w in wanted}
    ids = {number for number in found.values() if number}
    gone = Person.objects.filter(pk__in=ids).exclude(merged_into=None, erased_at=None)
    stays = {pk: None if erased else merged for pk, merged, erased in gone.values_list(
        "pk", "merged_into", "erased_at"
    )}  # fmt: skip
    known = {w: stays.get(number, number) for w, number in found.items() if number}
    return {w: number for w, number in known.items() if number}


def _pairs(rows, column: str, wanted: Iterable[str], to: str) -> dict[str, int]:
    values = [value for value in wanted if value]
    if not values:
        return {}
    return dict(rows.filter(**{f"{column}__in": values}).values_list(column, to))


def leads_by_ref(*, source: str, ids: Iterable[str]) -> dict[str, tuple[int, Lead | None, LeadMove | None]]:
    """External id → (person id, lead, its first qualified move), of those known. Three queries."""
    refs = dict(
        ExternalRef.objects.filter(source=source, external_id__in=list(ids)).values_list(
            "external_id", "person"
        )
    )
    leads = leads_of(refs.values())
    return {ref: (person, *leads.get(person, (None, None))) for ref, person in refs.items()}


def leads_of(people: Iterable[int]) -> dict[int, tuple[Lead, LeadMove | None]]:
    """Person id → lead and its first qualified move. Two queries."""
    leads = {lead.person_id: lead for lead in Lead.objects.filter(person__in=list(people))}
    qualified = LeadMove.objects.filter(
        lead__in=[lead.pk for lead in leads.values()], new=LeadStatus.MARKETING_QUALIFIED
    )
    moves = {move.lead_id: move for move in qualified.order_by("-at", "-pk")}
    return {person: (lead, moves.get(lead.pk)) for person, lead in leads.items()}
