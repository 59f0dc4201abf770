"""One rail over /staff/ and /admin/: what a user may do decides what it holds."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.dashboards.kept_mail import MAY_READ_KEPT, is_kept
from prospects.models import Prospect


@dataclass(frozen=True)
class Place:
    """A line of the rail: its word, its sign, its address by name, and who sees it."""

    key: str
    word: str | Promise
    sign: str
    url_name: str
    permission: str = ""


@dataclass(frozen=True)
class Item:
    """A line as drawn."""

    word: str | Promise
    sign: str
    url: str
    here: bool
    number: int | None = None


# In the order of a working day: first one's own page, then what one works on, then what one looks up.
PLACES = [
    Place("home", _("Home"), "home", "staff-home"),
    Place("today", _("Today"), "today", "staff-today", "prospects.work_prospects"),
    Place("prospects", _("Prospects"), "people", "staff-prospects", "prospects.work_prospects"),
    Place("board", _("Board"), "board", "staff-board", "prospects.work_prospects"),
    Place("accounts", _("Accounts"), "company", "staff-accounts", "prospects.work_prospects"),
    Place(
        "campaigns",
        _("Campaigns"),
        "flag",
        "admin:campaigns_campaign_changelist",
        "campaigns.change_campaign",
    ),
    Place("content", _("Content"), "doc", "admin:campaigns_asset_changelist", "campaigns.change_asset"),
    Place(
        "pages", _("Pages"), "page", "admin:campaigns_landingpage_changelist", "campaigns.change_landingpage"
    ),
    Place(
        "mailings",
        _("Mails"),
        "mail",
        "admin:campaigns_emailtemplate_changelist",
        "campaigns.change_emailtemplate",
    ),
    Place(
        "sequences", _("Sequences"), "seq", "admin:campaigns_sequence_changelist", "campaigns.change_sequence"
    ),
    Place("leads", _("Leads"), "person", "staff-leads", "leads.view_lead"),
    Place(
        "scoring", _("Scoring"), "gauge", "admin:leads_scoringmodel_changelist", "leads.change_scoringmodel"
    ),
    Place("reports", _("Reports"), "chart", "staff-funnel", "crm.view_reports"),
    Place("status", _("Status"), "pulse", "staff-status", "crm.view_status"),
    Place("jobs", _("Jobs"), "clock", "admin:crm_jobrun_changelist", "crm.view_jobrun"),
    Place("users", _("Users and roles"), "shield", "admin:crm_user_changelist", "crm.change_user"),
    Place("outbox", _("Outbox"), "inbox", "staff-outbox", "crm.view_status"),
]


def rail_for(request: HttpRequest) -> list[Item]:
    """The lines this user sees, the current one marked; the counts are two indexed queries."""
    places = [place for place in PLACES if _may(request.user, place)]
    addresses = [(place, _address(place.url_name)) for place in places]
    here = max(
        (url for _place, url in addresses if url and request.path.startswith(url)), key=len, default=""
    )
    numbers = _numbers(request.user)
    return [
        Item(place.word, place.sign, url, url == here, numbers.get(place.key))
        for place, url in addresses
        if url
    ]


def tabs_for(request: HttpRequest) -> list[Item]:
    """The first four lines, for the foot of a phone; the rest stands behind the menu."""
    return rail_for(request)[:4]


def _may(user, place: Place) -> bool:
    if place.key == "outbox":
        return is_kept() and any(user.has_perm(name) for name in MAY_READ_KEPT)
    return not place.permission or user.has_perm(place.permission)


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _numbers(user) -> dict[str, int]:
    if not user.has_perm("prospects.work_prospects"):
        return {}
    return {"prospects": Prospect.objects.filter(owner=user).open().count()}
