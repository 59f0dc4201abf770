"""Consent that people gave elsewhere: recorded on a stated legal basis only, and never against their own word here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from leads.consent import MARKETING, email_hashes
from leads.importing.changes import Changes
from leads.importing.rows import Entered, Source
from leads.many_rows import reserve_ids
from leads.models import ConsentEvent, Suppression

UNSUBSCRIBED = "agreed according to the file, but is unsubscribed here; stays so"
WITHDREW = "agreed according to the file, but withdrew it here; stays so"


def add_consents(going: Sequence[Entered], source: Source, by: Any, at: datetime, changes: Changes) -> None:
    """One piece of evidence for each row that agreed. Without a basis none, and the gate refuses them mail."""
    agreed = [one for one in going if one.row.agreed and (one.row.email_key or one.person)]
    if source.basis is None or not agreed:
        return
    silent = _suppressed([one for one in agreed if one.row.email_key])
    answers = _answers([one.person_id for one in agreed if one.person])
    new = []
    for one in agreed:
        given, words = answers.get(one.person_id, (None, ()))
        if one.row.email_key in silent:
            one.flag = UNSUBSCRIBED
        elif given is False:
            one.flag = WITHDREW
        elif source.basis.words not in words:
            one.now_changed()
            new.append(one.person_id)
    rows = [(number, person) for number, person in zip(reserve_ids(ConsentEvent, len(new)), new, strict=True)]
    changes.insert_values(
        ConsentEvent, ("id", "person_id"), rows, purpose=MARKETING, given=True, basis=source.basis.words[:200],
        at=source.basis.at, recorded_at=at, by_id=by.pk if by else None,
    )  # fmt: skip


def _suppressed(agreed: Sequence[Entered]) -> set[str | None]:
    """Addresses that get no mail at all."""
    whose = {digest: one.row.email_key for one in agreed for digest in email_hashes(one.row.email_key or "")}
    rows = Suppression.objects.filter(email_hash__in=whose, lifted_at=None, topic=None)
    return {whose[digest] for digest in rows.values_list("email_hash", flat=True)}


def _answers(people: Sequence[int]) -> dict[int, tuple[bool | None, tuple[str, ...]]]:
    """Person → their latest answer that counts, and the bases on which an import spoke for them."""
    found: dict[int, tuple[bool | None, tuple[str, ...]]] = {}
    if not people:
        return found
    events = ConsentEvent.objects.filter(Q(pending=False), person__in=people, purpose=MARKETING)
    for person, given, basis in events.order_by("at", "pk").values_list("person", "given", "basis"):
        found[person] = (given, (*found.get(person, (None, ()))[1], basis))
    return found
