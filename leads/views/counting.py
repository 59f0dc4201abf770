"""Whether and how a public page is counted. Counting must never stop or slow down an answer."""

import logging
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from leads.hits import note_hit
from leads.tracking import STOP_COOKIE, VisitContext, asks_not_to_be_counted, visit_from

__all__ = ["STOP_COOKIE", "is_prefetch", "note", "wants_no_count"]
log = logging.getLogger(__name__)
wants_no_count = asks_not_to_be_counted


def is_prefetch(request: HttpRequest) -> bool:
    """A browser loading ahead: nobody has seen anything yet."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any("prefetch" in purpose or "preview" in purpose for purpose in purposes)


def note(request: HttpRequest, *, kind: str, visit: VisitContext | None = None, **about: Any) -> None:
    """Note a hit, unless it was only a look ahead or the visitor asked not to be counted.

    The campaign is that of the visit's UTM set, else the one given in ``about``. Costs no query: what it points at
    is looked up when it is written.
    """
    if wants_no_count(request) or is_prefetch(request):
        return
    try:
        note_hit(
            kind=kind, visit=visit or visit_from(request), method=request.method or "",
            **{"path": request.path, "at": timezone.now(), **about},
        )  # fmt: skip
    except Exception:
        log.exception("a hit of kind %s was not noted", kind)
