"""Public addresses: the library, landing pages, open pieces, short links. Calls down, renders, notes the hit."""

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import library as shelf
from campaigns import links, pages
from campaigns.errors import Refused
from campaigns.models import Asset, LandingPage
from leads import tokens
from leads.capture import capture
from leads.forms import CaptureForm
from leads.models import Hit
from leads.tracking import visit_from
from leads.views.answers import SeeOther, private, shared
from leads.views.counting import STOP_COOKIE, note
from leads.views.files import file_answer


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """The content library, narrowed by topic, stage, kind and words of the address."""
    now = timezone.now()
    given = {
        key: request.GET.get(key, "")[:100].replace("\x00", "") for key in ("topic", "stage", "kind", "q")
    }
    wish = shelf.Wish(**given)
    context = shelf.library_context(wish=wish, page=request.GET.get("page", "1"), at=now)
    if context["notes_page"]:
        context["notes_form"] = CaptureForm(page=context["notes_page"])
    note(request, kind=Hit.Kind.PAGE)
    return shared(render(request, "campaigns/library.html", context))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def landing(request: HttpRequest, slug: str) -> HttpResponse:
    """A landing page: GET shows it, POST captures. It knows no session, so a post never acts as staff."""
    now = timezone.now()
    page = pages.find_page(slug, at=now)
    if page is None:
        raise Http404
    with translation.override(page.language):
        if request.method == "POST":
            return _captured(request, page)
        note(request, kind=Hit.Kind.PAGE, page=page, campaign=page.campaign)
        prefill = {"email": request.GET.get("email", "")[:254]}
        form = CaptureForm(page=page, initial=prefill)
        response = _landing_page(request, page, form)
    return private(response) if prefill["email"] else shared(response)


def _landing_page(
    request: HttpRequest, page: LandingPage, form: CaptureForm, status: int = 200
) -> HttpResponse:
    context = pages.page_context(page) | {"form": form}
    response = render(request, "campaigns/landing.html", context, status=status)
    response["Content-Language"] = page.language
    return response


def _captured(request: HttpRequest, page: LandingPage) -> HttpResponse:
    form = CaptureForm(request.POST, page=page)
    status = 422
    if form.is_valid():
        try:
            result = capture(
                page=page,
                answers=form.answers,
                consents=form.consents,
                visit=visit_from(request),
                nonce=form.shown.word,
                suspicions=form.suspicions,
                at=timezone.now(),
            )
            return SeeOther(reverse("thanks", args=[page.slug, tokens.thanks_token(result.submission.pk)]))
        except Refused as no:
            form.add_error(None, no.message)
            status = 429
        except OperationalError:
            form.add_error(
                None, _("We could not keep this just now. Nothing is lost: please press the button again.")
            )
            status = 503
    return private(_landing_page(request, page, form, status))


@require_safe
def asset(request: HttpRequest, slug: str) -> HttpResponse:
    """An open piece, read in place. A gated one leads to its page."""
    found, now = _public_asset(slug), timezone.now()
    if found.gated:
        return redirect("landing", found.public_pages[0].slug)  # type: ignore[attr-defined]
    note(request, kind=Hit.Kind.READ, asset=found)
    with translation.override(found.language):
        response = render(request, "campaigns/asset.html", pages.asset_context(found, at=now))
    return shared(response)


@require_safe
def asset_file(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The file of an open piece, as a download."""
    found = _public_asset(slug)
    if found.gated or not found.file:
        raise Http404
    note(request, kind=Hit.Kind.DOWNLOAD, asset=found)
    return file_answer(request, found.file)


@require_safe
def cover(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The cover picture of a public piece."""
    found = _public_asset(slug)
    if not found.cover:
        raise Http404
    response = file_answer(request, found.cover, inline=True)
    patch_cache_control(response, public=True, max_age=3600)
    return response


def _public_asset(slug: str) -> Asset:
    found = shelf.pieces(at=timezone.now()).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


@require_safe
def short_link(request: HttpRequest, code: str) -> HttpResponse:
    """A campaign's short link: notes the hit and leads on (302)."""
    link = links.resolve(code)
    target = links.short_target(link) if link else None
    if link is None or target is None:
        raise Http404
    note(request, kind=Hit.Kind.LINK, short_link=link, campaign=link.campaign)
    response = HttpResponse(status=302, headers={"Location": target})
    patch_cache_control(response, no_store=True)
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_counting(request: HttpRequest) -> HttpResponse:
    """ "Don't count me": a POST sets one cookie that says just that, because the visitor asked for it."""
    if request.method != "POST":
        return render(request, "leads/not_counted.html", {"stopped": STOP_COOKIE in request.COOKIES})
    response = SeeOther(request.path)
    response.set_cookie(
        STOP_COOKIE, "1", max_age=365 * 86400, samesite="Lax", httponly=True, secure=request.is_secure()
    )
    return response


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "leads/privacy.html")


@require_safe
def imprint(request: HttpRequest) -> HttpResponse:
    return render(request, "leads/imprint.html")
