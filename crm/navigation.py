"""One rail over /staff/ and /admin/: what a user may do decides what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.dashboards.kept_mail import MAY_READ_KEPT, is_kept
from prospects.models import Prospect

WORK = ("prospects.work_prospects",)
MANAGE = ("prospects.manage_prospects",)
IMPORT = ("leads.import_leads", "leads.import_history", "prospects.import_prospects")


@dataclass(frozen=True)
class Place:
    """A line of the rail: its word, its sign, its address by name, and who sees it (any of the permissions).

    `below` is the name of the address under which everything belongs to this line, where that is a wider one; `also`
    that of its pages in the admin.
    """

    key: str
    word: str | Promise
    sign: str
    url_name: str
    any_of: tuple[str, ...]
    below: str = ""
    also: str = ""


@dataclass(frozen=True)
class Item:
    """A line as drawn."""

    key: str
    word: str | Promise
    sign: str
    url: str
    here: bool
    number: int | None = None


# In the order of a working day: first one's own page, then what one works on, then what one looks up.
PLACES = [
    Place("home", _("Home"), "home", "staff-home", ("campaigns.change_campaign",)),
    Place("team", _("Team"), "people", "staff-team", MANAGE),
    Place("today", _("Today"), "today", "staff-today", WORK),
    Place("prospects", _("Prospects"), "people", "staff-prospects", WORK),
    Place("board", _("Board"), "board", "staff-board", WORK),
    Place("lists", _("Lists"), "segment", "staff-lists", (*WORK, "prospects.import_prospects")),
    Place("accounts", _("Accounts"), "company", "staff-accounts", WORK),
    Place("deals", _("Deals"), "coin", "staff-deals", WORK),
    Place("forecast", _("Forecast"), "chart", "staff-forecast", WORK),
    Place("calendar", _("Calendar"), "meet", "staff-calendar", WORK),
    Place("addresses", _("My addresses"), "mail", "staff-addresses", WORK),
    Place("calls", _("Calls to sort out"), "phone", "staff-calls", WORK),
    Place("assignment", _("Assignment"), "arrow", "staff-assignment", MANAGE),
    Place("asked", _("Asked by sales"), "inbox", "staff-asked", ("prospects.answer_requests",)),
    Place("campaigns", _("Campaigns"), "flag", "admin:campaigns_campaign_changelist", ("campaigns.change_campaign",)),
    Place("content", _("Content"), "doc", "admin:campaigns_asset_changelist", ("campaigns.change_asset",)),
    Place("pages", _("Pages"), "page", "admin:campaigns_landingpage_changelist", ("campaigns.change_landingpage",)),
    Place("mailings", _("Mailings"), "mail", "staff-mailings", ("leads.view_lead",)),
    Place(
        "sequences", _("Sequences"), "seq", "staff-sequences", ("leads.view_lead",),
        also="admin:campaigns_sequence_changelist",
    ),
    Place(
        "templates", _("E-mail templates"), "note", "admin:campaigns_emailtemplate_changelist",
        ("campaigns.change_emailtemplate",),
    ),
    Place("post_office", _("Post office"), "inbox", "staff-post-office", ("leads.view_lead",)),
    Place("segments", _("Segments"), "segment", "staff-segments", ("leads.view_lead",)),
    Place("leads", _("Leads"), "person", "staff-leads", ("leads.view_lead",)),
    Place("doubles", _("Doubles"), "people", "staff-doubles", ("leads.merge_people",)),
    Place("imports", _("Imports"), "inbox", "staff-imports", IMPORT),
    Place(
        "scoring", _("Scoring"), "gauge", "staff-scoring", ("leads.view_scoringmodel",),
        also="admin:leads_scoringmodel_changelist",
    ),
    Place(
        "ideal", _("Ideal profile"), "flag", "staff-ideal-profile", ("leads.view_scoringmodel",),
        also="admin:campaigns_idealprofile_changelist",
    ),
    Place("agreement", _("Our agreement"), "doc", "staff-agreement", ("crm.view_reports",)),
    Place("reports", _("Reports"), "chart", "staff-funnel", ("crm.view_reports",), below="staff-reports"),
    Place("status", _("Status"), "pulse", "staff-status", ("crm.view_status",)),
    Place("jobs", _("Jobs"), "clock", "admin:crm_jobrun_changelist", ("crm.view_jobrun",)),
    Place(
        "requests", _("Requests"), "lock", "admin:leads_privacyrequest_changelist", ("leads.change_privacyrequest",)
    ),
    Place("users", _("Users and roles"), "shield", "admin:crm_user_changelist", ("crm.change_user",)),
    Place("outbox", _("Outbox"), "inbox", "staff-outbox", MAY_READ_KEPT),
]  # fmt: skip
# What a thumb reaches first on a phone, of what the rail holds.
TAB_ORDER = (
    "home",
    "team",
    "today",
    "prospects",
    "board",
    "accounts",
    "campaigns",
    "leads",
    "reports",
    "status",
    "jobs",
)
ROLE_WORDS = {
    "marketing": _("Marketing"),
    "sales": _("Sales"),
    "sales_manager": _("Manager"),
    "operator": _("Operator"),
    "viewer": _("Viewer"),
}


def rail_for(request: HttpRequest) -> list[Item]:
    """The lines this user sees, the current one marked. Made once a request."""
    made = getattr(request, "_staff_rail", None)
    if made is None:
        made = request._staff_rail = _made(request)  # type: ignore[attr-defined]
    return made


def tabs_for(request: HttpRequest) -> list[Item]:
    """Four lines for the foot of a phone; the rest stands behind the menu."""
    by_key = {item.key: item for item in rail_for(request)}
    first = [by_key[key] for key in TAB_ORDER if key in by_key]
    return first[:4] or rail_for(request)[:4]


def role_of(user: Any) -> str | Promise:
    """The word beside the user's name. Whoever signed in brings it along (`crm.signed_in`)."""
    name = getattr(user, "role_name", None)
    if name is None:
        name = user.groups.values_list("name", flat=True).order_by("pk").first() or ""
    return ROLE_WORDS.get(name, name)


def _made(request: HttpRequest) -> list[Item]:
    found = [(place, _address(place.url_name)) for place in PLACES if _may(request.user, place)]
    found = [(place, url) for place, url in found if url]
    here = max(((len(_prefix(place, url, request.path)), place.key) for place, url in found), default=(0, ""))
    numbers = _numbers(request.user)
    return [
        Item(
            place.key,
            place.word,
            place.sign,
            url,
            here[0] > 0 and place.key == here[1],
            numbers.get(place.key),
        )
        for place, url in found
    ]


def _prefix(place: Place, url: str, path: str) -> str:
    """The part of the path that says we are here; a home page is here only on its own address."""
    if place.key == "home":
        return url if path == url else ""
    bases = (_address(place.below) if place.below else url, _address(place.also) if place.also else "")
    return max((base for base in bases if base and path.startswith(base)), key=len, default="")


def _may(user: Any, place: Place) -> bool:
    if place.key == "outbox" and not is_kept():
        return False
    return any(user.has_perm(permission) for permission in place.any_of)


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _numbers(user: Any) -> dict[str, int]:
    if not user.has_perm("prospects.work_prospects"):
        return {}
    brought = getattr(user, "open_prospects", None)  # as of the beginning of the request
    own = Prospect.objects.filter(owner=user).open()
    return {"prospects": own.count() if brought is None else brought}
