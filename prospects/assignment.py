"""Who gets a new prospect, and why: the owner of the last cycle, the account's owner, then the rules in order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from leads.models import Person
from prospects.cycles import last_cycle
from prospects.models import Account, AssignmentMember, AssignmentRule, Pipeline

WHY_LENGTH = 200
Field = AssignmentRule.Field


def pick_owner(*, pipeline: Pipeline, person: Person, at: datetime) -> tuple[Any | None, str]:
    """A rep and the reason, or None and why nobody fits. Counts what a rule gives, so call it once a prospect."""
    with transaction.atomic():
        owner, why = _known_already(pipeline, person)
        if owner is None:
            owner, why = _by_rules(person)
    return owner, why[:WHY_LENGTH]


def _known_already(pipeline: Pipeline, person: Person) -> tuple[Any | None, str]:
    before = last_cycle(person, pipeline)
    if before and before.owner and before.owner.is_active:
        return before.owner, _("Had the last cycle with this person")
    account = (
        Account.objects.filter(company=person.company_id, owner__is_active=True)
        .select_related("owner")
        .first()
    )
    if person.company_id and account:
        return account.owner, _("Owns the account")
    return None, ""


def _by_rules(person: Person) -> tuple[Any | None, str]:
    failed = []
    for rule in AssignmentRule.objects.in_use():
        said = value_of(rule.field, person)
        if not fits(rule, said):
            failed.append(f"{rule.name}: {rule.get_field_display()} {said or _('unknown')}")
            continue
        member = _next_member(rule)
        if member is not None:
            return member.user, _("Rule “%(rule)s”") % {"rule": rule.name}
        failed.append(_("%(rule)s: nobody active") % {"rule": rule.name})
    return None, _("No rule fits. ") + "; ".join(failed) if failed else _("There is no assignment rule yet.")


def value_of(field: str, person: Person) -> str:
    """What the rule looks at, of the person or else of the company."""
    company = person.company
    if field == Field.COUNTRY:
        return person.country or (company.country if company else "")
    if field == Field.INDUSTRY:
        return company.industry if company else ""
    return person.language if field == Field.LANGUAGE else ""


def fits(rule: AssignmentRule, value: str) -> bool:
    """Whole values compare without case; a rule for anybody, or without words, fits everybody."""
    words = {word.strip().casefold() for word in rule.words.split(",")} - {""}
    return rule.field == Field.ANY or not words or value.casefold() in words


def _next_member(rule: AssignmentRule) -> AssignmentMember | None:
    """The active member who has had least for their weight. Locked, so two handovers do not pick by one count."""
    members = AssignmentMember.objects.select_for_update(of=("self",)).filter(rule=rule, weight__gt=0)
    active = list(members.filter(user__is_active=True).select_related("user").order_by("pk"))
    if not active:
        return None
    chosen = min(active, key=lambda member: member.given / member.weight)
    AssignmentMember.objects.filter(pk=chosen.pk).update(given=F("given") + 1)
    return chosen
