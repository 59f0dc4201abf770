"""`POST /api/v1/capture/<page>/`: a landing page's form for programs and for other sites' own forms (docs/capture.md).

The same checks, limits and front door as the page. It knows no session, so a post never acts as a user.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.parsers import FormParser, JSONParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns import pages
from campaigns.embedding import origin_of
from campaigns.errors import Refused
from campaigns.models import ConsentText, EmbedSite, LandingPage
from leads.answers import plain
from leads.capture import Captured, capture
from leads.forms import CaptureForm
from leads.limits import allow
from leads.models import Door, Submission
from leads.tracking import VisitContext, visit_from

ABOUT_THE_VISIT = ("url", "referrer")
BOXES = {"marketing": "consent", "tracking": "tracking"}
RETRY_SECONDS = 10
Fields = dict[str, list[str]]


class Problem(APIException):
    """An answer other than 201, in the one shape of errors."""

    def __init__(
        self, status: int, code: str, message: str, fields: Fields | None = None, wait: int = 0
    ) -> None:
        super().__init__(message)
        self.status_code, self.code, self.message = status, code, message
        self.fields, self.wait = fields or {}, wait


def error_answer(problem: Problem) -> Response:
    """``{"error": {"code", "message", "fields"}}``."""
    error = {"code": problem.code, "message": problem.message, "fields": problem.fields}
    headers = {"Retry-After": str(problem.wait)} if problem.wait else None
    return Response({"error": error}, status=problem.status_code, headers=headers)


class CaptureView(APIView):
    """Takes JSON or a form. ``consents`` names purposes; ``url`` and ``referrer`` say where the visitor was."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (JSONParser, FormParser)
    http_method_names = ["post", "options"]

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """A browser asks before it sends JSON from another site."""
        response = Response(status=204)
        response["Access-Control-Allow-Methods"] = "POST"
        response["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key"
        response["Access-Control-Max-Age"] = "600"
        return response

    def post(self, request: Request, slug: str) -> Response:
        now = timezone.now()
        page = pages.find_page(slug, at=now)
        if page is None:
            raise Problem(404, "not_found", _("There is no such form."))
        site = _site_of(request, page)
        with translation.override(page.language):
            form = _checked(page, _data(request))
            captured = _taken_in(request, form, site)
        return Response(
            {"status": "received", "received_at": captured.submission.at.isoformat(), "page": page.slug},
            status=201,
        )

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, Problem):
            return error_answer(error)
        if isinstance(error, OperationalError):
            busy = _("We could not keep this just now. Please send it again.")
            return error_answer(Problem(503, "try_again", busy, wait=RETRY_SECONDS))
        if isinstance(error, APIException):
            code = str(error.default_code)
            return error_answer(Problem(error.status_code, code, str(error.detail)))
        raise error

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Only a site that may show this form may read the answer from its pages."""
        answer: HttpResponseBase = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(answer, ["Origin"])
        answer["Cache-Control"] = "no-store"
        origin = origin_of(request.headers.get("Origin", ""))
        if origin and _site_at(origin, kwargs.get("slug", "")):
            answer["Access-Control-Allow-Origin"] = origin
        return answer


def _site_at(origin: str, slug: str) -> EmbedSite | None:
    sites = EmbedSite.objects.in_use().filter(pages__slug=slug)
    return next((site for site in sites if origin in site.origins.split()), None)


def _site_of(request: Request, page: LandingPage) -> EmbedSite | None:
    """The site whose page sent this; None for a program. A browser on any other site is turned away."""
    sent = request.headers.get("Origin")
    if sent is None or origin_of(sent) == f"{request.scheme}://{request.get_host()}":
        return None
    site = _site_at(origin_of(sent), page.slug)
    if site is None:
        raise Problem(403, "origin_not_allowed", _("This site may not send this form."))
    return site


def _data(request: Request) -> dict[str, Any]:
    try:
        data = request.data
    except (RecursionError, SuspiciousOperation):  # nested without end, or more than anybody types
        raise Problem(400, "parse_error", _("This is too much for a form.")) from None
    if not isinstance(data, Mapping):
        raise Problem(400, "not_an_object", _("Send one object with the fields of the form."))
    return {_name(key): data[key] for key in data}


def _name(given: object) -> str:
    """The name of a field as it may be repeated in an answer."""
    return plain(str(given))[:80]


def _checked(page: LandingPage, data: dict[str, Any]) -> CaptureForm:
    """The page's own form, filled in and valid. Raises Problem with what is wrong, field by field."""
    boxes = _boxes(data)
    texts = {name: value for name, value in data.items() if name != "consents"}
    wrong = {
        name: [_("Send text.")] for name, value in texts.items() if not isinstance(value, str | int | float)
    }
    form = CaptureForm({name: str(value) for name, value in texts.items()} | boxes, page=page)
    known = {*form.asked, *ABOUT_THE_VISIT}
    unknown = {name: [_("This form has no such field.")] for name in texts if name not in known}
    unknown |= {
        f"consents.{purpose}": [_("This form asks for no such consent.")]
        for purpose, box in BOXES.items()
        if box in boxes and box not in form.fields and not (box == "consent" and form.is_newsletter)
    }
    if unknown or wrong:
        raise Problem(
            400, "unknown_fields" if unknown else "not_text", _("Please look at the fields."), unknown | wrong
        )
    if not form.is_valid():
        found = {name: [str(words) for words in errors] for name, errors in form.errors.items()}
        raise Problem(422, "invalid", _("Please look at the fields."), found)
    return form


def _boxes(data: dict[str, Any]) -> dict[str, str]:
    """The boxes to tick. ``consents``: ``{"marketing": true}``, a list of purposes, or words with commas."""
    given = data.get("consents") or {}
    if isinstance(given, str):
        given = [word.strip() for word in given.split(",") if word.strip()]
    if isinstance(given, list):
        given = {_name(purpose): True for purpose in given}
    if not isinstance(given, Mapping) or not all(isinstance(said, bool) for said in given.values()):
        raise Problem(
            400, "consents", _("Name purposes with true or false."), {"consents": [_("Not understood.")]}
        )
    unknown = {
        f"consents.{_name(name)}": [_("There is no such purpose.")] for name in given if name not in BOXES
    }
    if unknown:
        raise Problem(400, "unknown_fields", _("Please look at the fields."), unknown)
    return {BOXES[name]: "on" for name, said in given.items() if said}


def _taken_in(request: Request, form: CaptureForm, site: EmbedSite | None) -> Captured:
    """Within the limits, through the front door, once for one key."""
    page, at, visit = form.page, timezone.now(), _visit(request, form)
    too_many = allow(page_id=page.pk, ip=visit.ip, email_key=form.email_key, at=at, hourly=page.hourly_limit)
    if too_many:
        raise Problem(429, "too_many", too_many.message, wait=too_many.retry_after)
    nonce = _nonce(request)
    if nonce:
        _refuse_another_body(page, nonce, form)
    try:
        return capture(
            page=page, answers=form.answers, consents=form.consents, visit=visit, nonce=nonce, at=at, door=Door.API,
            site=site, marks=form.marks,
        )  # fmt: skip
    except Refused as no:
        raise Problem(422, "refused", no.message, {name: [no.message] for name in no.missing}) from None


def _visit(request: Request, form: CaptureForm) -> VisitContext:
    url, referrer = form.data.get("url", ""), form.data.get("referrer", "")
    return visit_from(request._request, landing_url=url, referrer=referrer, place="api")


def _nonce(request: Request) -> str:
    """The sender's word for "this is the same form": kept as a hash, for as long as the form is."""
    key = request.headers.get("Idempotency-Key", "")
    return f"key:{hashlib.sha256(key.encode()).hexdigest()[:56]}" if key else ""


def _refuse_another_body(page: LandingPage, nonce: str, form: CaptureForm) -> None:
    ticked = sorted(text.pk for text in form.consents if isinstance(text, ConsentText))
    first = Submission.objects.filter(page=page, nonce=nonce).only("answers", "ticked").first()
    if first is not None and (first.answers, first.ticked) != (form.answers, ticked):
        raise Problem(422, "key_reused", _("This Idempotency-Key was sent with another form before."))
