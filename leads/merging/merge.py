"""The verb: `gone` becomes part of `keep`. Everything that changes is written down, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from leads.merging import joining
from leads.merging.pointers import move_rows
from leads.merging.record import difference, take
from leads.models import Lead, Merge, Person, PrivacyRequest, Twin
from leads.signals import people_merged, people_merging


def merge(
    *,
    keep: Person,
    gone: Person,
    at: datetime,
    by: Any,
    theirs: Collection[str] = (),
    submit_key: UUID | None = None,
) -> Merge:
    """Make one person of two. `theirs` names the fields (joining.GROUPS) whose value comes from `gone`.

    Raises Refused where something must be settled first (an erasure, two open prospects), Conflict where one of them
    was merged already. A second press with the same key answers with the first result.
    """
    with transaction.atomic():
        keep, gone = lock_both(keep.pk, gone.pk)
        done = Merge.objects.filter(submit_key=submit_key).first() if submit_key else None
        if done:
            return done
        _refuse(keep, gone)
        before = take([keep.pk, gone.pk])
        people_merging.send(sender=Person, keep_id=keep.pk, gone_id=gone.pk, at=at)
        _join(keep, gone, theirs, at, by)
        people_merged.send(sender=Person, keep_id=keep.pk, gone_id=gone.pk)
        row = Merge.objects.create(
            keep=keep, gone=gone, at=at, by=by, submit_key=submit_key,
            changes=difference(before, take([keep.pk, gone.pk])),
        )  # fmt: skip
        pair = {"one": min(keep.pk, gone.pk), "two": max(keep.pk, gone.pk)}
        Twin.objects.filter(**pair).update(state=Twin.State.MERGED, decided_at=at, decided_by=by)
    return row


def _join(keep: Person, gone: Person, theirs: Collection[str], at: datetime, by: Any) -> None:
    joining.end_walks_of_both(keep, gone, at)
    joining.join_noes(keep, gone, at)
    joining.join_leads(keep, gone, at=at, by=by)
    joining.join_columns(keep, gone, theirs)
    move_rows(keep=keep.pk, gone=gone.pk)
    joining.join_sales(keep, gone, at)


def lock_both(keep: int, gone: int, also: Iterable[int] = ()) -> tuple[Person, Person]:
    """Both people, whoever was merged into one of them before and `also` (their rows change too), then the leads of
    both: each in the order of their numbers, so that two merges never wait for each other.

    Raises Conflict where a third person was merged into one of them while we waited.
    """
    before = Person.objects.filter(merged_into__in=[keep, gone]).values_list("pk", flat=True)
    numbers = {keep, gone, *also, *before}
    people = Person.objects.select_for_update(no_key=False).filter(pk__in=numbers).order_by("pk")
    locked = {person.pk: person for person in people}
    if not numbers.issuperset(before.all()):
        raise Conflict(now=_("merged with a third person at this moment"))
    list(
        Lead.objects.select_for_update(no_key=True)
        .filter(person__in=[keep, gone])
        .order_by("pk")
        .values_list("pk")
    )
    return locked[keep], locked[gone]


def refusal(keep: Person, gone: Person) -> str:
    """Why these two cannot be merged as they are, as far as leads know; empty where they can."""
    if keep.pk == gone.pk:
        return _("This is one person already.")
    if keep.erased_at or gone.erased_at:
        return _("One of them was erased.")
    asked = PrivacyRequest.objects.filter(person__in=[keep, gone], done_at=None)
    return _("One of them has an open privacy request: answer it first.") if asked.exists() else ""


def _refuse(keep: Person, gone: Person) -> None:
    merged = next((one for one in (keep, gone) if one.merged_into_id), None)
    if merged:
        raise Conflict(now=_("%(who)s was merged into another person.") % {"who": merged.name})
    if no := refusal(keep, gone):
        raise Refused(no)
