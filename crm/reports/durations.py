"""How long the steps took, of those who came that far. Three queries; only those who moved on are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from crm.reports.days import days_between, step_days
from crm.reports.reached import INBOUND_STEPS, OUTBOUND_STEPS, cold_in, cycles_in, lead_reached, leads_in
from crm.reports.scope import Scope

Days = dict[str, list[float]]
CYCLE_TIMES = ("accepted_at", "sales_qualified_at", "proposal_at", "won_on")
COLD_TIMES = (
    "called_at",
    "reacted_at",
    "talked_at",
    "meeting_held_on",
    "sales_qualified_at",
    "proposal_at",
    "won_on",
)


def lead_days(scope: Scope) -> tuple[Days, int]:
    """Days of each inbound step, and how many leads were won before they became one (left out of the days)."""
    days: Days = defaultdict(list)
    qualified = leads_in(scope).filter(lead_reached("marketing_qualified", scope))
    for created, qualified_at in qualified.values_list("created_at", "marketing_qualified_at").iterator():
        if qualified_at and qualified_at > created:
            days["marketing_qualified"].append(days_between(created, qualified_at))
    out_of_order = set()
    for lead, created, qualified_at, *times in _cycles_of_leads(scope):
        if times[-1] and times[-1] < created:
            out_of_order.add(lead)
            continue
        # What stands on the very instant of the lead was made up by an import: nobody buys in no time.
        known = [time if time != created else None for time in (qualified_at, *times)]
        for key, took, reached in zip(
            INBOUND_STEPS[2:], step_days([created, *known])[2:], times, strict=True
        ):
            if took is not None and reached and scope.holds(reached):
                days[key].append(took)
    return days, len(out_of_order)


def _cycles_of_leads(scope: Scope) -> Iterator[tuple[Any, ...]]:
    """(lead, since, handed over, accepted, sales-qualified, proposal, won) of each cycle that was accepted."""
    found = cycles_in(scope).filter(accepted_on__isnull=False)
    columns = ("person__lead", "person__lead__created_at", "marketing_qualified_at", *CYCLE_TIMES)
    return found.values_list(*columns).iterator()


def cold_days(scope: Scope) -> Days:
    """Days of each outbound step since the last step before it that has a date."""
    days: Days = defaultdict(list)
    for times in cold_in(scope).filter(contacted_on__isnull=False).values_list(*COLD_TIMES).iterator():
        for key, took, reached in zip(OUTBOUND_STEPS, step_days(times), times, strict=True):
            if took is not None and reached and scope.holds(reached):
                days[key].append(took)
    return days
