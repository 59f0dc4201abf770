"""The prospects list as its address asks for it: which rows, in which order, and a chip for each filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from prospects.forms.listing import ENDS, SORTS, ProspectFilter
from prospects.models import Prospect
from prospects.models.prospect import ProspectQuerySet
from prospects.stages import too_long

KEPT_ORDER = "prospects_sort"  # in the session: the order one chose last
NOBODY = "nobody"


@dataclass(frozen=True)
class Chip:
    """One filter at work: what it looks at, its value in words, the address without it."""

    label: str | Promise
    value: str
    without: str


class Asked:
    """What the address asks for. Others' prospects are never among the rows, whatever it says."""

    def __init__(self, request: HttpRequest, at: datetime) -> None:
        self.user, self.at, self.query = request.user, at, request.GET
        self.form = ProspectFilter(request.GET)
        self.form.is_valid()
        self.given: dict[str, Any] = self.form.cleaned_data
        self.manages = self.user.has_perm("prospects.manage_prospects")
        self.unassigned = self.query.get("owner") == NOBODY
        self.end = self.query.get("end", "") if self.query.get("end") in ENDS else ""
        self.team = self.manages and (
            self.query.get("whose") == "team" or self.unassigned or bool(self.given.get("owner"))
        )
        self.order = _kept_order(request, self.given.get("sort", ""))

    @property
    def keys(self) -> tuple[str, ...]:
        return SORTS[self.order][1]

    def rows(self) -> ProspectQuerySet:
        rows = self._whose()
        rows = rows.filter(stage__kind=self.end) if self.end else rows.open()
        for name, condition in self._conditions().items():
            if self.given.get(name):
                rows = rows.filter(condition(self.given[name]))
        if self.given.get("no_step"):
            rows = rows.without_next_step(self.at)
        if self.order == "best":
            rows = rows.annotate(
                by_grade=Coalesce(NullIf("person__lead__score__grade", Value("")), Value("Z"))
            )
        return rows

    def _whose(self) -> ProspectQuerySet:
        """One's own, or all for a manager who asks; and the unassigned, which every rep may read."""
        if self.unassigned:
            return Prospect.objects.filter(owner=None)
        rows = Prospect.objects.visible_to(self.user)
        return rows if self.team else rows.filter(owner=self.user)

    def _conditions(self) -> dict[str, Callable[[Any], Q]]:
        return {
            "owner": lambda owner: Q(owner=owner) if self.manages else Q(),
            "stage": lambda stage: Q(stage=stage),
            "grade": lambda fits: Q(person__lead__score__grade__in=[a + b for a in fits for b in "1234"]),
            "origin": lambda origin: Q(origin=origin),
            "account": lambda account: Q(account=account),
            "too_long": lambda _on: too_long(self.at),
            "q": _named,
        }

    def chips(self) -> list[Chip]:
        """The filters at work, each with the address that takes it away."""
        found = [
            (name, field.label or name, self._in_words(name, self.given[name]))
            for name, field in self.form.fields.items()
            if name != "sort" and self.given.get(name) and (name != "owner" or self.manages)
        ]
        if self.unassigned:
            found.append(("owner", _("Owner"), _("nobody")))
        return [Chip(label, words, without(self.query, name)) for name, label, words in found]

    def _in_words(self, name: str, value: Any) -> str:
        if name in ("no_step", "too_long"):
            return _("only")
        if name == "account":
            return value.company.name
        if isinstance(value, list):
            return _(" or ").join(value)
        choices = dict(getattr(self.form.fields[name], "choices", [])) if isinstance(value, str) else {}
        return str(choices.get(value, value))


def without(query: QueryDict, *names: str) -> str:
    """The address without these filters, from its first page on."""
    rest = query.copy()
    for name in (*names, "at"):
        rest.pop(name, None)
    return rest.urlencode()


def _kept_order(request: HttpRequest, chosen: str) -> str:
    """The order in the address; it is kept, so that the list comes back as one left it."""
    kept = request.session.get(KEPT_ORDER, "newest")
    if chosen and chosen != kept:
        request.session[KEPT_ORDER] = kept = chosen
    return kept if kept in SORTS else "newest"


def _named(words: str) -> Q:
    """Each word begins a name or the company's name, or stands in the address."""
    condition = Q()
    for word in words.split()[:4]:
        condition &= (
            Q(person__first_name__istartswith=word)
            | Q(person__last_name__istartswith=word)
            | Q(person__company_name__icontains=word)
            | Q(person__company__name__icontains=word)
            | Q(person__email_key__startswith=word.lower())
        )
    return condition
