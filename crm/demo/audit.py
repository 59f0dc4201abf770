"""Replays the demo and says what does not hold. The load writes in bulk; this reads as a sceptic would.

Each check returns sentences; an empty list is the proof. It works on any database, not on the demo's only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import F, Q, Sum
from django.utils import timezone

from campaigns.models import PublishedStep, Sequence
from leads.models import (
    Enrolment,
    Hit,
    Lead,
    LeadMove,
    LeadScore,
    LeadStatus,
    Message,
    Submission,
    WorkRequest,
)
from leads.nurture.sums import sequence_sums, step_sums
from leads.scoring.batch import SIZE
from leads.scoring.facts import read
from leads.scoring.fold import score
from leads.scoring.rules import load_setup
from leads.transitions import ALLOWED
from prospects.models import (
    Assignment,
    AssignmentMember,
    AssignmentRule,
    BantAnswer,
    Deal,
    DealMove,
    Prospect,
    StageMove,
)


def audit(*, at: datetime) -> list[str]:
    """All that does not hold at `at`, in words."""
    checks = (statuses, stages, assignments, deals, touches, scores, sums, due)
    return [f"{check.__name__}: {words}" for check in checks for words in check(at)]


def statuses(at: datetime) -> Iterator[str]:
    """The moves of a lead lead from nothing to its status, by allowed ways, in the order of time."""
    moves = _grouped(LeadMove.objects.order_by("lead_id", "at", "pk"), "lead_id")
    for lead in Lead.objects.all():
        rows = moves.get(lead.pk, [])
        if not rows:
            yield f"{lead} has no history"
            continue
        if _broken(rows) or any(row.old and row.new not in ALLOWED[row.old] for row in rows):
            yield f"{lead}: a move does not follow the one before"
        if (rows[-1].new, rows[-1].at) != (lead.status, lead.status_since):
            yield f"{lead} is {lead.status}, its history says {rows[-1].new}"
        first = next((row.at for row in rows if row.new == LeadStatus.MARKETING_QUALIFIED), None)
        if first != lead.marketing_qualified_at:
            yield f"{lead}: first qualified {first}, the lead says {lead.marketing_qualified_at}"


def stages(at: datetime) -> Iterator[str]:
    """The moves of a prospect lead to its stage; dates, verdict and the person's sales stage agree with them."""
    moves = _grouped(
        StageMove.objects.select_related("new", "old").order_by("prospect_id", "at", "pk"), "prospect_id"
    )
    latest: dict[int, Prospect] = {}
    for prospect in Prospect.objects.select_related("stage", "person").order_by("round"):
        latest[prospect.person_id] = prospect
        yield from _stage_problems(prospect, moves.get(prospect.pk, []))
    for prospect in latest.values():
        person = prospect.person
        if (person.sales_stage, person.sales_open) != (prospect.stage.slug, prospect.closed_at is None):
            yield f"{person}: sales stage {person.sales_stage!r}, the last cycle is {prospect.stage.slug}"


def _stage_problems(prospect: Prospect, rows: list[StageMove]) -> Iterator[str]:
    if not rows:
        yield f"{prospect} has no history"
        return
    if _broken(rows) or (rows[-1].new_id, rows[-1].at) != (prospect.stage_id, prospect.stage_since):
        yield f"{prospect}: history does not lead to {prospect.stage}"
    ended = rows[-1].at if prospect.stage.kind != "open" else None
    if ended != prospect.closed_at:
        yield f"{prospect}: closed {prospect.closed_at}, the history says {ended}"
    entered = {row.new.slug: row.at for row in reversed(rows)}
    if prospect.sales_qualified_at != entered.get("sales_qualified"):
        yield f"{prospect}: sales-qualified {prospect.sales_qualified_at}, the history disagrees"
    accepted = prospect.verdict == Prospect.Verdict.ACCEPTED
    if prospect.origin == Prospect.Origin.INBOUND and accepted != ("contacting" in entered):
        yield f"{prospect}: verdict {prospect.verdict!r} and stage history disagree"
    if prospect.origin == Prospect.Origin.OUTBOUND and prospect.marketing_qualified_at:
        yield f"{prospect} came from outbound and counts as marketing-qualified"


def assignments(at: datetime) -> Iterator[str]:
    """The newest row says whose a prospect is, and why; what a rule has given is what its rows say."""
    newest = {row.prospect_id: row for row in Assignment.objects.order_by("at", "pk")}
    told = set(StageMove.objects.filter(imported=False).values_list("prospect", flat=True))
    for prospect in Prospect.objects.all():
        row = newest.get(prospect.pk)
        if row is None and prospect.pk in told:
            yield f"{prospect} has an owner and no row that says why"
        elif row is not None and (row.owner_id != prospect.owner_id or not row.why):
            yield f"{prospect} is {prospect.owner_id}'s, its newest row says {row.owner_id}: {row.why}"
    given = Counter(Assignment.objects.exclude(rule=None).values_list("rule", "owner"))
    for member in AssignmentMember.objects.all():
        if given[member.rule_id, member.user_id] != member.given:
            yield f"{member}: {member.given} given, {given[member.rule_id, member.user_id]} rows"
    for rule in AssignmentRule.objects.annotate(owed=Sum("members__owed")):
        if abs(rule.owed or 0) > 1e-6:
            yield f"{rule}: what its members are owed does not even out"


def deals(at: datetime) -> Iterator[str]:
    """A deal's moves explain its status; won prospects have a won deal; sales-qualified ones their answers."""
    moves = _grouped(DealMove.objects.order_by("deal_id", "at", "pk"), "deal_id")
    for deal in Deal.objects.all():
        rows = moves.get(deal.pk, [])
        if not rows or _broken(rows) or rows[-1].new != deal.status:
            yield f"{deal}: history does not lead to {deal.status}"
    for prospect in Prospect.objects.filter(stage__slug="won").exclude(deals__status="won"):
        yield f"{prospect} is won without a won deal"
    confirmed = BantAnswer.objects.filter(question="need", state="confirmed").values("prospect")
    for prospect in Prospect.objects.exclude(sales_qualified_at=None).exclude(pk__in=confirmed):
        yield f"{prospect} is sales-qualified, its need was never confirmed"


def touches(at: datetime) -> Iterator[str]:
    """First and last touch are the first and the last; nothing happened in the future."""
    leads = Lead.objects.prefetch_related("person__touches").select_related("first_touch", "last_touch")
    for lead in leads.iterator(chunk_size=400):
        ordered = sorted(lead.person.touches.all(), key=lambda touch: (touch.at, touch.pk))
        if not ordered:
            continue
        if (lead.first_touch, lead.last_touch) != (ordered[0], ordered[-1]):
            yield f"{lead}: first or last touch is another one"
        if ordered[-1].at > at:
            yield f"{lead} has a touch that lies ahead"


def scores(at: datetime) -> Iterator[str]:
    """The stored score is the one that is worked out anew; nobody over the threshold is left lying."""
    setup = load_setup()
    assert setup.rules is not None
    ids = list(Lead.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), SIZE):
        for seen in read(ids[start : start + SIZE], at=at):
            anew, kept = score(seen.touches, seen.facts, setup.rules, at), seen.lead.score
            if (anew.fit, anew.engagement, anew.grade) != (kept.fit, kept.engagement, kept.grade):
                yield f"{seen.lead}: shown {kept.grade} {kept.engagement}, worked out {anew.grade} {anew.engagement}"
    waiting = LeadScore.objects.filter(qualifies_at__isnull=False).count()
    if waiting:
        yield f"{waiting} leads are over the threshold and not handed over"


def sums(at: datetime) -> Iterator[str]:
    """Per step and per sequence everybody is accounted for."""
    for step in PublishedStep.objects.filter(kind="mail"):
        if not (found := step_sums(step)).balanced:
            yield f"{step}: {found.entered} entered, {sum(found.parts.values())} accounted for"
    for sequence in Sequence.objects.all():
        if not sequence_sums(sequence).balanced:
            yield f"{sequence}: people are missing"
    open_ends = Enrolment.objects.exclude(state="active").filter(ended_at=None)
    if open_ends:
        yield f"{open_ends.count()} enrolments ended without a date"


def due(at: datetime) -> Iterator[str]:
    """Nothing waits that would be mailed, handed over, judged or brought back at the first start.

    A wait that is woken by the first scores only looks again, as it does every hour.
    """
    waiting: dict[str, Any] = {
        "mails": Message.objects.filter(state__in=["scheduled", "sending"], due_at__lte=at),
        "steps": Enrolment.objects.filter(state="active", waits_until=None).filter(
            Q(due_at=None) | Q(due_at__lte=at)
        ),
        "handovers": LeadMove.objects.filter(new=LeadStatus.MARKETING_QUALIFIED, handed_at=None),
        "inquiries": Submission.objects.filter(judged_at=None).exclude(inquiry=""),
        "requests": WorkRequest.objects.filter(taken_at=None),
        "hits": Hit.objects.filter(judged=False),
        "returns": Prospect.objects.filter(returned_at=None, return_on__lte=timezone.localdate(at)),
        "mails sent early": Message.objects.filter(ended_at__lt=F("due_at")),
    }
    for name, rows in waiting.items():
        if number := rows.count():
            yield f"{number} {name} are waiting"


def _grouped(rows: Any, key: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found


def _broken(rows: list[Any]) -> bool:
    """Whether a row does not begin where the one before ended, or the first begins anywhere but at nothing."""
    return bool(rows[0].old) or any(later.old != former.new for former, later in pairwise(rows))
