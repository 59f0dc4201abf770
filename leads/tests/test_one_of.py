"""Many values as one parameter mean what `IN` means."""

from __future__ import annotations

from typing import Any

import pytest

from leads.models import Person
from leads.one_of import AnyOf

pytestmark = pytest.mark.django_db
NAMES = ["Keller", "O'Neil", 'Quo"te', "Κόμμα, {a}", "back\\slash", "%s"]


@pytest.fixture
def pks() -> list[int]:
    return [Person.objects.create(last_name=name).pk for name in NAMES]


def names(*conditions: Any) -> set[str]:
    return set(Person.objects.filter(*conditions).values_list("last_name", flat=True))


def test_numbers_and_words_are_found_and_nothing_else(pks: list[int]) -> None:
    assert names(AnyOf("pk", pks[:2])) == {"Keller", "O'Neil"}
    for name in NAMES:
        assert names(AnyOf("last_name", {name, "Nobody"})) == {name}
    assert names(AnyOf("last_name", NAMES), AnyOf("pk", [*pks[3:], 10**12])) == set(NAMES[3:])


def test_of_nothing_there_is_nobody_and_the_others_are_the_others(pks: list[int]) -> None:
    assert names(AnyOf("pk", [])) == set() == names(AnyOf("last_name", ()))
    assert names(~AnyOf("pk", pks[:5])) == {"%s"}
