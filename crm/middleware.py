"""What holds for every request: the client's own address, and the admin's content policy."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


def _trusted(address: str) -> bool:
    try:
        parsed = ip_address(address.strip())
    except ValueError:
        return False
    return any(parsed in network for network in settings.TRUSTED_PROXIES)


def _real_address(peer: str, forwarded: str) -> str:
    """The right-most address of X-Forwarded-For that is none of our proxies; what a client wrote lies left."""
    for address in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _trusted(address):
            try:
                return str(ip_address(address))
            except ValueError:
                return peer
    return peer


def client_address(get_response: Handler) -> Handler:
    """Set REMOTE_ADDR to the client's own address; forwarded headers count only from a trusted proxy."""

    def middleware(request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR", "")
        if _trusted(peer):
            request.META["REMOTE_ADDR"] = _real_address(peer, request.META.get("HTTP_X_FORWARDED_FOR", ""))
        else:
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return get_response(request)

    return middleware


def admin_content_policy(get_response: Handler) -> Handler:
    """Open the content policy for the admin's theme, on /admin/ only. Stands inside django-csp's middleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path_info.startswith("/admin/") and not hasattr(response, "_csp_update"):
            response._csp_update = settings.ADMIN_CONTENT_POLICY  # type: ignore[attr-defined]
        return response

    return middleware
