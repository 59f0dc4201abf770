"""Nobody is rung at night, on a weekend, or after "do not call": one answer for lists, queue and telephone link."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.models import LeadMove, Person
from prospects import pipeline
from prospects.calls import log
from prospects.clocks import calling_hours
from prospects.clocks.calling_hours import CLOSES, EDGES, OPENS, next_opening, outside, zones_of
from prospects.models import Prospect
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, make_move, make_person, reason


def at_home_in(**columns: Any) -> list[str]:
    return [str(zone) for zone in zones_of(Person(**columns))]


@pytest.mark.parametrize(
    "known, zones",
    [
        ({"time_zone": "Asia/Tokyo", "country": "DE"}, ["Asia/Tokyo"]),
        ({"time_zone": "Mars/Olympus", "country": "JP"}, ["Asia/Tokyo"]),
        ({"country": "US", "phone_key": "+41446681800"}, ["America/New_York", "America/Los_Angeles"]),
        ({"phone_key": "+819012345678"}, ["Asia/Tokyo"]),
        ({"phone_key": "no number"}, ["Europe/Zurich"]),
        ({}, ["Europe/Zurich"]),
    ],
)
def test_the_own_zone_comes_before_country_number_and_house(known: dict[str, Any], zones: list[str]) -> None:
    assert at_home_in(**known) == zones


@pytest.mark.django_db
def test_of_a_person_about_whom_nothing_is_known_the_company_says_where(company: Any) -> None:
    assert "Europe/Berlin" in at_home_in(company=company)


@pytest.mark.parametrize(
    "zone, words",
    [
        ("Europe/Zurich", ""),
        ("Asia/Tokyo", ""),  # 18:00
        ("America/New_York", "It is 04:00 there, from 8:00"),
        ("Pacific/Auckland", "It is 22:00 there, from 8:00"),
    ],
)
def test_outside_the_hours_it_says_what_time_it_is_there(zone: str, words: str) -> None:
    assert outside(Person(time_zone=zone), TUESDAY) == words


@pytest.mark.parametrize("day", [6, 7])
def test_at_the_weekend_it_names_monday(day: int) -> None:
    evening = datetime(2026, 3, day, 20, 30, tzinfo=ZoneInfo("Europe/Zurich"))
    said = f"It is {evening:%A} 20:30 there, from Monday 8:00"
    assert outside(Person(time_zone="Europe/Zurich"), evening) == said


def test_in_a_wide_country_the_call_is_polite_on_both_coasts() -> None:
    person = Person(country="US")
    in_new_york = datetime(2026, 3, 3, 9, 0, tzinfo=ZoneInfo("America/New_York"))
    assert outside(person, in_new_york) == "It is 06:00 – 09:00 there, from 8:00"
    assert outside(person, in_new_york + timedelta(hours=2)) == ""


@given(
    at=st.integers(0, 10 * 365 * 24 * 60).map(
        lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    zones=st.sampled_from([*EDGES.values(), ("Europe/Berlin",), ("Asia/Kolkata",), ("Pacific/Kiritimati",)]),
)
def test_the_next_opening_is_a_calling_hour_on_every_clock(at: datetime, zones: tuple[str, ...]) -> None:
    clocks = [ZoneInfo(name) for name in zones]
    opens = next_opening(clocks, at)
    assert at <= opens <= at + timedelta(days=4)
    for there in (opens.astimezone(clock) for clock in clocks):
        assert there.weekday() < 5 and OPENS <= there.time() < CLOSES


@pytest.mark.django_db
def test_who_asked_for_silence_has_no_number_to_dial(sam: Any) -> None:
    person = make_person(phone="+41 44 668 18 00", phone_key="+41446681800")
    first = make_inbound(sam, person)
    log.log_call(prospect=first, outcome="do_not_call", by=sam, at=TUESDAY)
    line = calling_hours.line(first, later(hours=1))
    assert (line.number, line.free, line.anyway, line.words) == ("", False, False, "Asked us not to call")


@pytest.mark.django_db
def test_without_an_address_the_closed_cycle_says_so(sam: Any) -> None:
    person = make_person(email="", email_key=None, phone="+41 44 668 18 00", phone_key="+41446681800")
    cold = make_cold(sam, person)
    pipeline.reject(prospect=cold, reason=reason("do-not-contact"), by=sam, at=TUESDAY)
    assert not person.suppressions.exists()
    assert calling_hours.asked_for_silence(cold)


@pytest.mark.django_db
def test_who_asks_for_contact_later_may_be_rung(sam: Any) -> None:
    first = make_inbound(sam, make_person(phone="+41 44 668 18 00", phone_key="+41446681800"))
    log.log_call(prospect=first, outcome="do_not_call", by=sam, at=TUESDAY)
    again = Prospect(person=first.person, lead_move=LeadMove(way=LeadMove.Way.INQUIRY, at=later(days=9)))
    assert calling_hours.line(again, later(days=10)).free


@pytest.mark.django_db
def test_a_list_asks_one_query_however_long_it_is(sam: Any, django_assert_num_queries: Any) -> None:
    cycles = [make_inbound(sam) for _ in range(3)]
    rows = list(Prospect.objects.filter(pk__in=[cycle.pk for cycle in cycles]).for_card())
    with django_assert_num_queries(1):
        assert len(calling_hours.lines(rows, TUESDAY)) == 3


@pytest.mark.django_db
def test_without_a_number_there_is_nothing_to_dial(sam: Any) -> None:
    make_move()
    assert calling_hours.line(make_inbound(sam), TUESDAY).words == "No phone number known"
