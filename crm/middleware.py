"""What holds for every request: the client's own address, a whole body in UTF-8, the admin's content policy."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, UnreadablePostError
from django.utils import translation

STAFF_PAGES = ("/staff/", "/admin/", "/accounts/")
SHORT_BODIES = ("application/x-www-form-urlencoded", "application/json")
UTF8 = frozenset(("utf-8", "utf8", "us-ascii", "ascii"))
Handler = Callable[[HttpRequest], HttpResponse]


def _trusted(address: str) -> bool:
    try:
        parsed = ip_address(address.strip())
    except ValueError:
        return False
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
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


def whole_body(get_response: Handler) -> Handler:
    """A form whose wire was cut is refused (400): half of what somebody typed must not pass for all of it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.content_type in SHORT_BODIES:
            announced = request.META.get("CONTENT_LENGTH") or "0"
            if announced.isdigit() and _length(request) < int(announced):
                return HttpResponseBadRequest("The form was cut on its way. Please send it again.")
        return get_response(request)

    return middleware


def _length(request: HttpRequest) -> int:
    try:
        return len(request.body)
    except UnreadablePostError:
        return 0


def only_utf8(get_response: Handler) -> Handler:
    """Every browser sends UTF-8; what says that it is something else is not read wrongly, but refused."""

    def middleware(request: HttpRequest) -> HttpResponse:
        charset = (request.content_params or {}).get("charset", "utf-8").strip("'\"").lower()
        if charset not in UTF8 and request.method not in ("GET", "HEAD", "OPTIONS"):
            return HttpResponseBadRequest("Please send this as UTF-8.", content_type="text/plain")
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


def staff_in_english(get_response: Handler) -> Handler:
    """Screens of staff are English whatever the browser asks for. Stands inside Django's LocaleMiddleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(STAFF_PAGES):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"
        return get_response(request)

    return middleware
