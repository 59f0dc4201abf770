"""A landing page as it was last rendered, kept in the process for `KEEP_SECONDS` and given out before all else.

Only what is the same for everybody is kept. What differs is put in anew each time: the form's nonce, and the campaign
that links carry on. The visit is counted as ever. Stands in front of the middleware that a page without a session
does not need.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from campaigns import pages
from campaigns.models import LandingPage
from leads.models import Hit
from leads.nonce import make
from leads.views.counting import note
from leads.views.known import is_personal
from leads.views.origin import carry_on

MOST = 500
LONGEST_LOOK = 5.0  # seconds
Handler = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True)
class _Kept:
    """The page before and after its nonce, with the headers it had."""

    until: float
    page: LandingPage
    texts: tuple[int, ...]
    before: bytes
    after: bytes
    headers: tuple[tuple[str, str], ...]


_kept: dict[str, _Kept] = {}
_looking: set[str] = set()


def offer(response: HttpResponse, form: Any) -> HttpResponse:
    """Called by the view before the answer is made this visitor's own: this much of it may be kept."""
    response._may_be_kept = (response.content, form)  # type: ignore[attr-defined]
    return response


def forget() -> None:
    _kept.clear()
    _looking.clear()


def kept_pages(get_response: Handler) -> Handler:
    """Middleware: answers a GET for a kept page, and keeps what the view offered if it is public."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method != "GET" or not request.path_info.startswith("/p/") or is_personal(request):
            return get_response(request)
        request.get_host()  # raises for a name that is not ours, as behind all other answers
        path = request.path_info
        found = _kept.get(path)
        if found and _is_good(path, found) and pages.is_public(found.page, timezone.now()):
            return _given(request, found)
        try:
            response = get_response(request)
            if offered := getattr(response, "_may_be_kept", None):
                _keep(path, response, *offered)
        finally:
            _looking.discard(path)
        return response

    return middleware


def _is_good(path: str, found: _Kept) -> bool:
    """Whether it may still be given out. When its time is up one thread looks again; the others go on meanwhile."""
    over = time.monotonic() - found.until
    if over > 0 and (path not in _looking or over > LONGEST_LOOK):
        _looking.add(path)
        return False
    return True


def _given(request: HttpRequest, found: _Kept) -> HttpResponse:
    page = found.page
    note(request, kind=Hit.Kind.PAGE, page_id=page.pk, campaign_id=page.campaign_id)
    nonce = make(texts=found.texts).encode()
    response = HttpResponse(found.before + nonce + found.after, headers=dict(found.headers))
    if request.META.get("QUERY_STRING"):
        carry_on(request, response)
    response["Content-Length"] = str(len(response.content))
    return response


def _keep(path: str, response: HttpResponse, body: bytes, form: Any) -> None:
    nonce = str(form["nonce"].value()).encode()
    public = "public" in response.headers.get("Cache-Control", "")
    if not settings.KEEP_SECONDS or response.status_code != 200 or not public or response.cookies:
        return
    before, _nonce, after = body.partition(nonce)
    if not after or nonce in after:
        return
    if len(_kept) >= MOST:
        _kept.clear()
    headers = tuple((k, v) for k, v in response.headers.items() if k != "Content-Length")
    texts = tuple(pk for pk in (form.page.consent_text_id, form.page.tracking_text_id) if pk)
    until = time.monotonic() + settings.KEEP_SECONDS
    _kept[path] = _Kept(until, form.page, texts, before, after, headers)
