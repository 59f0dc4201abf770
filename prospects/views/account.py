"""Accounts: every company's name is open to sales; its prospects obey who may see whom."""

from __future__ import annotations

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from leads.keyset import keyset_page
from leads.models import Person
from prospects.models import Account, BuyingRole, Deal, Prospect
from prospects.views.answers import for_reps


@for_reps
def account_list(request: HttpRequest) -> HttpResponse:
    """/staff/accounts/: one line a company, by name."""
    rows = Account.objects.for_list().annotate(
        name=F("company__name"), people=_people_there(), open=_open_there()
    )
    words, mine = request.GET.get("q", "").strip(), request.GET.get("whose") == "mine"
    if words:
        rows = rows.filter(company__name__icontains=words)
    if mine:
        rows = rows.filter(owner=request.user)
    page = keyset_page(rows, keys=("name", "pk"), cursor=request.GET.get("at", ""))
    context = {"page": page, "total": rows.count(), "words": words, "mine": mine}
    return render(request, "prospects/accounts.html", context)


@for_reps
def account_page(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/accounts/<id>/: people by role, prospects, deals, what is missing."""
    account = get_object_or_404(Account.objects.for_list(), pk=pk)
    cycles = (
        Prospect.objects.filter(person__company=account.company)
        .for_list()
        .order_by("closed_at", "-opened_at")
    )
    roles = {role.person_id: role for role in account.roles.all()}
    context = {
        "account": account,
        "company": account.company,
        "people": _people(account, roles, request.user, list(cycles[:100])),
        "missing_roles": _missing_roles(account, roles),
        "deals": _deals(account, request.user),
    }
    return render(request, "prospects/account.html", context)


def _people_there() -> Subquery:
    people = Person.objects.filter(company=OuterRef("company"), erased_at=None).order_by()
    return Subquery(people.values("company").annotate(n=Count("pk")).values("n"))


def _open_there() -> Subquery:
    cycles = Prospect.objects.open().filter(person__company=OuterRef("company")).order_by()
    return Subquery(cycles.values("person__company").annotate(n=Count("pk")).values("n"))


def _people(account: Account, roles: dict, user, cycles: list[Prospect]) -> list[dict]:
    """Each person once, with the newest cycle; of other reps' people only that they exist and whose they are."""
    sees_all = user.has_perm("prospects.manage_prospects")
    newest: dict[int, Prospect] = {}
    for cycle in cycles:
        newest.setdefault(cycle.person_id, cycle)
    known = Person.objects.filter(company=account.company, erased_at=None).select_related("lead__score")
    lines = []
    for person in known.order_by("last_name", "first_name")[:100]:
        last = newest.get(person.pk)
        mine = sees_all or (last is not None and last.owner_id == user.pk)
        lines.append({"person": person, "cycle": last, "mine": mine, "role": roles.get(person.pk)})
    return lines


def _missing_roles(account: Account, roles: dict) -> list[str]:
    held = {role.role for role in roles.values()}
    return [str(words) for key, words in BuyingRole.Role.choices if key not in held and key != "blocker"]


def _deals(account: Account, user) -> QuerySet[Deal]:
    deals = Deal.objects.filter(Q(account=account) | Q(prospect__person__company=account.company))
    if not user.has_perm("prospects.manage_prospects"):
        deals = deals.filter(Q(prospect__owner=user) | Q(prospect=None))
    return deals.select_related("prospect__owner", "reason").distinct()
