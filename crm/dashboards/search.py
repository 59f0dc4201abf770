"""/staff/search/: people and companies from anywhere, as far as the reader may see them. Five statements in all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from leads.identity import phone_key
from leads.models import Company, Person
from leads.one_of import OneOf
from prospects.models import Account, Prospect

MOST = 30
MOST_COMPANIES = 100  # whose people are looked at; a word that so many names hold narrows nothing
MOST_WORDS = 4
# Of so many the first by name are shown. Without this bound PostgreSQL walks the names in their order until it has met
# thirty that match: 1.6 s for a word that few have.
MOST_SORTED = 2000
PHONE = re.compile(r"[+(]?[\d\s()./-]{5,}")


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
    """Names, addresses and numbers that begin with each word asked, and companies that hold them."""
    user = request.user
    if not (user.has_perm("leads.view_lead") or user.has_perm("prospects.work_prospects")):
        raise PermissionDenied
    words = request.GET.get("q", "").strip()[:80]
    found = found_for(user, words) if words else []
    return render(request, "staff/search.html", {"q": words, "found": found})


def found_for(user: Any, words: str) -> list[Found]:
    """People, then companies. Three queries."""
    companies = _companies(_words_of(words))
    return [*people_for(user, words, companies), *companies_for(user, words, companies)]


def _words_of(words: str) -> list[str]:
    return words.split()[:MOST_WORDS]


def _companies(words: list[str]) -> list[Company]:
    """Those whose names hold one of the words, all of them first; `account` is the number of their page, if any."""
    some, whole = Q(), Q()
    for word in words:
        some |= Q(name__icontains=word)
        whole &= Q(name__icontains=word)
    account = Account.objects.filter(company=OuterRef("pk")).values("pk")
    rows = Company.objects.filter(some).annotate(account=Subquery(account[:1]))
    if len(words) > 1:
        holds = ExpressionWrapper(whole, output_field=BooleanField())
        return list(rows.annotate(whole=holds).order_by("-whole", "name", "pk")[:MOST_COMPANIES])
    return list(rows.order_by("name", "pk")[:MOST_COMPANIES])


def people_for(user: Any, words: str, companies: list[Company]) -> list[Found]:
    """People; of a colleague's prospects only that they exist and whose they are. Two queries."""
    matching = Person.objects.filter(_match(words, companies), erased_at=None, merged_into=None)
    people = list(
        Person.objects.filter(OneOf("pk", Subquery(matching.values("pk")[:MOST_SORTED])))
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


def companies_for(user: Any, words: str, companies: list[Company]) -> list[Found]:
    """Accounts, whose names are open to all of sales: those that hold all the words."""
    if not user.has_perm("prospects.work_prospects"):
        return []
    whole = [one for one in companies if one.account and _holds(one, _words_of(words))]  # type: ignore[attr-defined]
    return [
        Found(
            company.name,
            ", ".join(filter(None, [company.industry, company.city])),
            reverse("staff-account", args=[company.account]),  # type: ignore[attr-defined]
            company.name[:1],
            True,
        )
        for company in whole[:MOST]
    ]


def _holds(company: Company, words: list[str]) -> bool:
    name = company.name.casefold()
    return all(word.casefold() in name for word in words)


def _match(words: str, companies: list[Company]) -> Q:
    """Each part has an index of its own (`Person.Meta`), so that a million people are never read one by one."""
    number = _number(words)
    if number:
        return Q(phone_key__startswith=number)
    condition = Q()
    for word in _words_of(words):
        there = [company.pk for company in companies if _holds(company, [word])]
        condition &= (
            Q(first_name__istartswith=word)
            | Q(last_name__istartswith=word)
            | Q(email_key__startswith=word.lower())
            | Q(company__in=there)
            | (_UNLINKED & Q(company_name__icontains=word))
        )
    return condition


# Whom the next run of the linking job links to the company they named: few, by the index `person_to_link`.
_UNLINKED = Q(company=None, merged_into=None, erased_at=None) & ~Q(company_name="")


def _number(words: str) -> str:
    """The beginning of a phone key, where nothing but a number was asked for."""
    if not PHONE.fullmatch(words):
        return ""
    return phone_key(words) or "+" + re.sub(r"\D", "", words).removeprefix("00")
