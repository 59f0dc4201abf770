"""Where a visit came from, and the touches made of it. A touch is a human act of a known person."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from campaigns.channels import UTM, host_of, plain, read_address, read_referrer
from campaigns.models import Asset, Campaign, Channel, LandingPage
from leads.models import Hit, Lead, LeadScore, Message, Person, Submission, Touch
from leads.nudge import nudge
from leads.nurture.waking import wake, wake_leads
from leads.tokens import BadToken, read_visitor

STOP_COOKIE = "nocount"
VISITOR_COOKIE = "visitor"
VIA = re.compile(r"[?&]via=([a-z0-9]{4,16})(?:[&#]|$)")


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
    # A hash that changes every day; never joined over days.
    visitor_key: str = ""
    # Only of a browser that agreed to be remembered: its row, or the key that another site keeps for it.
    visitor_id: int | None = None
    visitor_uuid: str = ""
    # The code of somebody's share link that the address carries, and its row once it has been looked up.
    via: str = ""
    share_id: int | None = None

    def origin(self) -> dict[str, str]:
        """The columns that hits, submissions and touches share."""
        return {
            **{key: self.utm.get(key, "") for key in UTM},
            "referrer": self.referrer,
            "click_id_kind": self.click_id_kind,
            "click_id": self.click_id,
        }


def visit_from(
    request: HttpRequest,
    *,
    landing_url: str = "",
    referrer: str = "",
    place: str = "",
    visitor_uuid: str = "",
) -> VisitContext:
    """Read the origin of a request; costs no query.

    The others are for another site that shows our form or counts with our script: its page, what that page was
    reached from, the site's key (a visitor has another day's code there than here), the key it keeps for a browser.
    """
    url = landing_url or request.build_absolute_uri()
    origin = read_address(url)
    agent = request.headers.get("User-Agent", "")
    ip = request.META.get("REMOTE_ADDR") or None
    came_from = referrer if place else request.headers.get("Referer", "")
    return VisitContext(
        url=plain(url, 500),
        referrer=read_referrer(came_from, own_host=host_of(landing_url) or request.get_host()),
        utm=origin.utm,
        click_id_kind=origin.click_id_kind,
        click_id=origin.click_id,
        ip=ip,
        agent=plain(agent),
        visitor_key=day_key(ip or "", agent, place=place),
        visitor_id=None if place else visitor_of(request),
        visitor_uuid=visitor_uuid,
        via=via_of(url),
    )


def asks_not_to_be_counted(request: HttpRequest) -> bool:
    """The visitor pressed "Don't count me", or their browser says so for them (Sec-GPC, DNT)."""
    return (
        STOP_COOKIE in request.COOKIES
        or request.headers.get("Sec-GPC") == "1"
        or request.headers.get("DNT") == "1"
    )


def visitor_of(request: HttpRequest) -> int | None:
    """The row of a browser that agreed to be remembered, by its signed cookie."""
    kept = request.COOKIES.get(VISITOR_COOKIE)
    if not kept or asks_not_to_be_counted(request):
        return None
    try:
        return read_visitor(kept)
    except BadToken:
        return None


def via_of(url: str) -> str:
    """The code of a share link in an address; empty where there is none."""
    found = VIA.search(url)
    return found[1] if found else ""


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
        wake(person_ids=[touch.person_id], at=timezone.now())
        return
    changed = {}
    if lead.first_touch is None or touch.at < lead.first_touch.at:
        changed["first_touch"] = touch
    if lead.last_touch is None or touch.at >= lead.last_touch.at:
        changed["last_touch"] = touch
    if changed:
        Lead.objects.filter(pk=lead.pk).update(**changed)
    make_dirty(lead_ids=[lead.pk], at=timezone.now())


def note_change(*, person_ids: Iterable[int], at: datetime) -> None:
    """Something about these people changed that a score, a wait or a segment may ask. Call it where it is written.

    In the same transaction, so that no crash loses it. Rows of scores are locked last, in the order of their leads.
    """
    ids = list(person_ids)
    if not ids:
        return
    wake(person_ids=ids, at=at)
    _mark(LeadScore.objects.filter(lead__person__in=ids), at)


def make_dirty(*, lead_ids: Sequence[int], at: datetime) -> None:
    """The same by the people's leads. Rows are made where missing: nobody is without a score."""
    if not lead_ids:
        return
    wake_leads(lead_ids=lead_ids, at=at)
    LeadScore.objects.bulk_create([LeadScore(lead_id=pk) for pk in sorted(lead_ids)], ignore_conflicts=True)
    _mark(LeadScore.objects.filter(lead__in=lead_ids), at)


def note_change_of_rules(*, at: datetime) -> None:
    """What everybody is judged by changed: every score is worked out again."""
    _mark(LeadScore.objects.all(), at)


def mark_where_free(*, person_ids: Iterable[int], at: datetime) -> None:
    """For who holds locks that others wait with: their scores become due, but where somebody works on one right now.

    Call `note_change` after the commit too; this only keeps a crash between the two from losing the mark.
    """
    scores = LeadScore.objects.filter(lead__person__in=list(person_ids))
    locked = (
        scores.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("lead").values("lead")
    )
    LeadScore.objects.filter(lead__in=locked).update(dirty_at=at)


def _mark(scores: QuerySet[LeadScore], at: datetime) -> None:
    # In order: two who mark many, and the run that writes them, must not wait for each other.
    locked = scores.select_for_update(of=("self",), no_key=True).order_by("lead").values("lead")
    with transaction.atomic(savepoint=False):
        marked = LeadScore.objects.filter(lead__in=locked).update(dirty_at=at)
    if marked:
        nudge("leads.scoring.rescore.rescore_dirty")


def day_key(ip: str, agent: str, *, place: str = "", day: date | None = None) -> str:
    """A visitor without a cookie: site, shortened address and agent under the day's salt; not linkable over days."""
    cut = ip.rsplit("." if "." in ip else ":", 1)[0]
    salt = f"{settings.SECRET_KEY}:{(day or timezone.localdate()).isoformat()}"
    words = f"{place or settings.BASE_URL}|{cut}|{agent}"
    return hmac.new(salt.encode(), words.encode(), hashlib.sha256).hexdigest()[:32]
