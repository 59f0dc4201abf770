"""Passing a piece on: a known person's own link, and the touches that a newcomer's visit by it leaves with both.

The newcomer's visit is a referral touch of the sharer, once for each newcomer; and of the newcomer, once, as soon as
they send a form. A machine's visit and the sharer's own count for nothing. The worker does it.
"""

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.crypto import get_random_string
from django.utils.timezone import localdate, now

from campaigns.channels import UTM, table
from campaigns.models import Asset
from leads.hit_rows import tracking_said
from leads.models import Hit, Person, ShareLink, Submission, Touch, TouchKind, Verdict, VisitorLink
from leads.tracking import day_key, note_touch

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
CODE = re.compile(r"[a-z0-9]{4,16}")
VISITS = (Hit.Kind.PAGE, Hit.Kind.READ)
ORIGIN = (*UTM, "referrer", "click_id_kind", "click_id")
# What is older and has no touch has been looked at often enough.
LOOK_BACK = timedelta(days=30)
DAY = timedelta(days=1)


def share_link(*, person: Person, asset: Asset, at: datetime) -> ShareLink:
    """The person's own link to this piece; asked twice, the same."""
    link, _made = ShareLink.objects.get_or_create(
        person=person, asset=asset, defaults={"code": get_random_string(10, LETTERS), "created_at": at}
    )
    return link


def found_by(via: str) -> ShareLink | None:
    """The link that an address carries; None where it carries none, or that of somebody erased."""
    if not CODE.fullmatch(via):
        return None
    return ShareLink.objects.filter(code=via, person__erased_at=None).select_related("person").first()


def refer_due(*, at: datetime) -> dict[str, int]:
    """Referral touches of sharers and of newcomers, each once."""
    with transaction.atomic():
        _lock_links(at)
        return {"sharers": _sharers(at), "newcomers": _newcomers(at)}


def _lock_links(at: datetime) -> None:
    """Whoever does this at the same moment comes before or after, and then finds the touches made."""
    since = {"share__isnull": False, "at__gt": at - LOOK_BACK}
    used = Q(pk__in=Hit.objects.filter(**since).values("share"))
    used |= Q(pk__in=Submission.objects.filter(**since).values("share"))
    list(ShareLink.objects.filter(used).order_by("pk").select_for_update().values_list("pk"))


def _sharers(at: datetime) -> int:
    """One touch for each link and newcomer: the first human visit under that day's code, unless it is the sharer's."""
    hits = Hit.objects.filter(share__isnull=False, kind__in=VISITS, at__gt=at - LOOK_BACK, judged=True)
    first: dict[tuple[int | None, str], Hit] = {}
    human = hits.with_verdict().filter(read_as=Verdict.Kind.HUMAN).annotate(counted=Exists(_referrals()))
    for hit in human.select_related("share__person").order_by("at", "pk"):
        first.setdefault((hit.share_id, hit.visitor_key), hit)
    due = [(hit, hit.share) for hit in first.values() if hit.share and not hit.counted]  # type: ignore[attr-defined]
    said = tracking_said({share.person_id for _hit, share in due})
    return sum(
        _refer(share, share.person_id, hit.at, hit)
        for hit, share in due
        if said.get(share.person_id, True) and not _is_own(hit, share)
    )


def _referrals() -> QuerySet[Touch]:
    """The touch of a hit's sharer that this hit has left."""
    return Touch.objects.filter(
        kind=TouchKind.REFERRAL, person=OuterRef("share__person"), share=OuterRef("share"), at=OuterRef("at")
    )


def _newcomers(at: datetime) -> int:
    """Who sent a form after they came by somebody's link was referred, at the time of their first visit by it."""
    forms = Submission.objects.filter(
        share__isnull=False, person__isnull=False, state=Submission.State.ACCEPTED, at__gt=at - LOOK_BACK
    ).exclude(person=F("share__person"))
    had = Touch.objects.filter(kind=TouchKind.REFERRAL, person=OuterRef("person"), share=OuterRef("share"))
    made = 0
    done: set[tuple[int | None, int | None]] = set()
    for form in forms.exclude(Exists(had)).select_related("share").order_by("at"):
        if form.share and form.person_id and (form.person_id, form.share_id) not in done:
            done.add((form.person_id, form.share_id))
            visit = _visit_before(form)
            made += _refer(form.share, form.person_id, visit.at if visit else form.at, None, visit)
    return made


def _visit_before(form: Submission) -> Hit | None:
    """The first visit by the same link under the same day's code."""
    keys = _day_keys(form)
    visits = Hit.objects.filter(share=form.share_id, visitor_key__in=keys, kind__in=VISITS, at__lte=form.at)
    return visits.order_by("at").first()


def _day_keys(form: Submission) -> list[str]:
    """The codes that this form's browser had that day and the day before."""
    days = [localdate(form.at), localdate(form.at - DAY)]
    return [day_key(form.ip or "", form.agent, day=day) for day in days]


def _is_own(hit: Hit, share: ShareLink) -> bool:
    """The sharer looks at their own link: the same browser has been theirs that day, or pressed Share."""
    if hit.person_id == share.person_id:
        return True
    if hit.visitor_id and VisitorLink.objects.filter(visitor=hit.visitor_id, person=share.person_id).exists():
        return True
    theirs = Hit.objects.filter(Q(person=share.person_id) | Q(share=share, kind=Hit.Kind.LINK))
    if theirs.filter(visitor_key=hit.visitor_key).exists():
        return True
    forms = Submission.objects.filter(person=share.person_id, at__range=(hit.at - DAY, hit.at + DAY))
    return any(hit.visitor_key in _day_keys(form) for form in forms)


def _refer(share: ShareLink, person_id: int, at: datetime, hit: Hit | None, origin: Hit | None = None) -> int:
    """One touch. It hangs on its hit where that can be nobody else's, so that it goes if the hit was a machine's."""
    source = hit or origin
    mine = hit if hit and hit.visitor_id is None and hit.person_id is None else None
    touch = Touch.objects.create(
        person_id=person_id, kind=TouchKind.REFERRAL, at=at, recorded_at=now(), share=share, asset_id=share.asset_id,
        channel=table().channels["referral"], hit=mine, campaign_id=source.campaign_id if source else None,
        page_id=source.page_id if source else None,
        **({name: getattr(source, name) for name in ORIGIN} if source else {}),
    )  # fmt: skip
    note_touch(touch)
    return 1
