"""What the campaigns cost: spend by the week, dated, the last week included."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from campaigns.models import Campaign, Spend
from crm.demo.company import PLANS, Plan
from crm.demo.journeys import LEADS
from crm.demo.world import World, dice


def spend(world: World, plans: dict[str, Campaign]) -> int:
    """A row a week and campaign, so that the cost of a lead comes out near the plan."""
    everything = sum(plan.weight for plan in PLANS) + 11
    rows = [row for plan in PLANS if plan.cost for row in _weeks(world, plan, plans[plan.slug], everything)]
    Spend.objects.bulk_create(rows, batch_size=400)
    return len(rows)


def _weeks(world: World, plan: Plan, campaign: Campaign, everything: float) -> list[Spend]:
    die = dice("spend", plan.slug)
    days = list(range(plan.first, plan.last - 1, -7))
    total = plan.cost * LEADS * world.scale * plan.weight / everything
    shares = [die.uniform(0.6, 1.4) for _day in days]
    return [
        Spend(
            campaign=campaign, on=world.today - timedelta(days=day), currency="CHF", note=_note(plan),
            amount=Decimal(round(total * share / sum(shares), 2)).quantize(Decimal("0.01")),
            external_ref=f"demo-{plan.slug}-{day}",
        )
        for day, share in zip(days, shares, strict=True)
    ]  # fmt: skip


def _note(plan: Plan) -> str:
    return {"organic-search": "Writing and upkeep", "offline-event": "Stand and travel"}.get(
        plan.channel, "Media"
    )
