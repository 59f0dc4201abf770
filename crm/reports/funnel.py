"""The funnel: two mouths that join at sales-qualified, per channel, per campaign, and why sales said no.

A constant number of queries, whatever the size: two for all leads by channel and campaign (so that the lines of
both tables sum to the same total), one each for outbound, hits, spend, reasons, names and the durations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from campaigns.models import Campaign, Channel, Spend
from crm.glossary import STEPS
from crm.reports.attribution import campaign_path, channel_path
from crm.reports.days import median_days
from crm.reports.durations import cold_days, lead_days
from crm.reports.figures import Funnel, Line, ReasonLine, Step, share
from crm.reports.reached import (
    HUMAN_VISIT,
    INBOUND_STEPS,
    OUTBOUND_STEPS,
    cold_in,
    cycles_in,
    hits_in,
    lead_reached,
    leads_in,
    reached,
    refused_in,
)
from crm.reports.scope import COHORT, FIRST_TOUCH, NONE, Scope
from crm.reports.words import NOT_RECORDED
from leads.models import Verdict
from prospects.models import Prospect, Stage

JOINT = ("sales_qualified", "proposal", "won")
OF_LEADS = ("leads", "marketing_qualified")
OF_CYCLES = ("decided", "accepted", *JOINT)
COLUMNS = OF_LEADS + OF_CYCLES


def funnel(
    *,
    start: date | None = None,
    end: date | None = None,
    by: str = FIRST_TOUCH,
    view: str = COHORT,
    channel: str = "",
    campaign: str = "",
    segment: int | None = None,
    at: datetime | None = None,
) -> Funnel:
    """The funnel of a period (days of the installation's zone, both included; None: open)."""
    return of_scope(
        Scope(start=start, end=end, by=by, view=view, channel=channel, campaign=campaign, segment=segment),
        at=at or timezone.now(),
    )


def of_scope(scope: Scope, *, at: datetime) -> Funnel:
    """The funnel of a scope as it stands at `at`."""
    groups = _lead_groups(scope)
    totals = _sums(groups)
    cold = cold_in(scope).aggregate(
        **{key: Count("pk", filter=reached(key, scope)) for key in OUTBOUND_STEPS}
    )
    visits, machine_share = visits_and_machines(scope)
    inbound_days, out_of_order = lead_days(scope)
    outbound_days = cold_days(scope)
    money = _money(scope)
    inbound, outbound, joint = _steps(
        totals,
        cold,
        visits,
        {
            key: median_days(inbound_days[key] + outbound_days[key])
            for key in (*INBOUND_STEPS, *OUTBOUND_STEPS)
        },
    )
    rejected, lost = _reasons(scope)
    return Funnel(
        scope=scope,
        at=at,
        inbound=inbound,
        outbound=outbound,
        joint=joint,
        channels=_lines(groups, "channel", money, Channel.objects.values_list("pk", "slug", "name", "order")),
        campaigns=_lines(groups, "campaign", money, Campaign.objects.values_list("pk", "slug", "name", "pk")),
        together=_line("", "", totals, sum(money.values(), Decimal(0))),
        rejected=rejected,
        lost=lost,
        machine_share=machine_share,
        out_of_order=out_of_order,
    )


def _lead_groups(scope: Scope) -> list[dict[str, Any]]:
    """One row a channel and campaign that any lead came through, with the count of each column.

    Two queries: leads, and of the few who came to sales the people behind their cycles.
    """
    groups: dict[tuple[int | None, int | None], dict[str, Any]] = {}
    by_lead = {f"n_{key}": Count("pk", filter=lead_reached(key, scope)) for key in OF_LEADS}
    by_cycle = {f"n_{key}": Count("person", filter=reached(key, scope), distinct=True) for key in OF_CYCLES}
    for rows, counts, prefix in (
        (leads_in(scope), by_lead, ""),
        (cycles_in(scope), by_cycle, "person__lead__"),
    ):
        paths = [f"{prefix}{path}" for path in (channel_path(scope), campaign_path(scope))]
        for channel, campaign, *found in (
            rows.order_by().values(*paths).annotate(**counts).values_list(*paths, *counts)
        ):
            blank = {"channel": channel, "campaign": campaign, **dict.fromkeys(COLUMNS, 0)}
            group = groups.setdefault((channel, campaign), blank)
            group |= {name.removeprefix("n_"): number for name, number in zip(counts, found, strict=True)}
    return list(groups.values())


def _sums(groups: Iterable[dict[str, Any]]) -> Counter[str]:
    total: Counter[str] = Counter(dict.fromkeys(COLUMNS, 0))
    for group in groups:
        for key in COLUMNS:
            total[key] += group[key]
    return total


def visits_and_machines(scope: Scope) -> tuple[int | None, float | None]:
    """Human visitors and the share of machines; None where no hit was ever recorded, or where a channel or segment is
    asked."""
    if scope.channel or scope.segment:
        return None, None
    found = hits_in(scope).aggregate(
        all=Count("pk"),
        judged=Count("pk", filter=Q(read_as__isnull=False)),
        machine=Count("pk", filter=Q(read_as=Verdict.Kind.MACHINE)),
        visitors=Count("visitor_key", filter=HUMAN_VISIT, distinct=True),
    )
    return (found["visitors"] if found["all"] else None), share(found["machine"], found["judged"])


def _money(scope: Scope) -> dict[tuple[int, int], Decimal]:
    """Spend dated in the period by (channel, campaign), in the base currency."""
    spend = (
        spend_in(scope)
        .order_by()
        .values_list("campaign__channel", "campaign")
        .annotate(sum=Sum("base_amount"))
    )
    return {(channel, campaign): amount for channel, campaign, amount in spend}


def spend_in(scope: Scope) -> Any:
    """The rows behind every cost: spend dated in the period, of the scope's channel and campaign.

    Nothing is spent on a segment alone: its leads have no cost.
    """
    spend = Spend.objects.none() if scope.segment else Spend.objects.all()
    if scope.start:
        spend = spend.filter(on__gte=scope.start)
    if scope.end:
        spend = spend.filter(on__lte=scope.end)
    if scope.channel:
        spend = spend.filter(campaign__channel__slug=scope.channel)
    return spend.filter(campaign__slug=scope.campaign) if scope.campaign else spend


def _steps(
    totals: Counter[str], cold: dict[str, int], visits: int | None, days: dict[str, float | None]
) -> tuple[tuple[Step, ...], tuple[Step, ...], tuple[Step, ...]]:
    leads = totals["leads"]

    def step(key: str, mouth: str, last: int | None) -> Step:
        came_in = totals[key] if mouth != "outbound" else 0
        came_out = cold[key] if mouth != "inbound" else 0
        of_last = share(came_in + came_out, last)
        return Step(
            key=key,
            name=STEPS[key].name,
            mouth=mouth,
            count=came_in + came_out,
            inbound=came_in,
            outbound=came_out,
            # More than all cannot have come from the step before: some came past it.
            of_last=of_last if of_last is not None and of_last <= 1 else None,
            of_leads=share(came_in, leads) if mouth != "outbound" else None,
            days=days.get(key),
        )

    first = Step(key="visits", name=STEPS["visits"].name, mouth="inbound", count=visits, inbound=visits or 0)
    inbound = (
        first,
        step("leads", "inbound", visits),
        step("marketing_qualified", "inbound", leads),
        # Of those with a verdict, like the acceptance rate: the undecided are not rejected.
        step("accepted", "inbound", totals["decided"]),
    )
    outbound = (
        step("contacted", "outbound", None),
        step("answered", "outbound", cold["contacted"]),
        step("conversation", "outbound", cold["answered"]),
        step("meeting_held", "outbound", cold["conversation"]),
    )
    qualified = totals["sales_qualified"] + cold["sales_qualified"]
    joint = (
        step("sales_qualified", "both", totals["accepted"] + cold["meeting_held"]),
        step("proposal", "both", qualified),
        step("won", "both", totals["proposal"] + cold["proposal"]),
    )
    return inbound, outbound, joint


def _line(key: str, name: Any, counts: Counter[str] | dict[str, int], spend: Decimal) -> Line:
    return Line(
        key=key,
        name=name,
        leads=counts["leads"],
        qualified=counts["marketing_qualified"],
        decided=counts["decided"],
        accepted=counts["accepted"],
        sales_qualified=counts["sales_qualified"],
        won=counts["won"],
        spend=spend,
    )


def _lines(
    groups: list[dict[str, Any]],
    kind: str,
    money: dict[tuple[int, int], Decimal],
    known: Iterable[tuple[Any, ...]],
) -> tuple[Line, ...]:
    """The lines of one table, most leads first; a line for what has no channel or campaign at the end."""
    spent: Counter[int] = Counter()
    for (channel, campaign), amount in money.items():
        spent[channel if kind == "channel" else campaign] += amount  # type: ignore[assignment]
    by_key: dict[int | None, list[dict[str, Any]]] = {}
    for group in groups:
        by_key.setdefault(group[kind], []).append(group)
    lines = []
    for pk, slug, name, _order in sorted(known, key=lambda row: row[3]):
        counts = _sums(by_key.get(pk, []))
        if any(counts.values()) or pk in spent:
            lines.append(_line(slug, name, counts, Decimal(spent.get(pk, 0))))
    lines.sort(key=lambda line: -line.leads)
    if None in by_key and any((nowhere := _sums(by_key[None])).values()):
        lines.append(_line(NONE, NOT_RECORDED, nowhere, Decimal(0)))
    return tuple(lines)


def _reasons(scope: Scope) -> tuple[tuple[ReasonLine, ...], tuple[ReasonLine, ...]]:
    counts = (
        refused_in(scope)
        .order_by()
        .values("verdict", "reason__slug", "reason__name")
        .annotate(count=Count("pk"), nurtured=Count("pk", filter=Q(stage__kind=Stage.Kind.RETURNED)))
    )
    rejected: dict[str, ReasonLine] = {}
    lost: dict[str, ReasonLine] = {}
    for row in counts:
        side = rejected if row["verdict"] == Prospect.Verdict.REJECTED else lost
        key = row["reason__slug"] or NONE
        before = side.get(key)
        side[key] = ReasonLine(
            key=key,
            name=str(row["reason__name"] or NOT_RECORDED),
            count=row["count"] + (before.count if before else 0),
            nurtured=row["nurtured"] + (before.nurtured if before else 0),
        )
    return tuple(_most_first(rejected)), tuple(_most_first(lost))


def _most_first(lines: dict[str, ReasonLine]) -> list[ReasonLine]:
    return sorted(lines.values(), key=lambda line: (-line.count, line.key))
