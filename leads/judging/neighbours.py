"""Reads what stands beside a batch of hits: four queries, however large the batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Count, QuerySet

from campaigns.models import MailLink
from leads.judging.signals import SCANS_SITE, Around, Near, around, beside
from leads.models import Hit, Message, Verdict

TELLING = (Hit.Kind.CLICK, Hit.Kind.TRAP)
_COLUMNS = ("pk", "kind", "at", "message_id", "mail_link_id", "visitor_key")


def look_around(hits: Sequence[Hit]) -> Around:
    """Clicks and traps of the same messages, and of the same browsers near them in time."""
    if not hits:
        return Around()
    messages = {hit.message_id for hit in hits if hit.message_id}
    keys = {hit.visitor_key for hit in hits if hit.visitor_key}
    begin, end = min(hit.at for hit in hits) - SCANS_SITE, max(hit.at for hit in hits) + SCANS_SITE
    telling = Hit.objects.filter(kind__in=TELLING)
    rows = {row[0]: row for row in _rows(telling.filter(message__in=messages))} if messages else {}
    rows |= {row[0]: row for row in _rows(telling.filter(at__range=(begin, end), visitor_key__in=keys))}
    near = [Near(*row[1:]) for row in rows.values()]
    return around(near, _links_of({one.message_id for one in near if one.message_id}))


def judged_otherwise(hits: Iterable[Hit], known: Around) -> list[int]:
    """Hits beside the scans of this batch that were judged before those were seen, and not as a machine's."""
    telling = [hit for hit in hits if _tells(hit, known)]
    if not telling:
        return []
    begin, end = min(hit.at for hit in telling) - SCANS_SITE, max(hit.at for hit in telling) + SCANS_SITE
    keys = {hit.visitor_key for hit in telling if hit.visitor_key}
    messages = {hit.message_id for hit in telling if hit.message_id}
    judged = Hit.objects.filter(judged=True, at__range=(begin, end)).with_verdict()
    others = judged.exclude(read_as=Verdict.Kind.MACHINE)
    rows = [*_rows(others.filter(visitor_key__in=keys)), *_rows(others.filter(message__in=messages))]
    return sorted({row[0] for row in rows if _was_missed(Near(*row[1:]), known)})


def _rows(hits: QuerySet[Hit]) -> list[tuple]:
    return list(hits.values_list(*_COLUMNS))


def _tells(hit: Hit, known: Around) -> bool:
    return hit.kind == Hit.Kind.TRAP or (
        hit.kind == Hit.Kind.CLICK and known.in_crowd(hit.message_id, hit.at)
    )


def _was_missed(one: Near, known: Around) -> bool:
    return bool(
        beside(known, kind=one.kind, message_id=one.message_id, at=one.at, visitor_key=one.visitor_key)
    )


def _links_of(messages: set[int]) -> dict[int, int]:
    """How many links each message has: those of the wording it was given, not of its step's other wordings."""
    if not messages:
        return {}
    words = dict(Message.objects.filter(pk__in=messages, words__isnull=False).values_list("pk", "words_id"))
    counts = MailLink.objects.filter(words__in=set(words.values())).order_by().values("words")
    many = dict(counts.annotate(many=Count("pk")).values_list("words", "many"))
    return {message: many.get(wording, 0) for message, wording in words.items()}
