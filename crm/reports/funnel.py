"""The funnel: two mouths that join at sales-qualified, per channel, per campaign, and why sales said no."""

from __future__ import annotations

from datetime import date

from crm.reports.figures import Funnel
from crm.reports.scope import COHORT, FIRST_TOUCH


def funnel(
    *,
    start: date | None = None,
    end: date | None = None,
    by: str = FIRST_TOUCH,
    view: str = COHORT,
    channel: str = "",
    campaign: str = "",
) -> Funnel:
    """The funnel of a period (days of the installation's zone, both included; None: open)."""
    raise NotImplementedError
