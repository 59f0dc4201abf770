"""`/api/v1/prospecting-lists/`: lists of cold contacts; who waits, starting them, setting aside (docs/sales-api.md).

A list is there for all who work prospects; its rows are those of `prospecting.seeing`, and only a manager starts.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid5

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api import Problem
from prospects.api.base import (
    SalesView,
    WorksProspects,
    body_of,
    checked,
    key_of,
    page_of,
    refuse_unknown,
)
from prospects.api.shapes import list_shape, listed_shape, told_shape
from prospects.forms.listing import reps
from prospects.models import ListedPerson, ProspectingList
from prospects.prospecting import aside, figures, starting
from prospects.prospecting.seeing import MAY_START, rows_for
from prospects.prospecting.starting import MOST
from prospects.views.prospecting import Asked

NEWEST_FIRST = ("-created_at", "-pk")


class StartsLists(WorksProspects):
    def has_permission(self, request: Any, view: Any) -> bool:
        return super().has_permission(request, view) and request.user.has_perm(MAY_START)


class StartFields(forms.Form):
    """`rows` (numbers of rows) or `number` (so many of the best); `owner`, else by the assignment rules."""

    rows = forms.JSONField(required=False)
    number = forms.IntegerField(required=False, min_value=1, max_value=MOST)
    owner: Any = forms.ModelChoiceField(queryset=None, required=False)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = reps()

    def clean_rows(self) -> list[int]:
        given = self.cleaned_data["rows"] or []
        numbers = isinstance(given, list) and all(type(one) is int and 0 < one < 2**63 for one in given)
        if not numbers or len(given) > MOST:
            raise ValidationError(_("Send up to %(most)s numbers of rows.") % {"most": MOST})
        return list(given)

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if not self.errors and bool(asked.get("rows")) == bool(asked.get("number")):
            raise ValidationError(_("Send rows, or a number: one of the two."))
        return asked


class AsideFields(forms.Form):
    why = forms.CharField(max_length=150)


class Lists(SalesView):
    """GET: newest first, with their numbers; `show=archived` for those put away."""

    def get(self, request: Request) -> Response:
        refuse_unknown(request, show=("archived",))
        away = request.GET.get("show") == "archived"
        found = ProspectingList.objects.filter(archived_at__isnull=not away).select_related("cadence")
        return page_of(request, found, NEWEST_FIRST, lambda shown: _with_numbers(shown, request.user))


def _with_numbers(shown: list[ProspectingList], user: Any) -> list[dict[str, Any]]:
    numbers = figures.of_lists(shown, rows_for(user))
    return [list_shape(one) | {"numbers": numbers.get(one.pk, {})} for one in shown]


class ListView(SalesView):
    """One list in the address."""

    def one(self, pk: int) -> ProspectingList:
        found = ProspectingList.objects.select_related("cadence").filter(pk=pk).first()
        if found is None:
            raise Problem(404, "not_found", _("There is no such list."))
        return found


class OneList(ListView):
    """GET: its ground, how many are in each state, and what became of those it began, by rep."""

    def get(self, request: Request, pk: int) -> Response:
        one = self.one(pk)
        seen = rows_for(request.user).filter(list=one)
        lines = [
            {"owner": line.rep.pk if line.rep else None, "all": line.is_sum, **line.numbers}
            for line in figures.table(seen)
        ]
        return Response(list_shape(one) | {"states": figures.states(seen), "became": lines})


class People(ListView):
    """GET: the rows one may see, as on the page: `state` (waiting perhaps started known set_aside), `step`, `rep`."""

    def get(self, request: Request, pk: int) -> Response:
        one = self.one(pk)
        asked = Asked(request, one)
        states = tuple(key for key, _words in asked.chip_words)
        refuse_unknown(request, state=states, step=tuple(figures.STEPS), rep=None)
        return page_of(request, asked.rows(), asked.keys, lambda shown: [listed_shape(row) for row in shown])


class Start(ListView):
    """POST: begin work on rows, or on the best so many; a line for each says what became of it."""

    permission_classes = (StartsLists,)

    def post(self, request: Request, pk: int) -> Response:
        one, body = self.one(pk), body_of(request)
        form = checked(StartFields, body).cleaned_data
        key = _key_of_body(request, body)
        asked = starting.Asked(one, form["owner"], request.user, timezone.now(), key)
        if form["rows"]:
            told = starting.start_rows(asked, form["rows"])
        else:
            told = starting.start_best(asked, form["number"])
        return Response({"results": [told_shape(line) for line in told]})


class RowVerb(ListView):
    permission_classes = (StartsLists,)
    form: type[forms.Form] = forms.Form

    def post(self, request: Request, pk: int, row_pk: int) -> Response:
        rows = rows_for(request.user).select_related("list", "person__company", "like", "prospect__stage")
        row = rows.filter(pk=row_pk, list=pk).first()
        if row is None:
            raise Problem(404, "not_found", _("There is no such row on this list."))
        self.act(request, row, checked(self.form, body_of(request)).cleaned_data)
        return Response(listed_shape(rows.get(pk=row.pk)))

    def act(self, request: Request, row: ListedPerson, asked: dict[str, Any]) -> None:
        raise NotImplementedError


class Aside(RowVerb):
    """POST `why`: nobody is to call them from this list."""

    form = AsideFields

    def act(self, request: Request, row: ListedPerson, asked: dict[str, Any]) -> None:
        aside.set_aside(row=row, why=asked["why"], by=request.user)


class Back(RowVerb):
    """POST: whoever was known already, or set aside, waits again."""

    def act(self, request: Request, row: ListedPerson, asked: dict[str, Any]) -> None:
        aside.take_back(row=row, by=request.user, at=timezone.now())


def _key_of_body(request: Request, body: dict[str, Any]) -> UUID | None:
    """One key and one body are one press: "the best 3" and "these rows" are never taken for each other."""
    key = key_of(request)
    return uuid5(key, json.dumps(body, sort_keys=True, default=str)) if key else None
