"""A row of bars as server-made SVG: lengths are attributes, colours are classes, numbers stand on the bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats

from leads.nurture.planner import Slot

TOP, HEIGHT, FOOT = 22, 120, 34  # room for a number, the bars, the words below
TEXT = 40  # a word below needs so much
FAR = 2  # a limit of more than twice the tallest bar is not drawn


@dataclass(frozen=True)
class Bar:
    """Mails of sequences below, what people asked for on top of them. Coordinates in user units."""

    slot: Slot
    x: float
    middle: float
    width: float
    y: float
    height: float
    asked_y: float
    asked_height: float
    number_y: float
    left: float
    right: float
    limit_y: float | None  # where the limit of this hour or day runs; None: none, or far above all bars
    word: str
    says: str


@dataclass(frozen=True)
class Bars:
    """The drawing: its size, the ground the bars stand on, the line of words below."""

    wide: int
    bars: list[Bar]
    high: int = TOP + HEIGHT + FOOT
    ground: int = TOP + HEIGHT
    words_y: int = TOP + HEIGHT + 18

    @property
    def nothing(self) -> bool:
        return not any(bar.slot.together for bar in self.bars)

    @property
    def has_limit(self) -> bool:
        return any(bar.limit_y is not None for bar in self.bars)


def bars_of(slots: Sequence[Slot], *, wide: int) -> Bars:
    """Bars of hours (``2026-11-25T09``) or of days (``2026-11-25``)."""
    most = max((slot.together for slot in slots), default=0)
    near = [slot.allowed for slot in slots if slot.allowed is not None and slot.allowed < FAR * most]
    top = max([most, *near, 1])
    pitch = wide / max(1, len(slots))
    every = max(1, -(-TEXT // max(1, int(pitch))))
    return Bars(
        wide, [_bar(slot, place, pitch, top, named=place % every == 0) for place, slot in enumerate(slots)]
    )


def _bar(slot: Slot, place: int, pitch: float, top: int, *, named: bool) -> Bar:
    high, asked = HEIGHT * slot.mails / top, HEIGHT * slot.asked_for / top
    y = TOP + HEIGHT - high
    return Bar(
        slot=slot,
        x=round(place * pitch + pitch * 0.16, 1),
        middle=round((place + 0.5) * pitch, 1),
        width=round(pitch * 0.68, 1),
        y=round(y, 1),
        height=round(high, 1),
        asked_y=round(y - asked, 1),
        asked_height=round(asked, 1),
        number_y=round(y - asked - 6, 1),
        left=round(place * pitch, 1),
        right=round((place + 1) * pitch, 1),
        limit_y=_limit(slot, top),
        word=_word(slot.when) if named else "",
        says=_says(slot.when),
    )


def _limit(slot: Slot, top: int) -> float | None:
    if slot.allowed is None or slot.allowed > top:
        return None
    return round(TOP + HEIGHT * (1 - slot.allowed / top), 1)


def _word(when: str) -> str:
    moment = datetime.fromisoformat(when if len(when) == 10 else f"{when}:00")
    return formats.date_format(moment, "j M") if len(when) == 10 else f"{moment:%H}"


def _says(when: str) -> str:
    moment = datetime.fromisoformat(when if len(when) == 10 else f"{when}:00")
    return formats.date_format(moment, "D j M" if len(when) == 10 else "D j M, H:i")
