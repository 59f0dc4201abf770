"""What a board is asked to show. It stands in the address, so that a board can be kept and sent to a colleague."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q

from prospects.models import Prospect, Rep
from prospects.models.prospect import ProspectQuerySet, no_next_step

COLD = "cold"  # as a source: contacts that nobody handed over
NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The filters of a board, each empty where it does not narrow. `whose` is "team" or empty: mine."""

    whose: str = ""
    owner: str = ""
    team: str = ""
    account: str = ""
    grade: str = ""
    source: str = ""
    no_step: str = ""
    q: str = ""
    pipeline: str = ""

    def query(self, **changes: str) -> str:
        """The address's query with some filters changed; empty ones are left out."""
        given = {field.name: getattr(self, field.name) for field in fields(self)} | changes
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def narrows(self) -> dict[str, str]:
        """The filters in use, without whose board and which pipeline it is."""
        names = ("owner", "team", "account", "grade", "source", "no_step", "q")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def asked_of(params: Any, user: Any) -> Asked:
    """The filters in an address, as far as `user` may ask for them; what makes no sense is left out."""
    given = {field.name: str(params.get(field.name, "")).strip()[:60] for field in fields(Asked)}
    if not user.has_perm("prospects.manage_prospects"):
        given |= {"whose": "", "owner": "", "team": ""}
    given["whose"] = "team" if given["whose"] == "team" or given["owner"] or given["team"] else ""
    for name in ("team", "account"):
        given[name] = given[name] if _is_number(given[name]) else ""
    if given["owner"] != NOBODY and not _is_number(given["owner"]):
        given["owner"] = ""
    given["no_step"] = "1" if given["no_step"] else ""
    given["grade"] = given["grade"].upper()[:2]
    return Asked(**given)


def _is_number(given: str) -> bool:
    """Whether it may be the number of a row: a longer one is no row's, and more than a database counts."""
    return given.isdecimal() and len(given) <= 12


def narrowed(asked: Asked, *, user: Any, at: datetime) -> ProspectQuerySet:
    """The prospects of this board, open and closed ones, that `user` may see."""
    rows = Prospect.objects.visible_to(user)
    rows = rows if asked.whose == "team" else rows.filter(owner=user)
    if asked.owner:
        rows = rows.filter(owner=None if asked.owner == NOBODY else asked.owner)
    if asked.team:
        rows = rows.filter(owner__in=_reps_of(asked.team))
    if asked.account:
        rows = rows.filter(account=asked.account)
    if asked.grade:
        rows = rows.filter(person__lead__score__grade__startswith=asked.grade)
    if asked.source == COLD:
        rows = rows.filter(origin=Prospect.Origin.OUTBOUND)
    elif asked.source:
        rows = rows.filter(person__lead__first_touch__channel__slug=asked.source)
    if asked.no_step:
        rows = rows.filter(no_next_step(at))
    return rows.filter(_words(asked.q)) if asked.q else rows


def _reps_of(team: str) -> Any:
    return Rep.objects.filter(team=team).values("user")


def _words(asked: str) -> Q:
    """Each word in a name or in the company's."""
    condition = Q()
    for word in asked.split()[:4]:
        condition &= (
            Q(person__first_name__icontains=word)
            | Q(person__last_name__icontains=word)
            | Q(person__company_name__icontains=word)
            | Q(person__company__name__icontains=word)
        )
    return condition
