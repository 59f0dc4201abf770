"""Accounts: who owns one, its place in a family of companies, who is what in its decisions, and who is written to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from campaigns.models import Sequence, TargetDomain
from leads.models import Company, Person
from leads.nurture.enrolment import enrol
from prospects.models import Account, BuyingRole, Prospect

MOST_LEVELS = 20  # of a family; more is a mistake, and a walk must end


def manages(user: Any) -> bool:
    return user is None or user.has_perm("prospects.manage_prospects")


def may_change(account: Account, user: Any) -> bool:
    """The owner and managers."""
    return manages(user) or account.owner_id == user.pk


def change_account(
    *, account: Account, by: Any, at: datetime, tier: str, is_target: bool, owner: Any = None,
    parent: Company | None = None,
) -> Account:  # fmt: skip
    """Tier and target by the account's owner; owner and parent company by a manager only (else they stay).

    Raises Refused for a stranger, a new owner who does not work prospects, and a parent from below.
    """
    if not may_change(account, by):
        raise Refused(_("Only the account’s owner or a manager may do this."))
    with transaction.atomic():
        fresh = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        changed: dict[str, Any] = {"tier": tier, "is_target": is_target}
        if manages(by):
            works = owner is not None and owner.is_active and owner.has_perm("prospects.work_prospects")
            if owner is not None and owner.pk != fresh.owner_id and not works:
                raise Refused(_("%(who)s does not work prospects.") % {"who": owner})
            set_parent(company=fresh.company, parent=parent)
            changed["owner"] = owner
        Account.objects.filter(pk=fresh.pk).update(**changed)
    account.refresh_from_db()
    return account


def set_parent(*, company: Company, parent: Company | None) -> None:
    """Whose subsidiary a company is. Raises Refused for itself and for a company below it."""
    with transaction.atomic():
        if parent is not None:
            # One family changes at a time: two moves that are right alone could close a ring together.
            chain = [company.pk, parent.pk, *_above(parent)]
            list(Company.objects.select_for_update(no_key=True).filter(pk__in=chain).order_by("pk"))
            if company.pk in [parent.pk, *_above(Company.objects.get(pk=parent.pk))]:
                raise Refused(_("%(name)s belongs to this company itself.") % {"name": parent.name})
        Company.objects.filter(pk=company.pk).update(parent=parent)


def _above(company: Company) -> list[int]:
    found: list[int] = []
    parent = company.parent_id
    while parent is not None and parent not in found and len(found) < MOST_LEVELS:
        found.append(parent)
        parent = Company.objects.values_list("parent", flat=True).get(pk=parent)
    return found


@dataclass(frozen=True)
class Family:
    """The company above, and all below; `ids` holds the company itself and those below it."""

    parent: Company | None
    below: list[Company] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)


def family_of(company: Company) -> Family:
    """A query a level."""
    found, level = [], [company.pk]
    seen = {company.pk}
    for _level in range(MOST_LEVELS):
        children = [row for row in Company.objects.filter(parent__in=level) if row.pk not in seen]
        if not children:
            break
        found += children
        level = [row.pk for row in children]
        seen.update(level)
    return Family(company.parent, found, [company.pk, *(row.pk for row in found)])


def set_role(*, account: Account, person: Person, role: str, by: Any) -> BuyingRole | None:
    """What a person is in the account's decision; an empty role takes it away. The last one who says it counts."""
    if role and role not in BuyingRole.Role.values:
        raise Refused(_("Choose a role."), missing=[_("a buying role")])
    if person.company_id != account.company_id:
        raise Refused(_("This person is of another company."))
    if not (may_change(account, by) or Prospect.objects.filter(person=person, owner=by).exists()):
        raise Refused(_("Only who works on this person, the account’s owner or a manager may do this."))
    if not role:
        BuyingRole.objects.filter(account=account, person=person).delete()
        return None
    return BuyingRole.objects.update_or_create(account=account, person=person, defaults={"role": role})[0]


def gaps(held: Iterable[str]) -> list[str]:
    """The roles that nobody is known in. A blocker is nobody one looks for."""
    have = set(held)
    nouns: dict[str, str] = {BuyingRole.Role.DECIDES: _("decision maker")}
    return [
        str(nouns.get(key, words))
        for key, words in BuyingRole.Role.choices
        if key not in have and key != BuyingRole.Role.BLOCKER
    ]


# Targets.


def targets() -> Q:
    """Accounts we want: marked by hand, or on a list of target domains in use."""
    listed = TargetDomain.objects.filter(domain=OuterRef("company__domain"), target_list__archived_at=None)
    return Q(is_target=True) | Q(Exists(listed))


def unmet_domains() -> QuerySet[TargetDomain]:
    """Listed domains of companies that are no account yet."""
    met = Account.objects.filter(company__domain=OuterRef("domain"))
    return TargetDomain.objects.filter(~Exists(met), target_list__archived_at=None).order_by("domain")


def open_targets(*, by: Any, at: datetime, limit: int = 500) -> int:
    """Make accounts of the listed domains that are none yet, so that they can be owned and worked. Twice is once."""
    if not manages(by):
        raise Refused(_("Only a manager may do this."))
    made = 0
    with transaction.atomic():
        for domain in list(unmet_domains().values_list("domain", flat=True).distinct()[:limit]):
            company, _made = Company.objects.get_or_create(
                domain=domain, defaults={"name": domain, "created_at": at}
            )
            made += Account.objects.get_or_create(
                company=company, defaults={"is_target": True, "created_at": at}
            )[1]
    return made


# A cadence for the roles of an account.


@dataclass(frozen=True)
class Started:
    """Who walks the cadence now, and who does not, with the reason."""

    begun: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def cadences() -> QuerySet[Sequence]:
    """Live sequences that are written for prospects."""
    return Sequence.objects.in_use().filter(
        audience=Sequence.Audience.PROSPECTS, state=Sequence.State.LIVE, kind=Sequence.Kind.SEQUENCE
    )


def start_cadence(
    *, account: Account, sequence: Sequence, people: Iterable[int], by: Any, at: datetime
) -> Started:
    """Let people of the account walk a sequence for prospects; of each, the prospect must be open and one's own.

    Nobody is asked twice: who walks it already goes on walking. Whoever must not be written to is refused by the
    gate at each mail, as everywhere.
    """
    if not cadences().filter(pk=sequence.pk).exists():
        raise Refused(_("This is no live sequence for prospects."))
    told = Started()
    wanted = set(people)
    cycles = (
        Prospect.objects.visible_to(by).open().filter(person__company=account.company_id, person__in=wanted)
    )
    for cycle in cycles.select_related("person").order_by("pk"):
        name = cycle.person.name
        walk = enrol(person=cycle.person, sequence=sequence, at=at, by=by)
        if walk is None:
            told.refused.append((name, _("the sequence does not take this person now")))
        elif walk.started_at == at:
            told.begun.append(name)
        else:
            told.already.append(name)
        wanted.discard(cycle.person_id)
    if wanted:
        told.refused.append(("", _("not with you, or not open any more")))
    return told
