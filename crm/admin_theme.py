"""How the admin looks: its name, its style sheets, and where its rail comes from. Read by the settings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _


def tokens(request: HttpRequest) -> str:
    return static("css/tokens.css")


def style(request: HttpRequest) -> str:
    return static("css/admin.css")


def script(request: HttpRequest) -> str:
    return static("js/admin.js")


def mark(request: HttpRequest) -> str:
    return static("img/mark.svg")


def theme(request: HttpRequest) -> str | None:
    """What the user chose on the staff pages; None lets the system decide."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in ("light", "dark") else None


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Headwater",
    "SITE_HEADER": "Headwater",
    "SITE_SYMBOL": "water_drop",
    "SITE_URL": "/",
    "BORDER_RADIUS": "5px",
    "THEME": "crm.admin_theme.theme",
    "DASHBOARD_CALLBACK": "crm.admin_site.in_work_order",
    "STYLES": ["crm.admin_theme.tokens", "crm.admin_theme.style"],
    "SCRIPTS": ["crm.admin_theme.script"],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": mark}],
    "SIDEBAR": {"navigation": "crm.admin_site.sidebar"},
    "ACCOUNT": {"navigation": [{"title": _("My page"), "link": "/staff/"}]},
}
