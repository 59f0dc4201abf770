"""What all addresses of the API of sales share: who may, how a verb's "no" reads, bodies, keys and pages.

Errors have the one shape of the API (`leads.api`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, UUID, uuid5

from django import forms
from django.db import OperationalError
from django.db.models import QuerySet
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

PAGE_SIZE, MOST = 50, 200


class WorksProspects(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return request.user.is_authenticated and request.user.has_perm("prospects.work_prospects")


class SalesView(APIView):
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


def body_of(request: Request) -> dict[str, Any]:
    try:
        data = request.data
    except RecursionError:
        raise Problem(400, "parse_error", _("This is too much.")) from None
    if not isinstance(data, Mapping):
        raise Problem(400, "not_an_object", _("Send one object."))
    return {plain(str(name))[:80]: value for name, value in data.items()}


def checked(
    form: type[forms.Form], body: dict[str, Any], *, now: Mapping[str, Any] | None = None, **more: Any
) -> forms.Form:
    """The body as a form of the API; `now`: what stands where nothing is sent, `more`: what the form asks for.

    Raises Problem with what is wrong, field by field.
    """
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
    filled = form({**(now or {}), **body}, **more)
    if not filled.is_valid():
        wrong = {name: [str(words) for words in errors] for name, errors in filled.errors.items()}
        raise Problem(422, "invalid", _("Please look at the fields."), wrong)
    return filled


def refuse_unknown(request: Request, **filters: Collection[str] | None) -> None:
    """A filter that is misspelt would silently give everything: say so instead. None: any words."""
    wrong = {}
    for name, words in request.GET.items():
        if name in ("cursor", "limit"):
            continue
        if name not in filters:
            wrong[plain(name)[:80]] = [_("There is no such filter.")]
            continue
        known = filters[name]
        if known is not None and words not in known:
            wrong[name] = [_("Choose one of: %(words)s.") % {"words": ", ".join(known)}]
    if wrong:
        raise Problem(400, "unknown_filter", _("Please look at the filters."), wrong)


def key_of(request: Request) -> UUID | None:
    """The caller's word for "this is the same one": theirs alone, and of this address alone."""
    key = request.headers.get("Idempotency-Key", "")
    return uuid5(NAMESPACE_URL, f"{request.user.pk} {request.path} {key}") if key else None


def refuse_reused(row: Any, **sent: Any) -> None:
    if any(getattr(row, name) != value for name, value in sent.items()):
        raise Problem(422, "key_reused", _("This Idempotency-Key was sent with something else before."), {})


def limit_of(request: Request) -> int:
    given = request.GET.get("limit", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else PAGE_SIZE
    return max(1, min(number, MOST))


def page_of(
    request: Request, rows: QuerySet[Any], keys: Sequence[str], shape: Callable[[list[Any]], list[Any]]
) -> Response:
    """One page of `rows`, as its `cursor` and `limit` ask; `shape` makes of the rows what is answered."""
    page = keyset_page(rows, keys=keys, cursor=request.GET.get("cursor", ""), size=limit_of(request))
    return Response(
        {
            "results": shape(page.rows),
            "next": link(request, page.older),
            "previous": link(request, page.newer),
        }
    )


def link(request: Request, cursor: str) -> str | None:
    rest = {name: values for name, values in request.GET.lists() if name != "cursor"}
    query = urlencode({**rest, "cursor": cursor}, doseq=True)
    return request.build_absolute_uri(f"{request.path}?{query}") if cursor else None
