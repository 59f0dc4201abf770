"""Who came how far: the one definition that counts and rows share.

A cycle has reached a step when the step's own date is known or it was won: an imported sale says that it was accepted
and qualified, not when. So `…_on` below answers "reached, at the latest by", and only the true columns
(`accepted_at`, `sales_qualified_at` …) are used for durations. A cycle that came to a proposal has a
`sales_qualified_at`: prospects.pipeline and prospects.past see to it.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from crm.reports.attribution import credited
from crm.reports.scope import COHORT, Scope
from leads.models import Hit, Lead, SegmentMember, Verdict
from prospects.models import Call, Meeting, Prospect, Stage, StageMove

PROPOSAL_STAGES = ("proposal", "negotiation")
PAGE_KINDS = (Hit.Kind.PAGE, Hit.Kind.READ)
INBOUND_STEPS = ("leads", "marketing_qualified", "accepted", "sales_qualified", "proposal", "won")
OUTBOUND_STEPS = (
    "contacted", "answered", "conversation", "meeting_held", "sales_qualified", "proposal", "won",
)  # fmt: skip


def cycles(origin: str) -> QuerySet[Prospect]:
    """Prospects of one mouth with `won_on`, `proposal_at`, `proposal_on` … `decided_on`."""
    moves = StageMove.objects.filter(prospect=OuterRef("pk"), new__slug__in=PROPOSAL_STAGES).order_by("at")
    rejected = Case(When(verdict=Prospect.Verdict.REJECTED, then=F("closed_at")))
    return (
        Prospect.objects.filter(origin=origin)
        .annotate(
            won_on=Case(When(stage__kind=Stage.Kind.WON, then=F("closed_at"))),
            proposal_at=Subquery(moves.values("at")[:1]),
        )
        .annotate(proposal_on=Coalesce("proposal_at", "won_on"))
        .annotate(sales_qualified_on=Coalesce("sales_qualified_at", "won_on"))
        .annotate(accepted_on=Coalesce("accepted_at", "sales_qualified_on"))
        .annotate(decided_on=Coalesce("accepted_on", rejected))
    )


def leads_in(scope: Scope) -> QuerySet[Lead]:
    """The leads a report is about. In the cohort view: those who became one in the period; else all.

    Twins that were merged away are out; a quarantined form never made a lead.
    """
    leads = credited(Lead.objects.filter(person__merged_into=None), scope)
    if scope.segment:
        members = SegmentMember.objects.filter(segment=scope.segment, person=OuterRef("person"))
        leads = leads.filter(Exists(members))
    return leads.filter(scope.within("created_at")) if scope.view == COHORT else leads


def reached(key: str, scope: Scope) -> Q:
    """Condition on a cycle: it came to the step `key` (in the events view: in the period)."""
    column = f"{key}_on"
    return Q(**{f"{column}__isnull": False}) if scope.view == COHORT else scope.within(column)


def lead_reached(key: str, scope: Scope) -> Q | Exists:
    """Condition on a lead of `leads_in(scope)`: it came to the step `key` (inbound) or got a verdict (`decided`)."""
    if key == "leads":
        return scope.within("created_at")
    if key == "marketing_qualified":
        qualified = "marketing_qualified_at"
        return Q(**{f"{qualified}__isnull": False}) if scope.view == COHORT else scope.within(qualified)
    found = cycles(Prospect.Origin.INBOUND).filter(reached(key, scope))
    return Exists(found.filter(person=OuterRef("person")))


def cycles_in(scope: Scope) -> QuerySet[Prospect]:
    """The inbound cycles of the leads of the scope."""
    return cycles(Prospect.Origin.INBOUND).filter(person__lead__in=leads_in(scope))


def cold_in(scope: Scope) -> QuerySet[Prospect]:
    """Outbound cycles with `contacted_on` … `meeting_held_on`; in the cohort view those first contacted in the
    period. A cold contact came through no channel or campaign and is in no segment, so a filter on one leaves none."""
    found = cycles(Prospect.Origin.OUTBOUND)
    calls = Call.objects.filter(prospect=OuterRef("pk"))
    meetings = Meeting.objects.filter(prospect=OuterRef("pk"))
    reacted = Q(outcome__in=[Call.Outcome.CONVERSATION, Call.Outcome.DO_NOT_CALL]) | Q(direction="in")
    found = (
        found.annotate(
            meeting_held_on=_first(meetings.filter(outcome=Meeting.Outcome.HELD)),
            talked_at=_first(calls.filter(outcome=Call.Outcome.CONVERSATION)),
            reacted_at=_first(calls.filter(reacted)),
            called_at=_first(calls),
        )
        .annotate(conversation_on=Coalesce("talked_at", "meeting_held_on", "sales_qualified_on"))
        .annotate(answered_on=Coalesce("reacted_at", "conversation_on"))
        .annotate(contacted_on=Coalesce("called_at", "answered_on"))
    )
    if scope.channel or scope.campaign or scope.segment:
        return found.none()
    return found.filter(scope.within("contacted_on")) if scope.view == COHORT else found


def _first(events: QuerySet[Any]) -> Subquery:
    return Subquery(events.order_by().values("prospect").annotate(first=Min("at")).values("first"))


def hits_in(scope: Scope) -> QuerySet[Hit]:
    """Hits of the period with the latest verdict as `read_as`. A hit knows its campaign, not its channel."""
    hits = Hit.objects.filter(scope.within("at")).with_verdict()
    return hits.filter(campaign__slug=scope.campaign) if scope.campaign else hits


HUMAN_VISIT = Q(kind__in=PAGE_KINDS, read_as=Verdict.Kind.HUMAN)


def refused_in(scope: Scope) -> QuerySet[Prospect]:
    """Inbound cycles that sales rejected or lost, of the leads of the scope; in the events view by their end."""
    ended = Q(verdict=Prospect.Verdict.REJECTED) | Q(stage__kind=Stage.Kind.LOST)
    found = Prospect.objects.filter(ended, origin=Prospect.Origin.INBOUND).exclude(closed_at=None)
    found = found.filter(person__lead__in=leads_in(scope))
    return found if scope.view == COHORT else found.filter(scope.within("closed_at"))


def sales_ready_now() -> QuerySet[Prospect]:
    """Prospects handed over, open, and not yet touched by a person."""
    return Prospect.objects.filter(origin=Prospect.Origin.INBOUND, closed_at=None, first_acted_at=None)
