"""Touches made of hits. They are derived rows: they come and go with the verdict, here and nowhere else.

A touch of a form, a reply or an import has no hit and is never removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from campaigns.channels import UTM, table
from leads.channels import channel_of
from leads.judging.signals import MAIL_KINDS
from leads.models import Hit, Lead, Touch, TouchKind, Verdict
from leads.nurture.goals import downloaded
from leads.tracking import note_change

BECOMES = {
    Hit.Kind.CLICK: TouchKind.CLICK,
    Hit.Kind.OPEN: TouchKind.OPEN,
    Hit.Kind.DOWNLOAD: TouchKind.DOWNLOAD,
    Hit.Kind.READ: TouchKind.READ,
    Hit.Kind.PAGE: TouchKind.VISIT,
}
# However often it is repeated, it counts once a person and piece (or mail) in this time.
ONCE_IN = timedelta(days=1)
COUNTED_ONCE = (Hit.Kind.DOWNLOAD, Hit.Kind.OPEN)
ORIGIN = (*UTM, "referrer", "click_id_kind", "click_id")

Group = tuple[int, str, int | None, int | None]


def settle(hits: Sequence[Hit], *, human: set[int], at: datetime) -> Counter[str]:
    """Make the touches of these hits, and of those counted together with them, what the verdicts say.

    ``human`` are the ids among `hits` whose verdict, stored already, is human. Counts: touches (made), removed.
    """
    repeats = _counted_together([hit for hit in hits if hit.kind in COUNTED_ONCE and hit.person_id])
    every = {hit.pk: hit for hit in [*hits, *(hit for group in repeats.values() for hit in group)]}
    made = {touch.hit_id: touch for touch in Touch.objects.filter(hit__in=list(every)) if touch.hit_id}
    wanted = _wanted(hits, human, repeats)
    gone = [touch for pk, touch in made.items() if not _stays(every[pk], pk in wanted, pk in human)]
    new = [_touch_of(every[pk], at) for pk in sorted(wanted) if pk not in made]
    people = {touch.person_id for touch in [*gone, *new]}
    if people:
        downloaded(new)
        leads = _lock_leads(people)
        Touch.objects.bulk_create(new)
        _take_away(gone)
        _first_and_last(leads)
        note_change(person_ids=people, at=at)
    return Counter(touches=len(new), removed=len(gone))


def give(visits: Sequence[tuple[Hit, int]], *, at: datetime) -> int:
    """Make touches of human hits that turned out to be somebody's: (hit, person). A download counts once a day.

    A hit that has its touch already keeps it. Returns how many were made.
    """
    by_person: dict[int, list[Hit]] = {}
    for hit, person in visits:
        by_person.setdefault(person, []).append(hit)
    new = [
        _touch_of(hit, at, person)
        for person, hits in by_person.items()
        for hit in hits
        if hit.kind not in COUNTED_ONCE or not _downloaded_before(hit, person)
    ]
    if new:
        downloaded(new)
        leads = _lock_leads(set(by_person))
        Touch.objects.bulk_create(new, ignore_conflicts=True)
        _first_and_last(leads)
        note_change(person_ids=by_person, at=at)
    return len(new)


def take_back(touches: Sequence[Touch], *, at: datetime) -> int:
    """Touches of hits that turned out to be somebody else's go. Returns how many."""
    leads = _lock_leads({touch.person_id for touch in touches})
    _take_away(touches)
    _first_and_last(leads)
    note_change(person_ids={touch.person_id for touch in touches}, at=at)
    return len(touches)


def _downloaded_before(hit: Hit, person: int) -> bool:
    same = Touch.objects.filter(person=person, kind=TouchKind.DOWNLOAD, asset=hit.asset_id)
    return same.filter(at__gt=hit.at - ONCE_IN, at__lte=hit.at).exists()


def _wanted(hits: Sequence[Hit], human: set[int], repeats: dict[Group, list[Hit]]) -> set[int]:
    plain = {
        hit.pk
        for hit in hits
        if hit.pk in human and hit.kind in BECOMES and hit.kind not in COUNTED_ONCE and _is_somebodys(hit)
    }
    return plain | {pk for group in repeats.values() for pk in first_of_each_day(group)}


def first_of_each_day(hits: Sequence[Hit]) -> list[int]:
    """Ids of the hits that count, of human ones of one person and piece: those `ONCE_IN` after the last counted."""
    counted: list[Hit] = []
    for hit in sorted(hits, key=lambda one: (one.at, one.pk)):
        if not counted or hit.at - counted[-1].at >= ONCE_IN:
            counted.append(hit)
    return [hit.pk for hit in counted]


def _stays(hit: Hit, wanted: bool, human: bool) -> bool:
    """What another module made of a human hit (of a linked browser) is its own business."""
    if hit.kind in COUNTED_ONCE and hit.person_id:
        return wanted
    return human


def _is_somebodys(hit: Hit) -> bool:
    return hit.person is not None and hit.person.erased_at is None


def _counted_together(hits: Sequence[Hit]) -> dict[Group, list[Hit]]:
    """All human hits of the same person, kind, piece and mail as one of `hits`, by these four."""
    groups: dict[Group, list[Hit]] = {_group(hit): [] for hit in hits if _is_somebodys(hit)}
    if not groups:
        return {}
    people = {group[0] for group in groups}
    rows = Hit.objects.filter(person__in=people, kind__in=COUNTED_ONCE, judged=True).with_verdict()
    for hit in rows.filter(read_as=Verdict.Kind.HUMAN).select_related("mail_link", "person"):
        if _group(hit) in groups:
            groups[_group(hit)].append(hit)
    return groups


def _group(hit: Hit) -> Group:
    return (hit.person_id or 0, hit.kind, hit.asset_id, hit.message_id)


def _touch_of(hit: Hit, at: datetime, person: int | None = None) -> Touch:
    channel = table().channels["email"] if hit.kind in MAIL_KINDS else channel_of(hit)
    return Touch(
        person_id=person or hit.person_id, kind=BECOMES[Hit.Kind(hit.kind)], at=hit.at, recorded_at=at,
        channel=channel, hit=hit, share_id=hit.share_id,
        campaign_id=hit.campaign_id, page_id=hit.page_id, asset_id=hit.asset_id, message_id=hit.message_id,
        label=hit.mail_link.target[:160] if hit.mail_link else hit.label,
        **{name: getattr(hit, name) for name in ORIGIN},
    )  # fmt: skip


def _lock_leads(people: set[int]) -> list[int]:
    """Whoever sets a lead's first or last touch meanwhile comes before or after, never between."""
    leads = Lead.objects.filter(person__in=people).order_by("pk").select_for_update(no_key=True)
    return list(leads.values_list("pk", flat=True))


def _take_away(touches: Sequence[Touch]) -> None:
    pks = [touch.pk for touch in touches]
    Lead.objects.filter(first_touch__in=pks).update(first_touch=None)
    Lead.objects.filter(last_touch__in=pks).update(last_touch=None)
    Touch.objects.filter(pk__in=pks).delete()


def _first_and_last(leads: Sequence[int]) -> None:
    """Read anew from all touches of the person: the earliest and the latest act, whatever was written when."""
    theirs = Touch.objects.filter(person=OuterRef("person")).values("pk")
    Lead.objects.filter(pk__in=leads).update(
        first_touch=Subquery(theirs.order_by("at", "pk")[:1]),
        last_touch=Subquery(theirs.order_by("-at", "-pk")[:1]),
    )
