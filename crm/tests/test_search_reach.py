"""What the search box finds: beginnings of names and addresses, numbers, any part of a company's name."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from crm.dashboards.search import found_for
from leads.indexes import index_words
from leads.models import Company
from prospects.tests.conftest import make_cold, make_person


@pytest.fixture
def ada(sam: Any) -> Any:
    works = Company.objects.create(name="Oderland Gear Works")
    person = make_person(
        first_name="Ada", last_name="Weber-Lindqvist", email="ada.weber@oderland.example",
        email_key="ada.weber@oderland.example", phone="+46 70 123 45 67", phone_key="+46701234567",
        company=works, company_name=works.name,
    )  # fmt: skip
    make_cold(sam, person)
    return person


def names(user: Any, words: str) -> list[str]:
    return [one.name for one in found_for(user, words)]


@pytest.mark.parametrize(
    "words",
    [
        "ada",
        "WEBER",
        "ada web",
        "web ada",
        "ada.weber@od",
        "gear",
        "GEAR ada",
        "+46 70 123",
        "0046 70 123-45",
        "oder wo",
    ],
)
def test_a_person_is_found(sam: Any, ada: Any, words: str) -> None:
    assert ada.name in names(sam, words)


@pytest.mark.parametrize("words", ["da", "ada nobody", "+46 70 999", "%", "_da", "ada \\"])
def test_and_not_by_what_is_not_there(sam: Any, ada: Any, words: str) -> None:
    assert ada.name not in names(sam, words)


def test_a_company_that_nobody_has_linked_yet_finds_its_people(sam: Any) -> None:
    person = make_person(last_name="Berg", company=None, company_name="Havel Pumps")
    make_cold(sam, person)
    type(person).objects.filter(pk=person.pk).update(company=None)
    assert person.name in names(sam, "pumps")


def test_the_company_that_holds_all_words_comes_before_a_hundred_that_hold_one(sam: Any, ada: Any) -> None:
    Company.objects.bulk_create(Company(name=f"Gear {n:03}") for n in range(120))
    assert names(sam, "gear oderland") == [ada.name, "Oderland Gear Works"]


def test_any_number_of_answers_costs_three_questions(
    sam: Any, ada: Any, django_assert_num_queries: Any
) -> None:
    user = get_user_model().objects.get(pk=sam.pk)
    user.get_all_permissions()
    for more in range(3):
        make_cold(
            sam,
            make_person(
                last_name=f"Weber {more}", email=f"w{more}@x.example", email_key=f"w{more}@x.example"
            ),
        )
        with django_assert_num_queries(3):
            assert len(found_for(user, "web")) == more + 2


@pytest.mark.django_db
def test_the_index_of_words_is_there_where_the_server_gives_it() -> None:
    assert index_words() == (connection.vendor == "postgresql")
    with connection.cursor() as cursor:
        held = connection.introspection.get_constraints(cursor, Company._meta.db_table)
    assert ("company_by_words" in held) == (connection.vendor == "postgresql")
