"""How long and how deep somebody read an open piece: the touch of the reading takes it from the beacons that follow.

A touch of a hit is a derived row, and so are its seconds and depth: they are counted anew from all human beacons of the
same reader, so doing it twice changes nothing. Anonymous reading is counted for the piece only (`crm.reports`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from leads.models import Hit, Touch, TouchKind, Verdict
from leads.tracking import note_change

# What is read later belongs to another reading.
A_READING = timedelta(hours=12)


def note_views(views: Iterable[Hit], *, at: datetime) -> int:
    """Beacons were judged: the readings they belong to are measured anew. Returns how many changed."""
    named = [hit for hit in views if hit.kind == Hit.Kind.VIEW and (hit.person_id or hit.visitor_id)]
    if not named:
        return 0
    readers = Q(hit__visitor__in={hit.visitor_id for hit in named if hit.visitor_id})
    readers |= Q(person__in={hit.person_id for hit in named if hit.person_id})
    times = [hit.at for hit in named]
    touches = Touch.objects.filter(
        readers,
        kind=TouchKind.READ,
        hit__asset__in={hit.asset_id for hit in named},
        at__range=(min(times) - A_READING, max(times)),
    )
    return measure(list(touches.select_related("hit")), at=at)


def measure(touches: Sequence[Touch], *, at: datetime) -> int:
    """Seconds in view and depth of these readings, from the beacons of the same person or browser."""
    changed = []
    for touch in touches:
        seconds, depth = _read(touch)
        if (touch.seconds or 0, touch.depth or 0) != (seconds, depth):
            touch.seconds, touch.depth = seconds, depth
            changed.append(touch)
    if changed:
        Touch.objects.bulk_update(changed, ["seconds", "depth"])
        note_change(person_ids={touch.person_id for touch in changed}, at=at)
    return len(changed)


def _read(touch: Touch) -> tuple[int, int]:
    """Of this reading: until the same reader opens the piece again."""
    hit = touch.hit
    if hit is None:
        return touch.seconds or 0, touch.depth or 0
    reader = Q(person=touch.person_id)
    if hit.visitor_id:
        reader |= Q(visitor=hit.visitor_id, person=None)
    same = Hit.objects.filter(reader, asset=hit.asset_id, at__gte=hit.at)
    again = (
        same.filter(kind=Hit.Kind.READ).exclude(pk=hit.pk).order_by("at").values_list("at", flat=True).first()
    )
    end = min(again or hit.at + A_READING, hit.at + A_READING)
    views = same.filter(kind=Hit.Kind.VIEW, at__lt=end).with_verdict().filter(read_as=Verdict.Kind.HUMAN)
    rows = list(views.values_list("seconds", "depth"))
    return sum(seconds or 0 for seconds, _depth in rows), max((depth or 0 for _s, depth in rows), default=0)
