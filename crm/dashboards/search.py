"""/staff/search/: people and companies from anywhere, as far as the reader may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from leads.models import Person
from prospects.models import Account, Prospect

MOST = 30


@dataclass(frozen=True)
class Found:
    """One answer. Without an address it exists and belongs to somebody else, and no more is said."""

    name: str
    about: str
    url: str
    initials: str
    is_company: bool = False


@login_required
def search(request: HttpRequest) -> HttpResponse:
    """Names, addresses and companies that begin with each word asked."""
    user = request.user
    if not (user.has_perm("leads.view_lead") or user.has_perm("prospects.work_prospects")):
        raise PermissionDenied
    words = request.GET.get("q", "").strip()[:80]
    found = [*people_for(user, words), *companies_for(user, words)] if words else []
    return render(request, "staff/search.html", {"q": words, "found": found})


def people_for(user: Any, words: str) -> list[Found]:
    """People; of a colleague's prospects only that they exist and whose they are. Two queries."""
    people = list(
        Person.objects.filter(_match(words), erased_at=None, merged_into=None)
        .select_related("company", "lead")
        .order_by("last_name", "first_name", "pk")[:MOST]
    )
    cycles: dict[int, Prospect] = {}
    rows = Prospect.objects.filter(person__in=[person.pk for person in people]).select_related(
        "owner", "stage"
    )
    for cycle in rows.order_by("closed_at", "opened_at"):
        if cycle.is_open or cycle.person_id not in cycles:
            cycles[cycle.person_id] = cycle
    return [_person(user, person, cycles.get(person.pk)) for person in people]


def _person(user: Any, person: Person, cycle: Prospect | None) -> Found:
    company = person.company.name if person.company else person.company_name
    about = ", ".join(filter(None, [person.job_title, company]))
    mine = cycle is not None and (cycle.owner_id == user.pk or user.has_perm("prospects.manage_prospects"))
    if mine and user.has_perm("prospects.work_prospects"):
        return Found(
            person.name,
            f"{about} · {cycle.stage.name}",
            reverse("staff-person", args=[cycle.pk]),
            person.initials,
        )
    if user.has_perm("leads.view_lead") and getattr(person, "lead", None):
        return Found(person.name, about, reverse("staff-lead", args=[person.pk]), person.initials)
    if cycle is None and getattr(person, "lead", None):
        return Found(person.name, _("a lead, with marketing"), "", person.initials)
    owner = cycle.owner if cycle else None
    said = _("exists, owned by %(owner)s") % {"owner": owner} if owner else _("exists, with no rep yet")
    return Found(
        f"{person.first_name} {person.last_name}".strip() or _("A person"), said, "", person.initials
    )


def companies_for(user: Any, words: str) -> list[Found]:
    """Accounts, whose names are open to all of sales."""
    if not user.has_perm("prospects.work_prospects"):
        return []
    accounts = (
        Account.objects.for_list().filter(company__name__icontains=words).order_by("company__name")[:MOST]
    )
    return [
        Found(
            account.company.name,
            ", ".join(filter(None, [account.company.industry, account.company.city])),
            reverse("staff-account", args=[account.pk]),
            account.company.name[:1],
            True,
        )
        for account in accounts
    ]


def _match(words: str) -> Q:
    condition = Q()
    for word in words.split()[:4]:
        condition &= (
            Q(first_name__istartswith=word)
            | Q(last_name__istartswith=word)
            | Q(company_name__icontains=word)
            | Q(email_key__startswith=word.lower())
        )
    return condition
