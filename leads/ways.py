"""How a touch came, in words: what we tracked of its way, and what the person says it was."""

from __future__ import annotations

from django.utils.translation import gettext as _

from campaigns.channels import host_of
from leads.models import Lead, Person, Touch

CLICK_IDS = {
    "gclid": "Google Ads",
    "gbraid": "Google Ads",
    "wbraid": "Google Ads",
    "dclid": "Google Display",
    "msclkid": "Microsoft Ads",
    "li_fat_id": "LinkedIn Ads",
    "ttclid": "TikTok Ads",
    "twclid": "X Ads",
    "tblci": "Taboola",
    "fbclid": "Facebook",
}


def way_of(touch: Touch) -> list[str]:
    """Channel, campaign, content, search term, click id, landing page and referring page, each where it is known."""
    site, page = host_of(touch.referrer), touch.page
    click = CLICK_IDS.get(touch.click_id_kind, touch.click_id_kind)
    parts = [
        touch.channel.name,
        touch.campaign.name if touch.campaign else "",
        _("content “%(words)s”") % {"words": touch.utm_content} if touch.utm_content else "",
        _("search term “%(words)s”") % {"words": touch.utm_term} if touch.utm_term else "",
        _("click id of %(name)s") % {"name": click} if click else "",
        _("landed on %(page)s") % {"page": f"/p/{page.slug}/"} if page else "",
        _("came from %(site)s") % {"site": site} if site else "",
    ]
    return [part for part in parts if part]


def heard_from(touch: Touch) -> str:
    """What they answered to "How did you hear about us?" in this form; empty where they were not asked."""
    return str(touch.submission.answers.get("heard_from", "")) if touch.submission else ""


def first_and_last(person: Person) -> tuple[int | None, int | None]:
    """Ids of the first and the last touch of the person's lead."""
    lead: Lead | None = getattr(person, "lead", None)
    return (lead.first_touch_id, lead.last_touch_id) if lead else (None, None)
