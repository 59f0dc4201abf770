"""Landing pages: GET shows the page and notes the hit, POST captures."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns import pages, wording
from campaigns.models import LandingPage
from leads import tokens
from leads.capture import Captured
from leads.forms import CaptureForm
from leads.models import Hit
from leads.personal_links import ME
from leads.progressive import Known
from leads.tracking import visit_from
from leads.views.answers import SeeOther, private, shared
from leads.views.counting import note, wants_no_count
from leads.views.ended import ended
from leads.views.kept_pages import offer
from leads.views.known import is_personal, known_by_link, without_me
from leads.views.origin import carry_on
from leads.views.sending import foreign, may_post, remember, send


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def landing(request: HttpRequest, slug: str) -> HttpResponse:
    """A landing page: GET shows it, POST captures. It knows no session, so a post never acts as staff."""
    now = timezone.now()
    page = pages.find_page(slug, at=now)
    if page is None:
        return ended(request, slug, at=now)
    with translation.override(page.language):
        if request.method == "POST" and not may_post(request):
            return foreign(request)
        known = known_by_link(request)
        return _captured(request, page, known) if request.method == "POST" else _shown(request, page, known)


def _shown(request: HttpRequest, page: LandingPage, known: Known | None) -> HttpResponse:
    """The page; the same for all who ask for this address, unless it is somebody's own or two wordings are tested."""
    variant, test = wording.choose(page, visit_from(request).visitor_key)
    about: dict[str, Any] = {"page": page, "campaign": page.campaign, "test": test, "variant": variant}
    note(request, kind=Hit.Kind.PAGE, person_id=known.person.pk if known else None, **about)
    prefill = {"email": request.GET.get("email", "")[:254]}
    form = CaptureForm(page=page, known=known, variant=variant, initial=prefill)
    response = _rendered(request, form, variant)
    return private(response) if test or is_personal(request) else shared(response)


def _rendered(request: HttpRequest, form: CaptureForm, variant: str, status: int = 200) -> HttpResponse:
    page = form.page
    context = pages.page_context(page, variant=variant) | {"form": form, "plain_url": without_me(request)}
    response = render(request, "campaigns/landing.html", context, status=status)
    response["Content-Language"] = page.language
    return carry_on(request, offer(response, form))


def _captured(request: HttpRequest, page: LandingPage, known: Known | None) -> HttpResponse:
    form = CaptureForm(request.POST, page=page, known=known)
    if not form.is_valid():
        return _again(request, form, 422)
    silent = wants_no_count(request)
    sent = send(form, visit=visit_from(request), at=timezone.now(), silent=silent)
    if sent.captured is None:
        return _again(request, form, sent.status, why=sent.why, wait=sent.wait)
    response = SeeOther(_thanks_address(request, form, sent.captured))
    remember(request, response, form, sent)
    return response


def _thanks_address(request: HttpRequest, form: CaptureForm, captured: Captured) -> str:
    """Who comes by their own link keeps it; who sends a twin with other answers is not shown the first one's."""
    kept = captured.submission
    as_sent = not captured.twin or kept.answers == dict(form.answers)
    address = reverse("thanks", args=[form.page.slug, tokens.thanks_token(kept.pk, as_sent=as_sent)])
    return f"{address}?{urlencode({ME: request.GET[ME]})}" if form.known else address


def _again(
    request: HttpRequest, form: CaptureForm, status: int, why: str = "", wait: int = 0
) -> HttpResponse:
    """The page once more, with what was typed and what is wrong."""
    if why:
        form.add_error(None, why)
    response = private(_rendered(request, form, form.shown.variant, status))
    if wait:
        response["Retry-After"] = str(wait)
    return response
