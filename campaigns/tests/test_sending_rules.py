"""The rules of sending: one row from the start, and a ramp that a marketer can read before it begins."""

from datetime import UTC, date, datetime

import pytest

from campaigns import sending
from campaigns.models import SendingPolicy

DAY = date(2026, 11, 18)


def rules(**columns) -> SendingPolicy:
    return SendingPolicy(ramp_from=DAY, **columns)


def test_without_a_first_day_there_is_no_ramp():
    assert sending.most_on(SendingPolicy(), DAY) is None


@pytest.mark.parametrize(("day", "most"), [(17, None), (18, 50), (19, 75), (20, 112), (25, 854), (30, 6487)])
def test_each_day_of_a_ramp_may_send_half_as_much_again(day, most):
    assert sending.most_on(rules(), date(2026, 11, day)) == most


def test_the_ramp_ends_where_it_should_and_never_comes_back():
    days = sending.ramp(rules())
    assert (days[0], len(days), days[-1]) == (50, 15, 14596)
    assert sending.most_on(rules(), date(2026, 12, 3)) is None
    assert sending.most_on(rules(), date(2126, 12, 3)) is None


def test_a_slow_ramp_goes_on_growing_after_its_first_year():
    slow = rules(ramp_percent=1)
    assert sending.most_on(slow, date(2028, 1, 1)) > sending.most_on(slow, date(2027, 11, 18))


def test_the_day_is_that_of_the_organisation(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    assert sending.day_of(datetime(2026, 11, 18, 20, tzinfo=UTC)) == date(2026, 11, 19)
    assert sending.day_begins(datetime(2026, 11, 18, 20, tzinfo=UTC)) == datetime(
        2026, 11, 18, 15, tzinfo=UTC
    )


@pytest.mark.django_db
def test_a_new_installation_has_the_row_and_a_change_counts(settings):
    assert sending.policy().most_a_week == 3
    SendingPolicy.objects.update(most_a_week=5)
    assert sending.policy().most_a_week == 5


@pytest.mark.django_db
def test_the_list_of_one_is_its_page_with_the_ramp(client, maya):
    SendingPolicy.objects.update(ramp_from=DAY)
    client.force_login(maya)
    page = client.get("/admin/campaigns/sendingpolicy/")
    assert "day 1: 50" in page.content.decode()
    assert "day 15: 14,596" in page.content.decode()
