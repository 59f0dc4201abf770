"""A filled-in form on its way to the front door: the same for our own pages and for frames on other sites."""

import contextlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from campaigns import wording
from campaigns.errors import Refused
from campaigns.models import EmbedSite
from leads import sharing, tokens, visitors
from leads.capture import Captured, capture
from leads.forms import CaptureForm
from leads.limits import allow
from leads.models import Door
from leads.tracking import VISITOR_COOKIE, VisitContext
from leads.views.answers import private

BUSY_SECONDS = 10


def may_post(request: HttpRequest, allowed: Collection[str] = ()) -> bool:
    """A browser says from which site a form comes: ours, or one that this form is allowed on (RELIABILITY C7).

    A page that hides its address says ``null``; then Sec-Fetch-Site tells. Who says nothing is no browser.
    """
    origin = request.headers.get("Origin")
    if origin is None or origin in allowed:
        return True
    if origin == "null":
        return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    return is_own(request, origin)


def is_own(request: HttpRequest, origin: str) -> bool:
    """An origin of ours: the host that was asked, or the address that people type (a proxy may drop its port)."""
    try:
        return origin in settings.CSRF_TRUSTED_ORIGINS or urlsplit(origin).netloc == request.get_host()
    except ValueError:  # no address at all
        return False


def foreign(request: HttpRequest) -> HttpResponse:
    """A form that came from a site which may not send it."""
    return private(render(request, "leads/foreign.html", {"url": request.path}, status=403))


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came of a form: a capture, or why not, with the status of the answer and the seconds to wait."""

    visit: VisitContext
    captured: Captured | None = None
    status: int = 303
    why: str = ""
    wait: int = 0


def send(
    form: CaptureForm, *, visit: VisitContext, at: datetime, door: str = Door.PAGE, site: EmbedSite | None = None,
    silent: bool = False,
) -> Sent:  # fmt: skip
    """Take in a valid form, within the limits. ``silent``: a browser that asks not to be counted is not remembered."""
    page = form.page
    too_many = allow(page_id=page.pk, ip=visit.ip, email_key=form.email_key, at=at, hourly=page.hourly_limit)
    if too_many:
        return Sent(visit=visit, status=429, why=too_many.message, wait=too_many.retry_after)
    try:
        visit = _remembered(form, visit, at, site, silent)
        return Sent(visit=visit, captured=_taken_in(form, visit, at, door, site))
    except Refused as no:
        return Sent(visit=visit, status=422, why=no.message)
    except OperationalError:
        busy = _("We could not keep this just now. Nothing is lost: please press the button again.")
        return Sent(visit=visit, status=503, why=busy, wait=BUSY_SECONDS)


def remember(request: HttpRequest, response: HttpResponseBase, form: CaptureForm, sent: Sent) -> None:
    """The cookie of a browser whose user ticked the box for tracking; gone where somebody else did not tick it."""
    visitor = sent.visit.visitor_id
    if form.cleaned_data.get("tracking") and visitor:
        response.set_cookie(
            VISITOR_COOKIE, tokens.visitor_token(visitor), max_age=int(tokens.VISITOR_AGE.total_seconds()),
            httponly=True, samesite="Lax", secure=request.is_secure(),
        )  # fmt: skip
    elif VISITOR_COOKIE in request.COOKIES and (visitor is None or _says_no(form, sent)):
        response.delete_cookie(VISITOR_COOKIE, samesite="Lax")
        if visitor and sent.captured:
            visitors.end(visitor_id=visitor, at=sent.captured.submission.at)


def forget_browser(request: HttpRequest, response: HttpResponseBase, *, at: datetime) -> None:
    """The visitor takes the agreement back: the cookie goes, and its row is ended."""
    kept = request.COOKIES.get(VISITOR_COOKIE)
    if not kept:
        return
    response.delete_cookie(VISITOR_COOKIE, samesite="Lax")
    with contextlib.suppress(tokens.BadToken):
        visitors.end(visitor_id=tokens.read_visitor(kept), at=at)


def _says_no(form: CaptureForm, sent: Sent) -> bool:
    """Somebody who was never met on this browser was asked, and did not agree. Silence of the one met is no word."""
    submission = sent.captured.submission if sent.captured else None
    if "tracking" not in form.fields or submission is None or submission.person_id is None:
        return False
    if sent.captured and sent.captured.twin:
        return False
    return not visitors.was_met(submission)


def _remembered(
    form: CaptureForm, visit: VisitContext, at: datetime, site: EmbedSite | None, silent: bool
) -> VisitContext:
    if silent:
        return visit
    verb = visitors.agree if form.cleaned_data.get("tracking") else visitors.keep
    return verb(visit, at=at, site_id=site.pk if site else None)


def _taken_in(
    form: CaptureForm, visit: VisitContext, at: datetime, door: str, site: EmbedSite | None
) -> Captured:
    """Through the front door. The wording counts only while its test still runs."""
    page, variant = form.page, form.shown.variant
    share = sharing.found_by(visit.via)
    test = wording.running_test(page) if variant else None
    return capture(
        page=page,
        answers=form.answers,
        consents=form.consents,
        visit=replace(visit, share_id=share.pk if share else None),
        nonce=form.shown.word,
        suspicions=form.suspicions,
        marks=form.marks,
        known=form.known.person if form.known else None,
        test=test,
        variant=variant if test else "",
        at=at,
        door=door,
        site=site,
        share=share,
    )
