"""What the person who stays is afterwards: columns, sales stage, status of the lead, and every "no" of either."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.errors import Refused
from leads.consent import email_hashes, standing, suppress
from leads.lifecycle import note_sales_stage
from leads.models import Enrolment, Lead, LeadMove, LeadStatus, Person, Suppression, TopicChoice
from leads.nurture.leaving import leave

# What may be chosen on the page → the columns that go together.
GROUPS: dict[str, tuple[str, ...]] = {
    "first_name": ("first_name",),
    "last_name": ("last_name",),
    "email": ("email", "email_key"),
    "phone": ("phone", "phone_key"),
    "job_title": ("job_title",),
    "company": ("company_name", "company_id"),
    "country": ("country",),
    "language": ("language",),
    "time_zone": ("time_zone",),
}
WORDS = {
    "first_name": _("First name"), "last_name": _("Last name"), "email": _("E-mail"), "phone": _("Phone"),
    "job_title": _("Job title"), "company": _("Company"), "country": _("Country"), "language": _("Language"),
    "time_zone": _("Time zone"),
}  # fmt: skip
# Swapped, not copied: the tombstone keeps the other address, so that a form sent with it still finds the person.
UNIQUE = ("email", "phone")
# Whoever got further says what the lead is.
FURTHER = (
    LeadStatus.NEW, LeadStatus.NURTURING, LeadStatus.DISQUALIFIED, LeadStatus.MARKETING_QUALIFIED, LeadStatus.CUSTOMER,
)  # fmt: skip
# Said by the person, not by a mailbox that does not work: holds for every address of theirs.
SAID_NO = (
    Suppression.Reason.UNSUBSCRIBED, Suppression.Reason.COMPLAINED, Suppression.Reason.SALES,
    Suppression.Reason.IMPORTED,
)  # fmt: skip


def join_columns(keep: Person, gone: Person, theirs: Collection[str]) -> None:
    """Fill what is empty from `gone`; take the groups named in `theirs` from there as well."""
    if unknown := set(theirs) - GROUPS.keys():
        raise Refused(f"No such field: {sorted(unknown)[0]}.")
    mine: dict[str, Any] = {"no_profiling": keep.no_profiling or gone.no_profiling}
    left: dict[str, Any] = {"merged_into": keep}
    for group, columns in GROUPS.items():
        has, empty = (any(getattr(one, name) for name in columns) for one in (gone, keep))
        if has and (group in theirs or not empty):
            mine |= {name: getattr(gone, name) for name in columns}
            if group in UNIQUE:
                left |= {name: getattr(keep, name) for name in columns}
    keys = {name: None for name in ("email_key", "phone_key") if name in left}
    if keys:  # both let go of an address before they swap it
        Person.objects.filter(pk__in=[keep.pk, gone.pk]).update(**keys)
    Person.objects.filter(pk=keep.pk).update(**mine)
    Person.objects.filter(pk=gone.pk).update(**left)


def join_sales(keep: Person, gone: Person, at: datetime) -> None:
    """With sales if either was; sequences that this ends are ended."""
    if gone.sales_open and not keep.sales_open:
        source = gone
    elif keep.sales_open or keep.sales_stage or not gone.sales_stage:
        source = keep
    else:
        source = gone
    if source.sales_open:
        note_sales_stage(person=keep, stage=source.sales_stage, open=True, at=at, owner=source.sales_owner)
    else:
        Person.objects.filter(pk=keep.pk).update(sales_stage=source.sales_stage)
    Person.objects.filter(pk=gone.pk).update(sales_stage="", sales_open=False, sales_owner=None)


def end_walks_of_both(keep: Person, gone: Person, at: datetime) -> None:
    """Whoever walked a sequence under both names goes on with one: nobody gets its mails twice."""
    walked = Enrolment.objects.filter(person=keep).values("sequence")
    leave(Enrolment.objects.filter(person=gone, sequence__in=walked), reason="merged", at=at)


def join_leads(keep: Person, gone: Person, *, at: datetime, by: Any) -> None:
    """Two leads: the one that stays began with the earlier, and is as far as the further. The other is history."""
    mine, theirs = (
        Lead.objects.select_related("first_touch", "last_touch").filter(person=one).first()
        for one in (keep, gone)
    )
    if mine is None or theirs is None:
        return
    touches = [touch for lead in (mine, theirs) for touch in (lead.first_touch, lead.last_touch) if touch]
    qualified = [one.marketing_qualified_at for one in (mine, theirs) if one.marketing_qualified_at]
    Lead.objects.filter(pk=mine.pk).update(
        created_at=min(mine.created_at, theirs.created_at),
        marketing_qualified_at=min(qualified, default=None),
        first_touch=min(touches, key=lambda one: (one.at, one.pk), default=None),
        last_touch=max(touches, key=lambda one: (one.at, one.pk), default=None),
        persona=mine.persona_id or theirs.persona_id,
        exclusion=mine.exclusion or theirs.exclusion,
    )
    if FURTHER.index(LeadStatus(theirs.status)) > FURTHER.index(LeadStatus(mine.status)):
        Lead.objects.filter(pk=mine.pk).update(status=theirs.status, status_since=theirs.status_since)
        note_status(mine, old=mine.status, new=theirs.status, why=f"merged with {gone}", at=at, by=by)
        if theirs.status in (LeadStatus.CUSTOMER, LeadStatus.DISQUALIFIED):
            leave(Enrolment.objects.filter(person=keep), reason="merged", at=at)


def note_status(lead: Lead, *, old: str, new: str, why: str, at: datetime, by: Any) -> None:
    """History of a status that a merge or its undo set. Handed over already: sales know the person."""
    way = LeadMove.Way.STAFF
    LeadMove.objects.create(
        lead=lead, old=old, new=new, way=way, why=why, at=at, by=by, handed_at=at, recorded_at=timezone.now()
    )


def join_noes(keep: Person, gone: Person, at: datetime) -> None:
    """A switch turned off stays off, and who asked not to be written to is not written to at the other address."""
    off = TopicChoice.objects.filter(person=gone, wanted=False).values("topic")
    TopicChoice.objects.filter(person=keep, topic__in=off, wanted=True).update(wanted=False)
    keys = [key for key in (keep.email_key, gone.email_key) if key]
    if len(keys) < 2:
        return
    for mine, theirs in (keys, keys[::-1]):
        said = Suppression.objects.filter(
            standing(at), email_hash__in=email_hashes(theirs), reason__in=SAID_NO, until=None
        ).select_related("topic")
        for row in said:
            suppress(
                email_key=mine,
                reason=row.reason,
                at=at,
                person=keep,
                topic=row.topic,
                evidence=f"merged with {gone}",
            )
