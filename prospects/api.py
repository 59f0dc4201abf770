"""`/api/v1/prospects/`: what a rep does on the screens, for programs: same rights, same verbs (docs/sales-api.md).

A prospect that one may not see is not found. Errors have the one shape of the API (`leads.api`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, UUID, uuid5

from django import forms
from django.db import OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.errors import Conflict, Refused
from leads.answers import plain
from leads.api import RETRY_SECONDS, Problem, error_answer
from leads.keyset import keyset_page
from prospects import calling, follow_ups, pipeline
from prospects.api_forms import CallFields, FollowUpFields, MoveFields, RejectFields, Seen, call_of
from prospects.api_shapes import prospect_shape, step_shape
from prospects.forms.listing import ProspectFilter
from prospects.models import Prospect
from prospects.views.answers import refuse_stale
from prospects.views.list_filter import Asked

PAGE_SIZE, MOST = 50, 200


class WorksProspects(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return request.user.is_authenticated and request.user.has_perm("prospects.work_prospects")


class ProspectView(APIView):
    """What all addresses share: who may, whose, JSON only, and how a verb's "no" reads."""

    permission_classes = (WorksProspects,)
    parser_classes = (JSONParser,)

    def handle_exception(self, error: Exception) -> Response:
        try:
            return error_answer(_problem(error))
        except TypeError:
            raise error from None

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        return answer

    def prospect(self, request: Request, pk: int) -> Prospect:
        """One's own, or any for a manager."""
        mine = Prospect.objects.visible_to(request.user)
        found = mine.for_person_page().filter(pk=pk).first()
        if found is None:
            raise Problem(404, "not_found", _("There is no such prospect."))
        return found


def _problem(error: Exception) -> Problem:
    """Every way to say no, in one shape. Raises TypeError for what is no way to say no."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refused):
        missing = {"missing": [str(fact) for fact in error.missing]} if error.missing else {}
        return Problem(422, "refused", error.message, missing)
    if isinstance(error, Conflict):
        said = _("Somebody was faster. It is now: %(now)s") % {"now": error.now}
        return Problem(409, "conflict", said, {"now": [error.now]})
    if isinstance(error, OperationalError):
        return Problem(503, "try_again", _("Please send it again."), wait=RETRY_SECONDS)
    if isinstance(error, APIException):
        return Problem(error.status_code, str(error.default_code), str(error.detail))
    raise TypeError


class ProspectList(ProspectView):
    """GET: the list of the screen, with the same filters in the address; `limit` to 200, `cursor` from `next`."""

    def get(self, request: Request) -> Response:
        _refuse_unknown(request)
        asked = Asked(request, timezone.now())
        page = keyset_page(
            asked.rows().for_list(),
            keys=asked.keys,
            cursor=request.GET.get("cursor", ""),
            size=_limit(request),
        )
        rows = [prospect_shape(row) for row in page.rows]
        return Response(
            {"results": rows, "next": _link(request, page.older), "previous": _link(request, page.newer)}
        )


class OneProspect(ProspectView):
    def get(self, request: Request, pk: int) -> Response:
        return Response(prospect_shape(self.prospect(request, pk), full=True))


class VerbView(ProspectView):
    """POST: one verb on one prospect; answers with the prospect as it is now."""

    form: type[forms.Form] = Seen

    def post(self, request: Request, pk: int) -> Response:
        prospect = self.prospect(request, pk)
        form = _checked(self.form, _body(request))
        asked = form.cleaned_data
        refuse_stale(prospect, asked.pop("seen", ""))
        return self.act(request, prospect, asked)

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        raise NotImplementedError


class Accept(VerbView):
    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        pipeline.accept(prospect=prospect, by=request.user, at=timezone.now())
        return Response(prospect_shape(prospect, full=True))


class Reject(VerbView):
    form = RejectFields

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        pipeline.reject(prospect=prospect, by=request.user, at=timezone.now(), **asked)
        return Response(prospect_shape(prospect, full=True))


class Move(VerbView):
    form = MoveFields

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        pipeline.move(prospect=prospect, by=request.user, at=timezone.now(), **asked)
        return Response(prospect_shape(prospect, full=True))


class Calls(VerbView):
    """A call, what was learnt, verdict, next step. `Idempotency-Key` makes a repeat answer with the first."""

    form = CallFields

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        call = calling.finish_call(
            prospect=prospect, by=request.user, at=timezone.now(), submit_key=_key(request), **call_of(asked)
        )
        _refuse_reused(call, outcome=asked["outcome"], note=asked["note"])
        now = Prospect.objects.for_person_page().get(pk=prospect.pk)
        return Response({"id": call.pk, "prospect": prospect_shape(now, full=True)}, status=201)


class FollowUps(VerbView):
    """The next step. `Idempotency-Key` makes a repeat answer with the first."""

    form = FollowUpFields

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        step = follow_ups.plan_follow_up(
            prospect=prospect, by=request.user, at=timezone.now(), submit_key=_key(request), **asked
        )
        _refuse_reused(step, kind=asked["kind"], due_at=asked["due_at"])
        return Response(step_shape(step), status=201)


def _body(request: Request) -> dict[str, Any]:
    try:
        data = request.data
    except RecursionError:
        raise Problem(400, "parse_error", _("This is too much.")) from None
    if not isinstance(data, Mapping):
        raise Problem(400, "not_an_object", _("Send one object."))
    return {plain(str(name))[:80]: value for name, value in data.items()}


def _checked(form: type[forms.Form], body: dict[str, Any]) -> forms.Form:
    """The body as a form of the API. Raises Problem with what is wrong, field by field."""
    unknown = {name: [_("There is no such field.")] for name in body if name not in form.base_fields}
    if unknown:
        raise Problem(400, "unknown_fields", _("Please look at the fields."), unknown)
    nested = [name for name, field in form.base_fields.items() if isinstance(field, forms.JSONField)]
    wrong = {
        name: [_("Send text.")]
        for name, value in body.items()
        if name not in nested and not (value is None or isinstance(value, str | int | float))
    }
    if wrong:
        raise Problem(400, "not_text", _("Please look at the fields."), wrong)
    filled = form(body)
    if not filled.is_valid():
        wrong = {name: [str(words) for words in errors] for name, errors in filled.errors.items()}
        raise Problem(422, "invalid", _("Please look at the fields."), wrong)
    return filled


def _key(request: Request) -> UUID | None:
    """The caller's word for "this is the same one": theirs alone, and of this address alone."""
    key = request.headers.get("Idempotency-Key", "")
    return uuid5(NAMESPACE_URL, f"{request.user.pk} {request.path} {key}") if key else None


def _refuse_reused(row: Any, **sent: Any) -> None:
    if any(getattr(row, name) != value for name, value in sent.items()):
        raise Problem(422, "key_reused", _("This Idempotency-Key was sent with something else before."), {})


def _refuse_unknown(request: Request) -> None:
    """A filter that is misspelt would silently give everything: say so instead."""
    known = {*ProspectFilter.base_fields, "whose", "end", "cursor", "limit"}
    wrong = {plain(name)[:80]: [_("There is no such filter.")] for name in request.GET if name not in known}
    filled = ProspectFilter(request.GET)
    if not filled.is_valid():
        wrong |= {
            name: [str(words) for words in errors]
            for name, errors in filled.errors.items()
            if not (name == "owner" and request.GET.get("owner") == "nobody")
        }
    if wrong:
        raise Problem(400, "unknown_filter", _("Please look at the filters."), wrong)


def _limit(request: Request) -> int:
    given = request.GET.get("limit", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else PAGE_SIZE
    return max(1, min(number, MOST))


def _link(request: Request, cursor: str) -> str | None:
    rest = {name: values for name, values in request.GET.lists() if name != "cursor"}
    query = urlencode({**rest, "cursor": cursor}, doseq=True)
    return request.build_absolute_uri(f"{request.path}?{query}") if cursor else None
