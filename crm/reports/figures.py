"""The shapes that reports return. Shares are 0…1, money is in the base currency, `None` means "cannot be said"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.functional import Promise

from crm.reports.scope import Scope


def share(part: int | None, whole: int | None) -> float | None:
    """`part ÷ whole`; None where either is unknown or there is nothing to divide by."""
    return part / whole if part is not None and whole else None


def each(money: Decimal, number: int | None) -> Decimal | None:
    """Money for one; None where nothing was spent or nobody came."""
    return (money / number).quantize(Decimal("0.01")) if number and money else None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the funnel. `key` is a word of crm/glossary.py and opens the rows of crm/reports/rows.py.

    `count` is None where the source carries none ("not measured"). At the joint steps `inbound` and `outbound`
    sum to `count`. `of_last` compares with the step before (at the joint: with both mouths). `days` is the
    median time, in days, since the last step before that has a date, of those who came this far.
    """

    key: str
    name: str | Promise
    mouth: str  # inbound, outbound, or both
    count: int | None
    inbound: int = 0
    outbound: int = 0
    of_last: float | None = None
    of_leads: float | None = None
    days: float | None = None

    @property
    def measured(self) -> bool:
        return self.count is not None


@dataclass(frozen=True, kw_only=True)
class Line:
    """What came through one channel or campaign, inbound. `key` is its slug (NONE: none is known) and is
    what the scope of its rows takes."""

    key: str
    name: str | Promise
    leads: int = 0
    qualified: int = 0
    decided: int = 0
    accepted: int = 0
    sales_qualified: int = 0
    won: int = 0
    spend: Decimal = Decimal(0)

    @property
    def qualification_rate(self) -> float | None:
        return share(self.qualified, self.leads)

    @property
    def acceptance_rate(self) -> float | None:
        return share(self.accepted, self.decided)

    @property
    def sales_qualified_rate(self) -> float | None:
        return share(self.sales_qualified, self.accepted)

    @property
    def conversion(self) -> float | None:
        """Customers of the accepted (the pinned KPI)."""
        return share(self.won, self.accepted)

    @property
    def won_of_leads(self) -> float | None:
        """Customers of all leads: what an export with leads and outcomes alone can say."""
        return share(self.won, self.leads)

    @property
    def cost_per_lead(self) -> Decimal | None:
        return each(self.spend, self.leads)

    @property
    def cost_per_qualified(self) -> Decimal | None:
        return each(self.spend, self.qualified)

    @property
    def cost_per_customer(self) -> Decimal | None:
        return each(self.spend, self.won)


@dataclass(frozen=True, kw_only=True)
class ReasonLine:
    """Why sales said no: prospects (cycles) closed with this reason, and how many of them went back to nurture."""

    key: str
    name: str
    count: int
    nurtured: int


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """The whole report. `inbound`, `outbound` and `joint` are the two mouths and what follows their meeting."""

    scope: Scope
    at: datetime
    inbound: tuple[Step, ...]  # visits, leads, marketing_qualified, accepted
    outbound: tuple[Step, ...]  # contacted, answered, conversation, meeting_held
    joint: tuple[Step, ...]  # sales_qualified, proposal, won
    channels: tuple[Line, ...]
    campaigns: tuple[Line, ...]
    together: Line
    rejected: tuple[ReasonLine, ...]
    lost: tuple[ReasonLine, ...]
    machine_share: float | None
    out_of_order: int  # won before they became a lead: counted, flagged, left out of the days

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in the order of a table."""
        return self.inbound + self.outbound + self.joint

    def step(self, key: str) -> Step:
        return next(step for step in self.steps if step.key == key)


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """One tile. `unit` is number, money, share or days. `rows` names the rows that the tile opens.

    For a share `part ÷ whole = value`; `open` counts those who are not decided yet. Days are a median; nine in
    ten were through by `p90`. Both are None while too few are through to say.
    """

    key: str
    name: str | Promise
    unit: str
    value: int | float | Decimal | None
    part: int | Decimal | None = None
    whole: int | None = None
    open: int | None = None
    p90: float | None = None
    rows: str = ""
