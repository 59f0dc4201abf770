"""Where a visit came from, and the touches made of it. A touch is a human act of a known person."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from campaigns.models import Asset, Campaign, Channel, ChannelRule, LandingPage
from leads.models import Hit, Lead, LeadScore, Message, Person, Submission, Touch
from leads.nudge import nudge

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
CLICK_IDS = ("gclid", "fbclid", "msclkid", "li_fat_id", "tblci")
LONGEST = 255


@dataclass(frozen=True, kw_only=True)
class VisitContext:
    """What one request says of its origin. Only allow-listed keys, each at most 255 characters."""

    url: str = ""
    referrer: str = ""
    utm: dict[str, str] = field(default_factory=dict)
    click_id_kind: str = ""
    click_id: str = ""
    ip: str | None = None
    agent: str = ""
    visitor_key: str = ""

    def origin(self) -> dict[str, str]:
        """The columns that hits, submissions and touches share."""
        return {
            **{key: self.utm.get(key, "") for key in UTM},
            "referrer": self.referrer,
            "click_id_kind": self.click_id_kind,
            "click_id": self.click_id,
        }


def visit_from(request: HttpRequest, *, landing_url: str = "") -> VisitContext:
    """Read the origin of a request. ``landing_url`` is the address first asked for, where a form sends it along."""
    url = landing_url or request.build_absolute_uri()
    query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    click = next((kind for kind in CLICK_IDS if query.get(kind)), "")
    agent = request.headers.get("User-Agent", "")
    ip = request.META.get("REMOTE_ADDR") or None
    return VisitContext(
        url=_plain(url, 500),
        referrer=_plain(_foreign(request.headers.get("Referer", ""), request)),
        utm={key: _plain(query[key]) for key in UTM if query.get(key)},
        click_id_kind=click,
        click_id=_plain(query.get(click, "")) if click else "",
        ip=ip,
        agent=_plain(agent),
        visitor_key=_day_key(ip or "", agent),
    )


def channel_for(visit: VisitContext) -> Channel:
    """The first rule of the ordered table that matches; else referral, direct or unknown.

    A campaign's UTM without a matching rule takes the campaign's own channel.
    """
    seen = {
        ChannelRule.Field.CLICK_ID: visit.click_id_kind,
        ChannelRule.Field.UTM_SOURCE: visit.utm.get("utm_source", "").lower(),
        ChannelRule.Field.UTM_MEDIUM: visit.utm.get("utm_medium", "").lower(),
        ChannelRule.Field.REFERRER: (urlsplit(visit.referrer).hostname or "").lower(),
    }
    for rule in ChannelRule.objects.select_related("channel"):
        if _matches(rule, seen[ChannelRule.Field(rule.field)]):
            return rule.channel
    campaign = campaign_for(visit)
    if campaign:
        return campaign.channel
    if visit.utm:
        return Channel.objects.get(slug="unknown")
    return Channel.objects.get(slug="referral" if visit.referrer else "direct")


def campaign_for(visit: VisitContext) -> Campaign | None:
    """The campaign whose UTM set the visit carries."""
    name = visit.utm.get("utm_campaign", "")
    return Campaign.objects.select_related("channel").filter(utm_campaign=name).first() if name else None


def record_touch(
    *,
    person: Person,
    kind: str,
    at: datetime,
    channel: Channel,
    campaign: Campaign | None = None,
    page: LandingPage | None = None,
    asset: Asset | None = None,
    hit: Hit | None = None,
    submission: Submission | None = None,
    message: Message | None = None,
    label: str = "",
    seconds: int | None = None,
    origin: dict[str, str] | None = None,
) -> Touch:
    """Write a touch, keep the lead's first and last touch right, and mark the score as due."""
    touch = Touch.objects.create(
        person=person, kind=kind, at=at, recorded_at=timezone.now(), channel=channel, campaign=campaign, page=page,
        asset=asset, hit=hit, submission=submission, message=message, label=label, seconds=seconds, **(origin or {}),
    )  # fmt: skip
    note_touch(touch)
    return touch


def note_touch(touch: Touch) -> None:
    """First and last touch follow the time of the act, not the order of writing; the score becomes due."""
    lead = Lead.objects.select_related("first_touch", "last_touch").filter(person_id=touch.person_id).first()
    if lead is None:
        return
    changed = {}
    if lead.first_touch is None or touch.at < lead.first_touch.at:
        changed["first_touch"] = touch
    if lead.last_touch is None or touch.at >= lead.last_touch.at:
        changed["last_touch"] = touch
    if changed:
        Lead.objects.filter(pk=lead.pk).update(**changed)
    make_dirty(lead_ids=[lead.pk], at=timezone.now())


def make_dirty(*, lead_ids: list[int], at: datetime) -> None:
    """Something a score reads has changed. Rows are made where missing, so nobody stays without a score."""
    LeadScore.objects.bulk_create([LeadScore(lead_id=pk) for pk in lead_ids], ignore_conflicts=True)
    LeadScore.objects.filter(lead_id__in=lead_ids).update(dirty_at=at)
    nudge("leads.scoring.rescore.rescore_dirty")


def _matches(rule: ChannelRule, value: str) -> bool:
    if not value:
        return False
    words = [word.strip().lower() for word in rule.words.split(",") if word.strip()]
    if rule.field == ChannelRule.Field.REFERRER:
        return any(_same_site(value, word) for word in words)
    return value in words


def _same_site(host: str, word: str) -> bool:
    """``google.`` matches google.com and www.google.de; ``t.co`` matches t.co and its subdomains only."""
    if word.endswith("."):
        return f".{host}".find(f".{word}") >= 0
    return host == word or host.endswith(f".{word}")


def _foreign(referrer: str, request: HttpRequest) -> str:
    """A referrer on our own site says nothing about where somebody came from."""
    parts = urlsplit(referrer)
    if parts.scheme not in ("http", "https") or parts.netloc == request.get_host():
        return ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _plain(text: str, longest: int = LONGEST) -> str:
    return "".join(char for char in text if char.isprintable())[:longest]


def _day_key(ip: str, agent: str) -> str:
    """A visitor without a cookie: site, shortened address and agent under the day's salt; not linkable over days."""
    cut = ip.rsplit("." if "." in ip else ":", 1)[0]
    salt = f"{settings.SECRET_KEY}:{timezone.localdate().isoformat()}"
    return hmac.new(salt.encode(), f"{settings.BASE_URL}|{cut}|{agent}".encode(), hashlib.sha256).hexdigest()[
        :32
    ]
