"""Possible doubles in the base: at entry, among newcomers, and once a night among all."""

from datetime import timedelta

import pytest

from leads.models import Person, Twin
from leads.tests.builders import NOON
from leads.twins import finding
from leads.twins.deciding import differ, look_again
from leads.twins.finding import find_all, find_new, like

pytestmark = pytest.mark.django_db


def known(first: str = "Anna", last: str = "Keller", company: str = "Acme GmbH", **columns) -> Person:
    columns.setdefault("created_at", NOON)
    return Person.objects.create(first_name=first, last_name=last, company_name=company, **columns)


def test_all_are_compared_and_a_pair_is_kept_once():
    one, two, _other = known(), known(company="ACME"), known("Jonas", "Brandt")
    assert find_all(at=NOON)["found"] == 1
    assert find_all(at=NOON)["found"] == 0
    twin = Twin.objects.get()
    assert (twin.one, twin.two, twin.state) == (one, two, "open")
    assert twin.why["last_name"] == 1


def test_newcomers_are_found_within_minutes():
    known(created_at=NOON - timedelta(days=300))
    known(last="KELLER")
    assert find_new(at=NOON + timedelta(minutes=5)) == {"looked at": 1, "found": 1}
    assert find_new(at=NOON + timedelta(minutes=15))["found"] == 0


def test_who_was_merged_or_erased_has_no_double():
    one = known()
    known(merged_into=one)
    known(erased_at=NOON)
    assert find_all(at=NOON)["found"] == 0
    assert find_new(at=NOON)["found"] == 0


def test_two_people_stay_two_people(maya):
    one, two = known(), known()
    find_all(at=NOON)
    twin = differ(one=two, two=one, at=NOON, by=maya)
    find_all(at=NOON)
    find_new(at=NOON)
    assert Twin.objects.get().state == "different"
    assert look_again(twin=twin)
    assert Twin.objects.get().state == "open"


def test_a_night_has_an_end(monkeypatch):
    monkeypatch.setattr(finding, "MOST_PAIRS", 10)
    for _number in range(12):
        known()
    counts = find_all(at=NOON)
    assert counts["pairs"] == 10
    assert counts["left out"] == 12 * 11 // 2 - 10


def test_a_crowded_name_costs_nothing_and_is_counted():
    Person.objects.bulk_create(
        Person(first_name="Anna", last_name="Keller", created_at=NOON) for _number in range(60)
    )
    counts = find_all(at=NOON)
    assert (counts["pairs"], counts["crowded"]) == (0, 1)


def test_whoever_enters_a_contact_hears_who_it_may_be():
    anna = known(phone_key="+41446681800")
    known("Jonas", "Brandt")
    asked = {"first_name": "Ana", "last_name": "Keller", "company_name": "Acme AG"}
    assert [one.person for one in like(asked)] == [anna]
    by_number = {"first_name": "Anna", "last_name": "Kelller", "phone": "044 668 18 00", "country": "CH"}
    assert [one.person for one in like(by_number)] == [anna]
    assert like({"first_name": "Anna", "last_name": "Lind"}) == []
    assert like({}) == []


def test_asking_at_entry_takes_two_statements(django_assert_num_queries):
    for number in range(20):
        known(first=f"Anna{number}")
    with django_assert_num_queries(2):
        like({"first_name": "Anna", "last_name": "Keller", "company_name": "Acme"})
