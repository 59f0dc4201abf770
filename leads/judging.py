"""Human or machine? Each hit gets a verdict with its reasons; only human acts become touches.

The judgement reads nothing but the stored hit, so it can be run again over the past under a new version.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache

from crawlerdetect import CrawlerDetect
from django.db import transaction

from campaigns.models import Channel
from leads.models import Hit, Touch, TouchKind, Verdict
from leads.tracking import note_touch

VERSION = 1
# Scanners follow all links of a mail within seconds; clicks wait this long for their neighbours.
WAIT = timedelta(seconds=10)
ALL_AT_ONCE = 3
TOO_SOON = timedelta(seconds=2)
SCANNERS = (
    "barracuda", "proofpoint", "mimecast", "safelinks", "googleimageproxy", "yahoomailproxy", "symantec", "trendmicro",
    "fireeye", "forcepoint", "messagelabs", "headlesschrome", "python-requests", "curl/", "wget/", "go-http-client",
)  # fmt: skip
BECOMES = {
    Hit.Kind.CLICK: TouchKind.CLICK,
    Hit.Kind.OPEN: TouchKind.OPEN,
    Hit.Kind.DOWNLOAD: TouchKind.DOWNLOAD,
    Hit.Kind.READ: TouchKind.READ,
    Hit.Kind.PAGE: TouchKind.VISIT,
}
MAIL_KINDS = (Hit.Kind.CLICK, Hit.Kind.OPEN)


def judge_due(*, at: datetime, limit: int = 500) -> dict[str, int]:
    """Judge the hits that wait, oldest first. Mail hits wait until their neighbours can be seen."""
    counts = {"human": 0, "machine": 0, "touches": 0}
    with transaction.atomic():
        due = (
            Hit.objects.filter(judged=False).order_by("pk").select_for_update(skip_locked=True, of=("self",))
        )
        hits = [
            hit
            for hit in due.select_related("message", "mail_link", "page__campaign", "person")[:limit]
            if hit.kind not in MAIL_KINDS or hit.at <= at - WAIT
        ]
        crowds = _crowded_messages(hits)
        verdicts = [_verdict(hit, crowds) for hit in hits]
        Verdict.objects.bulk_create(verdicts, ignore_conflicts=True)
        Hit.objects.filter(pk__in=[hit.pk for hit in hits]).update(judged=True)
        for hit, verdict in zip(hits, verdicts, strict=True):
            counts["human" if verdict.verdict == Verdict.Kind.HUMAN else "machine"] += 1
            if verdict.verdict == Verdict.Kind.HUMAN and hit.person_id:
                counts["touches"] += _touch(hit)
    return counts


def reasons_against(hit: Hit, *, crowded: bool) -> list[str]:
    """Why a hit looks like a machine's; empty for a human. Pure: reads the hit and its message only."""
    reasons = []
    agent = hit.agent.lower()
    if hit.method == "HEAD":
        reasons.append("HEAD request")
    if not agent:
        reasons.append("no agent")
    elif any(name in agent for name in SCANNERS) or _crawlers().isCrawler(hit.agent):
        reasons.append("known agent")
    if crowded:
        reasons.append("all links at once")
    sent = hit.message.ended_at if hit.message_id and hit.message else None
    if hit.kind in MAIL_KINDS and sent and hit.at - sent < TOO_SOON:
        reasons.append("seconds after sending")
    return reasons


@cache
def _crawlers() -> CrawlerDetect:
    return CrawlerDetect()


def _verdict(hit: Hit, crowds: set[int]) -> Verdict:
    reasons = reasons_against(hit, crowded=hit.message_id in crowds and hit.kind == Hit.Kind.CLICK)
    kind = Verdict.Kind.MACHINE if reasons else Verdict.Kind.HUMAN
    return Verdict(hit=hit, version=VERSION, verdict=kind, reasons=", ".join(reasons)[:200])


def _crowded_messages(hits: Iterable[Hit]) -> set[int]:
    """Messages of which several links were followed within ``WAIT``: two queries for the whole batch."""
    clicks = [hit for hit in hits if hit.kind == Hit.Kind.CLICK and hit.message_id]
    if not clicks:
        return set()
    seen = Hit.objects.filter(message__in={hit.message_id for hit in clicks}, kind=Hit.Kind.CLICK)
    by_message: dict[int, list[tuple[datetime, int | None]]] = {}
    for message, when, link in seen.values_list("message_id", "at", "mail_link_id"):
        by_message.setdefault(message, []).append((when, link))
    return {message for message, followed in by_message.items() if _crowded(followed)}


def _crowded(followed: list[tuple[datetime, int | None]]) -> bool:
    followed.sort(key=lambda one: one[0])
    for index, (begin, _link) in enumerate(followed):
        links = {link for when, link in followed[index:] if when - begin < WAIT}
        if len(links) >= ALL_AT_ONCE:
            return True
    return False


def _touch(hit: Hit) -> int:
    """One touch a hit; a download or an open counts once a person and piece a day, however often it is repeated."""
    kind = BECOMES.get(Hit.Kind(hit.kind))
    if kind is None or Touch.objects.filter(hit=hit).exists():
        return 0
    if kind in (TouchKind.DOWNLOAD, TouchKind.OPEN) and _counted_today(hit, kind):
        return 0
    slug = "email" if hit.kind in MAIL_KINDS else "website"
    touch = Touch.objects.create(
        person_id=hit.person_id, kind=kind, at=hit.at, channel=Channel.objects.get(slug=slug), hit=hit,
        campaign_id=hit.campaign_id, page_id=hit.page_id, asset_id=hit.asset_id, message_id=hit.message_id,
        label=_label(hit), utm_source=hit.utm_source, utm_medium=hit.utm_medium, utm_campaign=hit.utm_campaign,
    )  # fmt: skip
    note_touch(touch)
    return 1


def _counted_today(hit: Hit, kind: str) -> bool:
    same = Touch.objects.filter(
        person_id=hit.person_id, kind=kind, asset_id=hit.asset_id, message_id=hit.message_id
    )
    return same.filter(at__gt=hit.at - timedelta(days=1)).exists()


def _label(hit: Hit) -> str:
    if hit.mail_link_id:
        return hit.mail_link.target[:160]
    return ""
