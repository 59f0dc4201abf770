"""Many people at once against all of their last name: as one by one, in a few statements, and never all of a crowd."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from leads.models import Person, Twin
from leads.tests.builders import NOON
from leads.twins import namesakes
from leads.twins.finding import find_among
from leads.twins.likeness import ENOUGH, alike
from leads.twins.namesakes import alike_namesakes, may_be_alike
from leads.twins.people import record_of

LASTS = ["Keller", "KELLER", "keller", "Kéller", "Anna", "Nordin-Berg", "Nordin Berg", ""]
FIRSTS = ["Anna", "Ana", "ANNA", "Hannah", "Jonas", "Jon", "Kelle", "Keller", "A.", ""]
FIRMS = ["Acme GmbH", "ACME", "Akme AG", "Brandt & Co", ""]


def said(random: Random, number: int) -> dict[str, str]:
    """Somebody of few names, so that many are alike in something."""
    first, last = random.choice(FIRSTS), random.choice(LASTS)
    boxes = [f"{first}.{last}".lower().strip(". "), f"{last}{number % 3}", f"box{number}", "info"]
    domain = random.choice(["acme.example", "gmail.com", "brandt.example"])
    phone = random.choice(["", "", "+4144668180", "+4144668190", "+4930555"])
    return {
        "first_name": first,
        "last_name": last,
        "email": random.choice(["", f"{random.choice(boxes).replace(' ', '')}@{domain}"]),
        "phone": phone + str(random.randint(0, 3)) if phone else "",
        "company_name": random.choice(FIRMS),
        "job_title": random.choice(["", "Buyer", "Head of buying"]),
        "country": random.choice(["", "CH", "DE"]),
    }


def people(number: int, seed: int = 1) -> list[int]:
    random, made = Random(seed), []
    for place in range(number):
        one = said(random, place)
        key = f"{one['email'].partition('@')[0]}+{place}@{one['email'].partition('@')[2] or 'x.example'}"
        made.append(Person(**{**one, "email": key, "email_key": key, "phone": ""}, created_at=NOON))
    return [person.pk for person in Person.objects.bulk_create(made)]


def test_the_quick_look_never_says_no_where_the_thorough_one_says_yes():
    random, found = Random(7), 0
    everybody = [record_of(said(random, number)) for number in range(400)]
    for place, one in enumerate(everybody):
        for other in everybody[:place]:
            if one["last_name"] and one["last_name"] == other["last_name"]:
                enough = alike(one, other)[0] >= ENOUGH
                found += enough
                assert not enough or may_be_alike(one, other), (one, other)
    assert found > 300


@pytest.mark.django_db
def test_all_at_once_are_found_as_one_by_one(monkeypatch: Any):
    pks = people(120)
    found = alike_namesakes(pks)
    assert len(found) > 30
    one_by_one: dict[Any, Any] = {}
    for pk in pks:
        one_by_one |= alike_namesakes([pk])
    assert found == one_by_one
    monkeypatch.setattr(namesakes, "AT_ONCE", 25)
    assert alike_namesakes(pks) == found


@pytest.mark.django_db
def test_whoever_comes_alone_hears_of_the_same_person_as_among_many():
    """Of one spelling but for its case: another is found from the side that has more of it (Kéller finds Keller)."""
    pks = people(120)
    Person.objects.filter(last_name="Kéller").update(last_name="Keller")
    Person.objects.filter(last_name="Nordin Berg").update(last_name="NORDIN-BERG")
    told = find_among(pks, at=NOON)
    assert len(told) > 30
    pairs = set(Twin.objects.values_list("one", "two", "score"))
    Twin.objects.all().delete()
    Person.objects.filter(pk__in=pks).update(erased_at=NOON)  # nobody is there yet
    alone: dict[int, int] = {}
    for pk in pks:
        Person.objects.filter(pk=pk).update(erased_at=None)
        alone |= find_among([pk], at=NOON)
    assert alone == told
    assert set(Twin.objects.values_list("one", "two", "score")) == pairs


@pytest.mark.django_db
def test_ten_times_as_many_take_as_many_statements(django_assert_num_queries: Any):
    pks = people(200)
    for number in (20, 200):
        with django_assert_num_queries(3):
            alike_namesakes(pks[:number])


@pytest.mark.django_db
def test_of_a_crowded_name_the_newest_are_compared_and_all_who_were_asked_about(monkeypatch: Any):
    monkeypatch.setattr(namesakes, "NEAR", 3)
    same = {"first_name": "Anna", "last_name": "Keller", "company_name": "Acme"}
    pks = [Person.objects.create(**same).pk for _number in range(12)]
    asked = pks[-5:]
    others = {pair for pair in alike_namesakes(asked) if pair[0] not in asked}
    assert {low for low, _high in others} == set(pks[4:7])
    assert len(alike_namesakes(asked)) == 5 * 3 + 5 * 4 // 2
