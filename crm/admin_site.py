"""The admin's rail: the same lines as over /staff/, then what a marketer sets up, in work order."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.navigation import rail_for

# Signs of the staff face → names in the symbol font that the theme brings along.
SYMBOLS = {
    "home": "home",
    "today": "today",
    "people": "group",
    "board": "view_kanban",
    "company": "domain",
    "flag": "flag",
    "doc": "article",
    "page": "web",
    "mail": "mail",
    "seq": "account_tree",
    "person": "person_search",
    "gauge": "speed",
    "chart": "bar_chart",
    "pulse": "monitor_heart",
    "clock": "schedule",
    "shield": "shield_person",
    "inbox": "inbox",
    "note": "draft",
    "segment": "data_usage",
    "lock": "lock",
}

# Headings and model pages in the order in which somebody works through them.
WORK: tuple[tuple[str | Promise, tuple[tuple[str, str], ...]], ...] = (
    (
        _("Whom we want"),
        (
            ("campaigns.persona", "sentiment_satisfied"),
            ("campaigns.targetlist", "list_alt"),
        ),
    ),
    (
        _("What we plan"),
        (
            ("campaigns.programme", "flag_circle"),
            ("campaigns.campaign", "flag"),
            ("campaigns.spend", "payments"),
            ("campaigns.offer", "sell"),
            ("campaigns.shortlink", "link"),
        ),
    ),
    (
        _("What we say"),
        (
            ("campaigns.asset", "article"),
            ("campaigns.landingpage", "web"),
            ("campaigns.pagetest", "compare"),
            ("campaigns.emailtemplate", "mail"),
            ("campaigns.sequence", "account_tree"),
            ("campaigns.topic", "topic"),
            ("campaigns.assetkind", "category"),
            ("campaigns.consenttext", "verified_user"),
        ),
    ),
    (
        _("Who answered"),
        (
            ("leads.lead", "person_search"),
            ("leads.person", "badge"),
            ("leads.submission", "dynamic_form"),
            ("leads.hit", "ads_click"),
            ("leads.message", "outgoing_mail"),
            ("leads.mailevent", "reply_all"),
            ("leads.inbound", "inbox"),
            ("leads.consentevent", "fact_check"),
        ),
    ),
    (
        _("How we judge"),
        (
            ("leads.scoringmodel", "speed"),
            ("campaigns.channel", "alt_route"),
            ("campaigns.channelrule", "rule"),
            ("campaigns.customfield", "text_fields"),
        ),
    ),
    (
        _("How sales work"),
        (
            ("prospects.prospect", "group"),
            ("prospects.pipeline", "linear_scale"),
            ("prospects.stage", "view_week"),
            ("prospects.reason", "thumbs_up_down"),
            ("prospects.assignmentrule", "assignment_ind"),
            ("prospects.team", "groups"),
            ("prospects.rep", "work_history"),
            ("prospects.absence", "beach_access"),
            ("prospects.holiday", "event_busy"),
        ),
    ),
    (
        _("The house"),
        (("crm.user", "shield_person"), ("crm.jobrun", "schedule"), ("crm.importrun", "upload")),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The staff rail, then a group for each heading of `WORK` with the pages this user may open."""
    rail = rail_for(request)
    known = {item.url for item in rail}
    lines = [
        {
            "title": str(item.word),
            "icon": SYMBOLS.get(item.sign, "chevron_right"),
            "link": item.url,
            "active": item.here,
            "badge": str(item.number) if item.number is not None else "",
            "badge_variant": "primary",
        }
        for item in rail
    ]
    groups = [
        {"title": str(title), "separator": True, "items": items}
        for title, models in WORK
        if (items := _lines(request, models, leave_out=known))
    ]
    return [{"items": lines}, *groups]


def in_work_order(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The admin's first page: its model pages under the headings of `WORK` instead of by app and letter."""
    found = {
        model["model"]._meta.label_lower: model for app in context["app_list"] for model in app["models"]
    }
    groups = []
    for title, models in WORK:
        own = [found[label] for label, _icon in models if label in found]
        if own:
            groups.append({"name": title, "app_label": "work", "app_url": own[0]["admin_url"], "models": own})
    return {**context, "app_list": groups}


def theme(request: HttpRequest) -> str | None:
    """What the user chose on the staff pages; None lets the system decide."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in ("light", "dark") else None


def _lines(
    request: HttpRequest, models: tuple[tuple[str, str], ...], leave_out: set[str]
) -> list[dict[str, Any]]:
    from django.contrib import admin  # the site is set while the apps load

    registry = {model._meta.label_lower: page for model, page in admin.site._registry.items()}
    lines = []
    for label, icon in models:
        page = registry.get(label)
        if page is None or not page.has_view_or_change_permission(request):
            continue
        url = _list_of(label)
        if url and url not in leave_out:
            name = str(page.model._meta.verbose_name_plural)
            lines.append({"title": name[:1].upper() + name[1:], "icon": icon, "link": url})
    return lines


def _list_of(label: str) -> str:
    app, model = label.split(".")
    try:
        return reverse(f"admin:{app}_{model}_changelist")
    except NoReverseMatch:
        return ""
