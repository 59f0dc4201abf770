"""Accounts: every company's name is open to sales; its prospects obey who may see whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from leads.keyset import keyset_page
from leads.models import Person
from leads.scoring.company import CompanyScore, PersonsShare, company_score
from prospects.account_facts import accounts_below, money_of, visits_of
from prospects.accounts import cadences, family_of, gaps, may_change, targets, unmet_domains
from prospects.custom_fields import Entity, lines_of
from prospects.models import Account, BuyingRole, Deal, Prospect
from prospects.models.account import AccountQuerySet
from prospects.views.answers import for_reps

MOST_DEALS = 100
MOST_LINES = 5  # people named in the open; the others are folded


@dataclass(frozen=True)
class Shares:
    """Who brings what to the company's score, most first: a line for each person one may see, the others together."""

    lines: list[tuple[dict, PersonsShare]]
    others: int
    others_points: int

    @property
    def top(self) -> list[tuple[dict, PersonsShare]]:
        return self.lines[:MOST_LINES]

    @property
    def rest(self) -> int:
        return max(0, len(self.lines) - MOST_LINES) + self.others

    @property
    def rest_points(self) -> int:
        every = sum(share.engagement for _line, share in self.lines) + self.others_points
        return every - sum(share.engagement for _line, share in self.top)


@for_reps
def account_list(request: HttpRequest) -> HttpResponse:
    """/staff/accounts/: one line a company, by name."""
    words, mine = request.GET.get("q", "").strip(), request.GET.get("whose") == "mine"
    wanted = request.GET.get("show") == "targets"
    found = narrowed(words, request.user if mine else None, wanted)
    rows = found.for_list().annotate(name=F("company__name"), people=_people_there(), open=_open_there())
    page = keyset_page(rows, keys=("name", "pk"), cursor=request.GET.get("at", ""))
    unmet = sorted(set(unmet_domains().values_list("domain", flat=True)[:100])) if wanted else []
    context = {
        "page": page,
        "total": found.count(),
        "words": words,
        "mine": mine,
        "targets": wanted,
        "unmet": unmet,
    }
    return render(request, "prospects/accounts.html", context)


@for_reps
def account_page(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/accounts/<id>/: its score, people by role, prospects, deals, what is missing."""
    account = get_object_or_404(Account.objects.for_list(), pk=pk)
    cycles = (
        Prospect.objects.filter(person__company=account.company)
        .for_list()
        .order_by("closed_at", "-opened_at")
    )
    roles = {role.person_id: role for role in account.roles.all()}
    people = _people(account, roles, request.user, list(cycles[:100]))
    named = None if _sees_all(request.user) else {line["person"].pk for line in people if line["mine"]}
    now = timezone.now()
    score, family = company_score(account.company, now, seen_by_viewer=named), family_of(account.company)
    context = {
        "account": account,
        "company": account.company,
        "people": people,
        "score": score,
        "shares": _shares(score, people),
        "missing_roles": gaps(role.role for role in roles.values()),
        "role_choices": BuyingRole.Role.choices,
        "deals": _deals(account, request.user)[:MOST_DEALS],
        "family": family,
        "below": accounts_below(family),
        "parent_account": Account.objects.filter(company=family.parent).values_list("pk", flat=True).first()
        if family.parent
        else None,
        "money": money_of(family, now) if may_change(account, request.user) else None,
        "visits": visits_of([line["person"].pk for line in people if line["mine"]], now),
        "may_change": may_change(account, request.user),
        "own_lines": [line for line in lines_of(Entity.COMPANY, account.company.custom) if line.value],
        "cadences": cadences(),
        "walkers": [line for line in people if line["mine"] and line["cycle"] and line["cycle"].is_open],
    }
    return render(request, "prospects/account.html", context)


def narrowed(words: str, owner: Any, only_targets: bool) -> AccountQuerySet:
    rows = Account.objects.all()
    if only_targets:
        rows = rows.filter(targets())
    if words:
        rows = rows.filter(company__name__icontains=words)
    return rows.filter(owner=owner) if owner else rows


def _sees_all(user) -> bool:
    return user.has_perm("prospects.manage_prospects")


def _people_there() -> Subquery:
    people = Person.objects.filter(company=OuterRef("company"), erased_at=None).order_by()
    return Subquery(people.values("company").annotate(n=Count("pk")).values("n"))


def _open_there() -> Subquery:
    cycles = Prospect.objects.open().filter(person__company=OuterRef("company")).order_by()
    return Subquery(cycles.values("person__company").annotate(n=Count("pk")).values("n"))


def _people(account: Account, roles: dict, user, cycles: list[Prospect]) -> list[dict]:
    """Each person once, with the newest cycle; of other reps' people only that they exist and whose they are."""
    sees_all = _sees_all(user)
    newest: dict[int, Prospect] = {}
    for cycle in cycles:
        newest.setdefault(cycle.person_id, cycle)
    known = Person.objects.filter(company=account.company, erased_at=None, merged_into=None).select_related(
        "lead__score"
    )
    lines = []
    for person in known.order_by("last_name", "first_name")[:100]:
        last = newest.get(person.pk)
        mine = sees_all or (last is not None and last.owner_id == user.pk)
        may_role = mine or account.owner_id == user.pk
        role = roles.get(person.pk)
        lines.append({"person": person, "cycle": last, "mine": mine, "role": role, "may_role": may_role})
    return lines


def _shares(score: CompanyScore, people: list[dict]) -> Shares:
    named = {line["person"].pk: line for line in people if line["mine"]}
    others = [one for one in score.people if one.person not in named]
    return Shares(
        sorted(
            ((named[one.person], one) for one in score.people if one.person in named),
            key=lambda line: -line[1].engagement,
        ),
        len(others),
        sum(one.engagement for one in others),
    )


def _deals(account: Account, user) -> QuerySet[Deal]:
    deals = Deal.objects.filter(Q(account=account) | Q(prospect__person__company=account.company))
    if not _sees_all(user):
        deals = deals.filter(Q(prospect__owner=user) | Q(prospect=None))
    return deals.select_related("prospect__owner", "reason").distinct()
