"""Who is like this person: colleagues of theirs that sales knows, and customers of the same kind, each with the why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from leads.models import Lead, Person
from prospects.models import Account, Deal, Prospect

MOST = 4
LOOKED_AT = 40


@dataclass(frozen=True)
class Alike:
    """One line. `prospect` or `account` is where it leads; without either it exists and no more is said."""

    name: str
    why: str
    prospect: int | None = None
    account: int | None = None


@dataclass(frozen=True)
class AlikePeople:
    """`there`: others of the same company; `elsewhere`: of them, how many are a colleague's."""

    there: list[Alike] = field(default_factory=list)
    of_colleagues: int = 0
    customers: list[Alike] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.there or self.of_colleagues or self.customers)


def alike(prospect: Prospect, user: Any) -> AlikePeople:
    """What `user` may know: own prospects by name, of a colleague's only how many. Three queries."""
    there, of_colleagues = _there(prospect, user)
    return AlikePeople(there, of_colleagues, _customers(prospect))


def _there(prospect: Prospect, user: Any) -> tuple[list[Alike], int]:
    company = prospect.person.company_id
    if company is None:
        return [], 0
    others = Prospect.objects.filter(
        person__company=company, person__merged_into=None, person__erased_at=None
    )
    others = others.exclude(person=prospect.person_id).select_related("person", "stage", "reason")
    newest: dict[int, Prospect] = {}
    for cycle in others.order_by("-opened_at", "-pk")[:LOOKED_AT]:
        newest.setdefault(cycle.person_id, cycle)
    every = user.has_perm("prospects.manage_prospects")
    mine = [cycle for cycle in newest.values() if every or cycle.owner_id == user.pk]
    lines = [Alike(cycle.person.name, _how_it_went(cycle), prospect=cycle.pk) for cycle in mine[:MOST]]
    return lines, len(newest) - len(mine)


def _how_it_went(cycle: Prospect) -> str:
    said = cycle.reason.name if cycle.reason else ""
    title = cycle.person.job_title
    return " · ".join(filter(None, [title, cycle.stage.name, said]))


def _customers(prospect: Prospect) -> list[Alike]:
    """Won by people of the same persona in companies of the same industry, newest first; a company stands once."""
    person = prospect.person
    lead: Lead | None = getattr(person, "lead", None)
    industry = person.company.industry if person.company else ""
    if lead is None or lead.persona_id is None or not industry:
        return []
    won = Deal.objects.filter(
        status=Deal.Status.WON, prospect__person__lead__persona=lead.persona_id,
        prospect__person__company__industry=industry,
    )  # fmt: skip
    same_house = Q(prospect__person__company=person.company_id) | Q(prospect__person=person.pk)
    rows = won.exclude(same_house).select_related("prospect__person__company").order_by("-closed_at", "-pk")
    found: dict[int, Deal] = {}
    for deal in rows[:LOOKED_AT]:
        found.setdefault(_company(deal.prospect.person), deal)
    accounts = dict(Account.objects.filter(company__in=list(found)[:MOST]).values_list("company", "pk"))
    why = _("%(persona)s in %(industry)s, as here") % {"persona": lead.persona, "industry": industry}
    return [
        Alike(deal.prospect.person.company.name, why, account=accounts.get(company))
        for company, deal in list(found.items())[:MOST]
        if deal.prospect.person.company
    ]


def _company(person: Person) -> int:
    return person.company_id or 0
