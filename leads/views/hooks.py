"""Where mail providers report (RELIABILITY E7): proof, store, answer. What it means is worked out later."""

from __future__ import annotations

import logging

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from leads.feedback.providers import PROVIDERS, NotTheirs
from leads.inbox import hooks

log = logging.getLogger(__name__)


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def hook(request: HttpRequest, provider: str) -> HttpResponse:
    """200 as soon as the call is stored, also for mails we do not know: a provider would send it again otherwise.

    A body over DATA_UPLOAD_MAX_MEMORY_SIZE, a megabyte, is refused before this (400).
    """
    known = PROVIDERS.get(provider)
    if known is None or not known.is_set_up:
        raise Http404
    if request.method == "HEAD":
        return _said("")
    now = timezone.now()
    try:
        known.check(request, now)
    except NotTheirs as error:
        log.warning("A call to /hooks/%s/ was refused: %s", provider, error)
        return _said("Not signed by who it says.", 403)
    hooks.keep(request, provider=provider, at=now)
    return _said("Kept.")


def _said(words: str, status: int = 200) -> HttpResponse:
    return HttpResponse(
        words, status=status, content_type="text/plain", headers={"Cache-Control": "no-store"}
    )
