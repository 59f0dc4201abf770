"""Public addresses: the library, open pieces, short links. Calls down, renders, notes the hit."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import library as shelf
from campaigns import links, pages, search
from campaigns.cover_files import cover_file
from campaigns.models import Asset
from leads.forms import CaptureForm
from leads.models import Hit
from leads.views.answers import SeeOther, private, shared
from leads.views.counting import STOP_COOKIE, note
from leads.views.files import file_answer
from leads.views.known import is_personal, named_by_link
from leads.views.origin import carry_on
from leads.views.sending import forget_browser


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """The content library, narrowed by topic, stage, kind and words of the address."""
    now = timezone.now()
    given = {
        key: request.GET.get(key, "")[:100].replace("\x00", "") for key in ("topic", "stage", "kind", "q")
    }
    wish = shelf.Wish(**given)
    context = shelf.library_context(wish=wish, page=request.GET.get("page", "1"), at=now)
    context["snippet"] = search.of_library(
        language=translation.get_language() or "en", page=context["sheet"].number
    )
    if context["notes_page"]:
        context["notes_form"] = CaptureForm(page=context["notes_page"])
    note(request, kind=Hit.Kind.PAGE)
    response = carry_on(request, render(request, "campaigns/library.html", context))
    return private(response) if is_personal(request) else shared(response)


@require_safe
def asset(request: HttpRequest, slug: str) -> HttpResponse:
    """An open piece, read in place. A gated one leads to its page."""
    found, now = _public_asset(slug), timezone.now()
    if found.gated:
        page = reverse("landing", args=[found.public_pages[0].slug])  # type: ignore[attr-defined]
        return redirect(f"{page}?{query}" if (query := request.GET.urlencode()) else page)
    note(request, kind=Hit.Kind.READ, asset=found, person_id=named_by_link(request))
    with translation.override(found.language):
        response = render(request, "campaigns/asset.html", pages.asset_context(found, at=now))
    response = carry_on(request, response)
    return private(response) if is_personal(request) else shared(response)


@require_safe
def asset_file(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The file of an open piece, as a download."""
    found = _public_asset(slug)
    if found.gated or not found.file:
        raise Http404
    note(request, kind=Hit.Kind.DOWNLOAD, asset=found)
    return file_answer(request, found.file, called=found.slug)


@require_safe
def cover(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The cover picture of a public piece."""
    found = _public_asset(slug)
    if not found.cover:
        raise Http404
    picture = cover_file(found, small=request.GET.get("size") == "small")
    response = file_answer(request, picture, inline=True)
    patch_cache_control(response, public=True, max_age=7 * 86400)  # the address names the picture
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
    forget_browser(request, response, at=timezone.now())
    return response


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "leads/privacy.html")


@require_safe
def imprint(request: HttpRequest) -> HttpResponse:
    return render(request, "leads/imprint.html")
