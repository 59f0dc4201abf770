"""A page that has had its time says so (410), and where to go on. An address that never was is not found."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from campaigns import library as shelf
from campaigns import pages
from campaigns.covers import cover_for
from leads.views.answers import shared


def ended(request: HttpRequest, slug: str, *, at: datetime) -> HttpResponse:
    """The answer for an address without a public page. Raises Http404 where there never was one."""
    page = pages.find_ended(slug, at=at)
    if page is None:
        raise Http404
    with translation.override(page.language):
        context = {
            "page": page,
            "cover": cover_for(page.asset),
            "next": shelf.read_next(page.asset, at=at),
            "ask_page": shelf.ask_page(at=at),
        }
        response = render(request, "campaigns/ended.html", context, status=410)
    response["Content-Language"] = page.language
    return shared(response)
