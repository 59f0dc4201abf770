"""The two-mouthed funnel as geometry: bars to one scale, ribbons between them, numbers where they belong.

Pure: a Funnel goes in, numbers for a 640 wide picture come out; the template only writes them down.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from crm.reports.figures import Funnel, Step

TALLEST, BAR = 140.0, 10.0
INBOUND_Y, JOINT_Y = 140.0, 214.0
X = {
    "visits": 8, "leads": 104, "marketing_qualified": 204, "accepted": 300,
    "contacted": 8, "answered": 104, "conversation": 204, "meeting_held": 300,
    "sales_qualified": 396, "proposal": 496, "won": 580,
}  # fmt: skip


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    height: float
    look: str


@dataclass(frozen=True)
class Ribbon:
    path: str
    look: str


@dataclass(frozen=True)
class Label:
    """A step's words and its number. Long names break into two lines above the number."""

    key: str
    x: float
    lines: tuple[tuple[float, str], ...]
    number_y: float
    count: int | None


@dataclass(frozen=True)
class Pill:
    """The share of the step before, in the middle of the ribbon."""

    x: float
    y: float
    share: float


@dataclass(frozen=True)
class Picture:
    bars: tuple[Bar, ...]
    ribbons: tuple[Ribbon, ...]
    labels: tuple[Label, ...]
    pills: tuple[Pill, ...]
    haze: Bar | None
    inbound_caption: float
    outbound_caption: float
    joint_inbound: int
    joint_outbound: int
    height: float


def picture(report: Funnel) -> Picture:
    """One scale for all but the visitors, who would flatten the rest."""
    leads, contacted = report.step("leads"), report.step("contacted")
    scale = TALLEST / max(leads.count or 0, contacted.count or 0, 1)
    visits, inside = report.inbound[0], report.inbound[1:]
    top_leads, top_out = _tall(leads, scale), _tall(contacted, scale)
    out_y = 270.0 + top_out / 2
    first = report.joint[0]
    bars = [*_bars(inside, INBOUND_Y, "in", scale), *_bars(report.outbound, out_y, "out", scale)]
    bars += [*_split(first, scale), *_bars(report.joint[1:], JOINT_Y, "in", scale)]
    return Picture(
        bars=tuple(bars),
        ribbons=tuple(_ribbons(report, out_y, scale)),
        labels=tuple(_labels(report, out_y + top_out / 2 + 20)),
        pills=tuple(_pills(report, out_y)),
        haze=Bar(8, INBOUND_Y - top_leads / 2, top_leads, "haze") if visits.measured else None,
        inbound_caption=INBOUND_Y + top_leads / 2 + 22,
        outbound_caption=out_y - top_out / 2 - 12,
        joint_inbound=first.inbound,
        joint_outbound=first.outbound,
        height=out_y + top_out / 2 + 52,
    )


def _tall(step: Step, scale: float) -> float:
    return max(2.0, (step.count or 0) * scale)


def _bars(steps: tuple[Step, ...], middle: float, look: str, scale: float) -> list[Bar]:
    return [
        Bar(X[step.key], middle - _tall(step, scale) / 2, _tall(step, scale), look)
        for step in steps
        if step.measured
    ]


def _split(step: Step, scale: float) -> list[Bar]:
    """The bar where both mouths meet: inbound on top, outbound below."""
    above, below = step.inbound * scale, step.outbound * scale
    top, x = JOINT_Y - max(2.0, above + below) / 2, X[step.key]
    bars = [Bar(x, top, max(1.5, above), "in")] if step.inbound or not step.outbound else []
    return bars + ([Bar(x, top + above, max(1.5, below), "out")] if step.outbound else [])


def _ribbons(report: Funnel, out_y: float, scale: float) -> list[Ribbon]:
    made = []
    for steps, middle, look in (
        (report.inbound[1:], INBOUND_Y, "in"),
        (report.outbound, out_y, "out"),
        (report.joint, JOINT_Y, "in"),
    ):
        for step, after in itertools.pairwise(steps):
            if step.measured and after.measured:
                made.append(
                    Ribbon(
                        _path(step.key, middle, _tall(step, scale), after.key, middle, _tall(after, scale)),
                        look,
                    )
                )
    return made + _joining(report, out_y, scale)


def _joining(report: Funnel, out_y: float, scale: float) -> list[Ribbon]:
    accepted, met, first = report.inbound[-1], report.outbound[-1], report.joint[0]
    above, below = max(1.5, first.inbound * scale), max(1.5, first.outbound * scale)
    top = JOINT_Y - max(2.0, (first.inbound + first.outbound) * scale) / 2
    ways = [
        (accepted, INBOUND_Y, top + above / 2, above, "in", first.inbound),
        (met, out_y, top + first.inbound * scale + below / 2, below, "out", first.outbound),
    ]
    return [
        Ribbon(_path(step.key, middle, _tall(step, scale), first.key, end, height), look)
        for step, middle, end, height, look, people in ways
        if step.measured and people
    ]


def _path(key: str, middle: float, height: float, to: str, to_middle: float, to_height: float) -> str:
    """A ribbon whose sides bend once: from the right edge of one bar to the left edge of the next."""
    x1, x2 = X[key] + BAR, X[to]
    bend = (x1 + x2) / 2
    a, b = middle - height / 2, middle + height / 2
    c, d = to_middle - to_height / 2, to_middle + to_height / 2
    return (
        f"M{x1:.1f} {a:.1f}C{bend:.1f} {a:.1f} {bend:.1f} {c:.1f} {x2:.1f} {c:.1f}"
        f"V{d:.1f}C{bend:.1f} {d:.1f} {bend:.1f} {b:.1f} {x1:.1f} {b:.1f}z"
    )


def _labels(report: Funnel, below: float) -> list[Label]:
    labels = [_label(step, 34, above=True) for step in report.inbound]
    labels += [_label(step, below, above=False) for step in report.outbound]
    return labels + [_label(step, JOINT_Y - 34, above=True) for step in report.joint]


def _label(step: Step, y: float, *, above: bool) -> Label:
    name = str(step.name)
    parts = _halves(name) if len(name) > 13 else [name]
    first = y - 14 * (len(parts) - 1) if above else y
    lines = tuple((first + 14 * n, part) for n, part in enumerate(parts))
    return Label(step.key, X[step.key], lines, lines[-1][0] + 18, step.count)


def _halves(name: str) -> list[str]:
    for sign in ("-", " "):
        if sign in name:
            head, _, tail = name.partition(sign)
            return [head + (sign if sign == "-" else ""), tail]
    return [name]


def _pills(report: Funnel, out_y: float) -> list[Pill]:
    pills = []
    for steps, y in ((report.inbound, INBOUND_Y), (report.outbound, out_y), (report.joint, JOINT_Y)):
        for step, after in itertools.pairwise(steps):
            if step.measured and after.of_last is not None:
                pills.append(Pill((X[step.key] + BAR + X[after.key]) / 2, y, after.of_last))
    first = report.joint[0]
    ways = (
        (report.inbound[-1], first.inbound, 174.0),
        (report.outbound[-1], first.outbound, (out_y + JOINT_Y) / 2),
    )
    pills += [Pill(353.0, y, part / step.count) for step, part, y in ways if step.count and part]
    return pills
