"""Why a hit looks like a machine's. Pure: it reads the stored hit and its neighbours, so it can be run again later."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leads.judging.agents import machine_reason
from leads.models import Hit, Verdict

# Which signals are asked, and how. A new number lets the past be judged again (`manage.py rejudge`).
VERSION = 2
MAIL_KINDS = (Hit.Kind.CLICK, Hit.Kind.OPEN)
# Nobody has seen a mail so soon after the other server took it; a little later we cannot tell.
TOO_SOON = timedelta(seconds=2)
SOON = timedelta(seconds=5)
# No hand follows so many links in such a time: (how many, within). "All of them" is asked apart.
TOO_MANY = ((2, timedelta(milliseconds=500)), (3, timedelta(seconds=3)))
ALL_AT_ONCE = timedelta(seconds=10)
FEW_LINKS = 3
# Who stepped into a trap or followed all links goes on working for a while; later, the person behind it may come.
SCANS_MESSAGE = timedelta(minutes=1)
SCANS_SITE = timedelta(minutes=10)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Near:
    """What its neighbours need to know of a click or a trap."""

    kind: str
    at: datetime
    message_id: int | None
    link_id: int | None
    visitor_key: str


@dataclass
class Around:
    """Clicks and traps near a batch of hits, gathered by message and by visitor key."""

    crowds: dict[int, list[Span]] = field(default_factory=dict)
    traps: dict[int, list[datetime]] = field(default_factory=dict)
    scans: dict[str, list[datetime]] = field(default_factory=dict)

    def in_crowd(self, message_id: int | None, at: datetime) -> bool:
        return any(begin <= at <= end for begin, end in self.crowds.get(message_id or 0, ()))

    def near_trap(self, message_id: int | None, at: datetime) -> bool:
        return _near(self.traps.get(message_id or 0, []), at, SCANS_MESSAGE)

    def scans_now(self, visitor_key: str, at: datetime) -> bool:
        return bool(visitor_key) and _near(self.scans.get(visitor_key, []), at, SCANS_SITE)


def around(near: Iterable[Near], links_of: dict[int, int]) -> Around:
    """Where all links were followed at once, and when which browser did so. `links_of`: message → its links."""
    clicks: dict[int, list[Near]] = defaultdict(list)
    found = Around()
    scans: dict[str, list[datetime]] = defaultdict(list)
    traps: dict[int, list[datetime]] = defaultdict(list)
    for one in near:
        if one.kind == Hit.Kind.TRAP:
            scans[one.visitor_key].append(one.at)
            traps[one.message_id or 0].append(one.at)
        elif one.message_id:
            clicks[one.message_id].append(one)
    for message, followed in clicks.items():
        spans = crowds([(one.at, one.link_id) for one in followed], links_of.get(message, 0))
        if spans:
            found.crowds[message] = spans
            for one in followed:
                if found.in_crowd(message, one.at):
                    scans[one.visitor_key].append(one.at)
    traps.pop(0, None)
    found.scans = {key: sorted(times) for key, times in scans.items()}
    found.traps = {message: sorted(times) for message, times in traps.items()}
    return found


def crowds(followed: Sequence[tuple[datetime, int | None]], links: int) -> list[Span]:
    """Spans of time in which more links were followed than a hand can: (when, which link), `links` in the mail."""
    tests = [*TOO_MANY, (max(links, FEW_LINKS), ALL_AT_ONCE)]
    in_order = sorted(followed, key=lambda one: one[0])
    spans = []
    for many, within in tests:
        for index, (begin, _link) in enumerate(in_order):
            window = [one for one in in_order[index:] if one[0] - begin < within]
            if len({link for _when, link in window}) >= many:
                spans.append((begin, window[-1][0]))
    return spans


def judge(hit: Hit, known: Around) -> tuple[Verdict.Kind, str]:
    """The verdict and its reasons in words. One sign is enough for a machine; a doubtful one alone leaves us unsure."""
    against = reasons_against(hit, known)
    if against:
        return Verdict.Kind.MACHINE, ", ".join(against)[:200]
    if seconds_after_sending(hit) < SOON.total_seconds():
        return Verdict.Kind.UNSURE, "soon after sending"
    return Verdict.Kind.HUMAN, ""


def reasons_against(hit: Hit, known: Around) -> list[str]:
    """Every sign of a machine; empty where there is none."""
    signs = [
        (hit.kind == Hit.Kind.TRAP, "trap link"),
        (hit.method == "HEAD", "HEAD request"),
        (seconds_after_sending(hit) < TOO_SOON.total_seconds(), "seconds after sending"),
    ]
    reasons = [words for holds, words in signs if holds]
    reasons.append(machine_reason(hit.agent, opens_mail=hit.kind == Hit.Kind.OPEN))
    if hit.kind != Hit.Kind.TRAP:
        near = beside(known, kind=hit.kind, message_id=hit.message_id, at=hit.at, visitor_key=hit.visitor_key)
        reasons.append(near)
    return [words for words in reasons if words]


def seconds_after_sending(hit: Hit) -> float:
    """Between the moment the other server took the mail and the hit; endless where no mail is behind it."""
    sent = hit.message.ended_at if hit.kind in MAIL_KINDS and hit.message else None
    return (hit.at - sent).total_seconds() if sent else math.inf


def beside(known: Around, *, kind: str, message_id: int | None, at: datetime, visitor_key: str) -> str:
    """What the hits beside it say of a hit; empty where they say nothing."""
    if kind == Hit.Kind.CLICK and known.in_crowd(message_id, at):
        return "all links at once"
    if kind in MAIL_KINDS and known.near_trap(message_id, at):
        return "beside a trap link"
    return "same browser as a scanner" if known.scans_now(visitor_key, at) else ""


def _near(times: list[datetime], at: datetime, within: timedelta) -> bool:
    index = bisect_left(times, at - within)
    return index < len(times) and times[index] <= at + within
