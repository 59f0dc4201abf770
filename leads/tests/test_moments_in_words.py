"""How a moment stands in a timeline: its clock time only where a heading names the day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from leads.templatetags.staff_ui import dayname, stamp


def at_noon(days: int) -> datetime:
    return timezone.localtime().replace(hour=12, minute=0) + timedelta(days=days)


@pytest.mark.parametrize("days", [0, -1, -6])
def test_under_the_name_of_its_day_the_time_is_enough(days: int) -> None:
    assert ">12:00<" in stamp(at_noon(days))


@pytest.mark.parametrize("days", [-7, -8, -40])
def test_under_the_name_of_a_month_it_is_the_date(days: int) -> None:
    moment = at_noon(days)
    assert dayname(moment) == f"{moment:%B %Y}"
    assert f">{moment.day} {moment:%b}" in stamp(moment)


@pytest.mark.parametrize("days", [1, 6])
def test_what_is_to_come_names_its_day(days: int) -> None:
    moment = at_noon(days)
    assert dayname(moment) == "To come"
    assert f">{moment:%a} 12:00<" in stamp(moment)
