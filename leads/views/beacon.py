"""``POST /t/``: what scripts on pages tell us. Answered alike whatever it says, and at once (RELIABILITY T1)."""

import logging
import time
from collections import Counter
from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from leads.beacons import LONGEST, Told, read_beacon
from leads.hits import note_end
from leads.limits import network
from leads.tracking import visit_from
from leads.views.counting import note, wants_no_count
from leads.views.sending import is_own

log = logging.getLogger(__name__)
A_MINUTE = 120  # beacons of one address a minute; what comes beyond is not counted
MOST_ADDRESSES = 50_000


class PerMinute:
    """How often each key came this minute, in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._minute, self._seen = 0, Counter[str]()

    def too_often(self, key: str) -> bool:
        minute = int(self._clock() // 60)
        if minute != self._minute or len(self._seen) >= MOST_ADDRESSES:
            self._minute, self._seen = minute, Counter()
        self._seen[key] += 1
        return self._seen[key] > A_MINUTE


_often = PerMinute()


@csrf_exempt
@require_POST
def beacon(request: HttpRequest) -> HttpResponse:
    """204, always. Nothing is written here: a hit goes into the process's buffer like that of a page."""
    try:
        told = None if wants_no_count(request) else _told(request)
        if told is not None:
            _keep(request, told)
    except Exception:
        log.exception("a beacon was not noted")
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})


def own_page(request: HttpRequest) -> bool:
    """Whether a page of ours sent this. A page that hides its address from others says so by Sec-Fetch-Site."""
    origin = request.headers.get("Origin", "null")
    if origin == "null":
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    return is_own(request, origin)


def _told(request: HttpRequest) -> Told | None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or not 0 < int(length) <= LONGEST:
        return None
    if _often.too_often(network(request.META.get("REMOTE_ADDR", ""))):
        return None
    try:
        body = request.body
    except (RequestDataTooBig, UnreadablePostError):
        return None
    return read_beacon(body, origin=request.headers.get("Origin", ""), is_own=own_page(request))


def _keep(request: HttpRequest, told: Told) -> None:
    if told.ends is not None:
        note_end(visitor=told.ends, at=timezone.now())
    elif told.site is not None:
        visit = visit_from(
            request,
            landing_url=told.url,
            referrer=told.referrer,
            place=told.site.key,
            visitor_uuid=told.visitor_uuid,
        )
        note(request, kind=told.kind, visit=visit, **told.about)
    else:
        note(request, kind=told.kind, **told.about)
