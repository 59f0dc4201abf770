"""A mail on a screen of ours: in a frame that may do nothing, light or dark as asked, whatever the screen is set to."""

from __future__ import annotations

import re

from django.http import HttpResponse
from django.utils.cache import patch_cache_control

_DARK = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)")


def in_a_frame(html: str, *, dark: bool) -> HttpResponse:
    """An answer that only our own pages may frame. Styles stand on the tags of a mail, pictures may be anywhere."""
    response = HttpResponse(_DARK.sub("@media all" if dark else "@media not all", html))
    response._csp_replace = {  # type: ignore[attr-defined]
        "frame-ancestors": ["'self'"],
        "script-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["'self'", "https:", "http:", "data:"],
    }
    response._csp_update = {"sandbox": [True]}  # type: ignore[attr-defined]
    response["X-Frame-Options"] = "SAMEORIGIN"
    patch_cache_control(response, no_store=True, private=True)
    return response
