"""The day of loading, laid out by hand, so that everybody's page is full."""

from __future__ import annotations

from crm.demo.cast import Cast
from crm.demo.desk import Desk
from crm.demo.story import Story


def lay_out(cast: Cast, desk: Desk, stories: list[Story]) -> None:
    """To come."""
