"""Judges the hits that wait, and those of the past again when the classifier has a new version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from leads.judging.neighbours import judged_otherwise, look_around
from leads.judging.signals import ALL_AT_ONCE, MAIL_KINDS, VERSION, Around, judge
from leads.judging.touches import settle
from leads.models import Hit, Verdict, Visitor
from leads.reading import note_views

# A click waits until its neighbours have happened and are written (a second later).
WAIT = ALL_AT_ONCE + timedelta(seconds=2)
SIZE = 500
Kind = Verdict.Kind


def judge_due(*, at: datetime, limit: int = SIZE) -> dict[str, int]:
    """Judge the hits that wait, oldest first. Mail hits wait until their neighbours can be seen.

    A scan that shows only now what it was sends the hits beside it, judged before, back into the queue.
    Counts: human, machine, unsure, touches (made), removed (touches), again (hits sent back).
    """
    with transaction.atomic():
        waiting = Hit.objects.filter(judged=False).exclude(kind__in=MAIL_KINDS, at__gt=at - WAIT)
        hits = list(_whole(waiting).select_for_update(skip_locked=True, of=("self",))[:limit])
        known = look_around(hits)
        Hit.objects.filter(pk__in=[hit.pk for hit in hits]).update(judged=True)
        counts = _give_verdicts(hits, known, at)
        again = judged_otherwise(hits, known)
        counts["again"] = Hit.objects.filter(pk__in=again).update(judged=False)
    return _said(counts)


def rejudge(
    *,
    at: datetime,
    since: datetime | None = None,
    dry_run: bool = False,
    size: int = SIZE,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, int]:
    """Judge hits of the past that have no verdict of this `VERSION` yet; earlier verdicts stay.

    Each batch is a transaction of its own and its verdicts are the checkpoint: after a crash, run it again. A dry run
    counts the same and keeps nothing. Counts: those of `judge_due`, hits, and changed (verdict differs from the last).
    """
    counts: Counter[str] = Counter()
    last = 0
    while True:
        with transaction.atomic():
            hits = list(_whole(_old(last, since)).select_for_update(of=("self",))[:size])
            if not hits:
                return _said(counts, "hits", "changed")
            counts.update(_give_verdicts(hits, look_around(hits), at))
            counts["hits"] += len(hits)
            _look_again(hits, at)
            transaction.set_rollback(dry_run)
        last = hits[-1].pk
        progress(counts["hits"])


def _look_again(hits: Sequence[Hit], at: datetime) -> None:
    """Whose a browser's visits were is decided anew once a verdict on them may have changed."""
    browsers = {hit.visitor_id for hit in hits if hit.visitor_id}
    Visitor.objects.filter(pk__in=browsers).update(due_at=at, settled_at=None)


def _whole(hits: QuerySet[Hit]) -> QuerySet[Hit]:
    """With all that a verdict and a touch read, in the order of the rows."""
    return hits.order_by("pk").select_related("message", "mail_link", "person")


def _old(last: int, since: datetime | None) -> QuerySet[Hit]:
    """Judged hits after the row `last` without a verdict of this version, with the verdict they have."""
    newest = Verdict.objects.filter(hit=OuterRef("pk"), version__gte=VERSION)
    hits = Hit.objects.filter(judged=True, pk__gt=last).exclude(Exists(newest)).with_verdict()
    return hits.filter(at__gte=since) if since else hits


def _give_verdicts(hits: Sequence[Hit], known: Around, at: datetime) -> Counter[str]:
    """Store a verdict of this version for each hit, and make the touches follow."""
    verdicts = [_verdict(hit, known) for hit in hits]
    Verdict.objects.bulk_create(
        verdicts,
        update_conflicts=True,
        unique_fields=["hit", "version"],
        update_fields=["verdict", "reasons"],
    )
    counts = Counter(str(one.verdict) for one in verdicts)
    pairs = zip(hits, verdicts, strict=True)
    counts["changed"] = sum(getattr(hit, "read_as", "") != one.verdict for hit, one in pairs)
    human = {one.hit_id for one in verdicts if one.verdict == Kind.HUMAN}
    counts += settle(hits, human=human, at=at)
    note_views(hits, at=at)
    return counts


def _verdict(hit: Hit, known: Around) -> Verdict:
    kind, reasons = judge(hit, known)
    return Verdict(hit=hit, version=VERSION, verdict=kind.value, reasons=reasons)


def _said(counts: Counter[str], *more: str) -> dict[str, int]:
    names = ("human", "machine", "unsure", "touches", "removed", "again", *more)
    return {name: counts[name] for name in names}
