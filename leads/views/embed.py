"""Our forms on other sites: the script, and the frame that it shows (docs/embedding.md).

The frame needs no cookie: where the visitor came from stands in its address, and a form without an action is sent to
that same address. Only the origins of the site's key may frame it, and only its forms may be sent by them.
"""

import gzip
import hashlib
from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag, urlencode
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import pages
from campaigns.embedding import Site, origin_of, site_by_key
from campaigns.models import EmbedSite, LandingPage
from leads import preferences, tokens
from leads.beacons import visitor_key
from leads.forms import CaptureForm
from leads.models import Door, Hit, Submission
from leads.tracking import VisitContext, visit_from
from leads.views.answers import SeeOther
from leads.views.counting import note, wants_no_count
from leads.views.personal import gives_a_download
from leads.views.sending import may_post, send

SCRIPT = settings.BASE_DIR / "static" / "js" / "embed.js"
SCRIPT_SECONDS = 3600


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """``/embed.js``: the same for every site, for an hour."""
    plain, packed, etag = _script()
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(packed, headers={"Content-Encoding": "gzip"})
    else:
        response = HttpResponse(plain)
    response["Content-Type"] = "text/javascript; charset=utf-8"
    response["ETag"] = etag
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_vary_headers(response, ["Accept-Encoding"])
    patch_cache_control(response, public=True, max_age=SCRIPT_SECONDS)
    return response


@cache
def _script() -> tuple[bytes, bytes, str]:
    plain = SCRIPT.read_bytes()
    return plain, gzip.compress(plain, 9, mtime=0), quote_etag(hashlib.sha256(plain).hexdigest()[:16])


@csrf_exempt
@xframe_options_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def embed(request: HttpRequest, key: str) -> HttpResponse:
    """``/e/<key>/?page=…``: the form of a page, for a frame on a site of this key."""
    site = site_by_key(key)
    page = _page_of(site, request.GET.get("page", ""))
    if site is None or page is None:
        raise Http404
    with translation.override(page.language):
        if request.method == "POST":
            response = _sent(request, site, page)
        elif "thanks" in request.GET:
            response = _thanks(request, site, page)
        else:
            response = _shown(request, site, page)
    return _for_its_origins(response, site)


def _page_of(site: Site | None, slug: str) -> LandingPage | None:
    if site is None or slug not in site.pages:
        return None
    return pages.find_page(slug, at=timezone.now())


def _shown(request: HttpRequest, site: Site, page: LandingPage) -> HttpResponse:
    """The first form of a page of that site stands for the page view; the others are no visit of their own."""
    place = _place(request, site)
    if "first" in request.GET and place:
        about = {"page": page, "site_id": site.pk, "label": place[:120], "path": request.path}
        note(request, kind=Hit.Kind.PAGE, visit=_visit(request, site), campaign=page.campaign, **about)
    return _frame(request, site, page, form=CaptureForm(page=page))


def _sent(request: HttpRequest, site: Site, page: LandingPage) -> HttpResponse:
    if not may_post(request, site.origins):
        return _frame(request, site, page, status=403, refused=True)
    form = CaptureForm(request.POST, page=page)
    if not form.is_valid():
        return _frame(request, site, page, form=form, status=422)
    sent = send(
        form, visit=_visit(request, site), at=timezone.now(), door=Door.EMBED,
        site=EmbedSite.objects.get(pk=site.pk), silent=wants_no_count(request),
    )  # fmt: skip
    if sent.captured is None:
        form.add_error(None, sent.why)
        response = _frame(request, site, page, form=form, status=sent.status)
        if sent.wait:
            response["Retry-After"] = str(sent.wait)
        return response
    said = {"page": page.slug, "at": _parent(request, site)}
    said["thanks"] = tokens.thanks_token(sent.captured.submission.pk)
    if form.cleaned_data.get("tracking") and sent.visit.visitor_uuid:
        said["v"] = sent.visit.visitor_uuid
    return SeeOther(f"{request.path}?{urlencode(said)}")


def _thanks(request: HttpRequest, site: Site, page: LandingPage) -> HttpResponse:
    """In place of the form, with the personal download."""
    try:
        pk = tokens.read_thanks(request.GET["thanks"])
    except tokens.BadToken:
        return _frame(request, site, page, form=CaptureForm(page=page))
    submission = (
        Submission.objects.select_related("page__asset__kind", "person").filter(pk=pk, page=page).first()
    )
    if submission is None:
        raise Http404
    gives = gives_a_download(submission)
    asset = page.asset
    return _frame(
        request, site, page, thanks=True, gives=gives,
        download_url=f"/d/{tokens.download_token(submission.pk)}/" if gives else "",
        mailed=bool(gives and asset and asset.gated and (asset.file or asset.link)),
        confirm_first=page.double_opt_in and preferences.waits_for_confirmation(submission),
        visitor=str(visitor_key(request.GET.get("v", "")) or ""),
    )  # fmt: skip


def _frame(
    request: HttpRequest, site: Site, page: LandingPage, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = pages.page_context(page) | {"site": site, "parent": _parent(request, site)} | more
    response = render(request, "leads/embed.html", context, status=status)
    response["Content-Language"] = page.language
    return response


def _for_its_origins(response: HttpResponse, site: Site) -> HttpResponse:
    """No cache keeps it: the form carries a time. The form's own address goes to no other site."""
    response._csp_replace = {"frame-ancestors": sorted(site.origins)}  # type: ignore[attr-defined]
    response["Referrer-Policy"] = "same-origin"
    patch_cache_control(response, private=True, no_store=True)
    return response


def _visit(request: HttpRequest, site: Site) -> VisitContext:
    """Where the visitor of the other site came from, as its page told the frame."""
    url = request.GET.get("url", "")[:1000]
    known = url if origin_of(url) in site.origins else ""
    return visit_from(
        request, landing_url=known, referrer=request.GET.get("ref", "") if known else "", place=site.key,
        visitor_uuid=str(visitor_key(request.GET.get("v", "")) or ""),
    )  # fmt: skip


def _place(request: HttpRequest, site: Site) -> str:
    url = request.GET.get("url", "")
    return url.split("?")[0].split("#")[0].split("//", 1)[1] if origin_of(url) in site.origins else ""


def _parent(request: HttpRequest, site: Site) -> str:
    """The origin that the frame may speak with; empty for one that is not the key's."""
    named = origin_of(request.GET.get("at", ""))
    return named if named in site.origins else ""
