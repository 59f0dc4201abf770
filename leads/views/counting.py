"""Whether and how a public page is counted. Counting must never stop or slow down an answer."""

import logging
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from leads.hits import note_hit
from leads.tracking import campaign_for, visit_from

STOP_COOKIE = "nocount"
log = logging.getLogger(__name__)


def wants_no_count(request: HttpRequest) -> bool:
    """The visitor pressed "Don't count me", or their browser says so for them (Sec-GPC, DNT)."""
    signals = (request.headers.get("Sec-GPC"), request.headers.get("DNT"))
    return STOP_COOKIE in request.COOKIES or "1" in signals


def is_prefetch(request: HttpRequest) -> bool:
    """A browser loading ahead: nobody has seen anything yet."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any("prefetch" in purpose or "preview" in purpose for purpose in purposes)


def note(request: HttpRequest, *, kind: str, **about: Any) -> None:
    """Note a hit, unless it was only a look ahead or the visitor asked not to be counted.

    The campaign is that of the visit's UTM set, else the one given in ``about``.
    """
    if wants_no_count(request) or is_prefetch(request):
        return
    try:
        visit = visit_from(request)
        about["campaign"] = campaign_for(visit) or about.get("campaign")
        note_hit(
            kind=kind, visit=visit, method=request.method or "", path=request.path, at=timezone.now(), **about
        )
    except Exception:
        log.exception("a hit of kind %s was not noted", kind)
