"""For machines that ask politely: robots.txt, the sitemap, and the pictures beside a shared link."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as sitemap_answer
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import library as shelf
from campaigns import pages, social
from campaigns.models import LandingPage
from leads.views.answers import shared

# Pages of one person, of staff, and addresses that only count or lead on. What is left is public.
CLOSED = (
    "/accounts/", "/admin/", "/api/", "/c/", "/confirm/", "/d/", "/dont-count-me/", "/e/", "/go/", "/hooks/", "/o/",
    "/p/*/thanks/", "/r/*/file/", "/share/", "/staff/", "/t/", "/u/", "/x/",
)  # fmt: skip
PICTURE_AGE = 7 * 86400


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Where well-behaved crawlers need not go. It keeps nobody out."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), "Allow: /", ""]
    lines.append(f"Sitemap: {settings.BASE_URL}{reverse('sitemap')}")
    return shared(HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"))


class _OwnAddress(Sitemap):
    """Addresses of this site as its settings name it, whatever host the question came by."""

    limit = 10_000

    def get_domain(self, site: Any = None) -> str:
        return settings.BASE_URL.split("://", 1)[1]

    def get_protocol(self, protocol: str | None = None) -> str:
        return settings.BASE_URL.split("://", 1)[0]


class LandingPages(_OwnAddress):
    def items(self) -> Any:
        public = LandingPage.objects.public(at=timezone.now())
        return public.with_last_change().order_by("pk")

    def location(self, item: Any) -> str:
        return reverse("landing", args=[item.slug])

    def lastmod(self, item: Any) -> datetime | None:
        return item.changed_at


class OpenPieces(_OwnAddress):
    """Gated pieces are not listed: their landing page is."""

    def items(self) -> Any:
        return shelf.pieces(at=timezone.now()).filter(gated=False)

    def location(self, item: Any) -> str:
        return reverse("asset", args=[item.slug])

    def lastmod(self, item: Any) -> datetime | None:
        return item.published_at


class Front(_OwnAddress):
    def items(self) -> list[str]:
        return ["library", "privacy", "imprint"]

    def location(self, item: Any) -> str:
        return reverse(item)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """All that is public now, and nothing else."""
    return shared(sitemap_answer(request, {"front": Front, "pages": LandingPages, "pieces": OpenPieces}))


@require_safe
def page_picture(request: HttpRequest, slug: str) -> HttpResponseBase:
    page = pages.find_page(slug, at=timezone.now())
    if page is None:
        raise Http404
    return _picture(social.page_picture(page))


@require_safe
def asset_picture(request: HttpRequest, slug: str) -> HttpResponseBase:
    asset = shelf.pieces(at=timezone.now()).filter(slug=slug, gated=False).first()
    if asset is None:
        raise Http404
    return _picture(social.asset_picture(asset))


@require_safe
def library_picture(request: HttpRequest) -> HttpResponseBase:
    return _picture(social.library_picture(_("Resources")))


def _picture(path: Any) -> HttpResponseBase:
    response = FileResponse(path.open("rb"), content_type="image/jpeg")
    patch_cache_control(response, public=True, max_age=PICTURE_AGE)
    return response
