"""Rules in order; inside a rule the rep who has had least for their weight; the reason is stored."""

from collections import Counter
from typing import Any

import pytest

from prospects.assignment import pick_owner
from prospects.models import Account, Prospect
from prospects.stages import default_pipeline
from prospects.tests.conftest import TUESDAY, make_move, make_person

pytestmark = pytest.mark.django_db


def pick(**person: Any) -> tuple[Any, str]:
    return pick_owner(pipeline=default_pipeline(), person=make_person(**person), at=TUESDAY)


def test_weights_are_kept_to_within_one(rule: Any, sam: Any, sara: Any) -> None:
    rule((sam, 2), sara)
    given = Counter(pick()[0].username for _ in range(31))
    assert abs(given["sam"] - 31 * 2 / 3) <= 1 and abs(given["sara"] - 31 / 3) <= 1


def test_nobody_gets_a_batch(rule: Any, sam: Any, sara: Any) -> None:
    rule(sam, sara)
    names = [pick()[0].username for _ in range(6)]
    assert names == ["sam", "sara"] * 3


def test_the_first_rule_that_fits_decides(rule: Any, sam: Any, sara: Any) -> None:
    rule(sam, name="Abroad", field="country", words="fr, it", order=1)
    rule(sara, name="Rest", order=2)
    assert pick(country="IT") == (sam, "Rule “Abroad”")
    assert pick(country="DE") == (sara, "Rule “Rest”")


def test_the_company_says_what_the_person_does_not(rule: Any, sam: Any, company: Any) -> None:
    rule(sam, field="industry", words="gears")
    assert pick(company=company)[0] == sam


def test_the_owner_of_the_account_comes_before_the_rules(
    rule: Any, sam: Any, sara: Any, company: Any
) -> None:
    members = rule(sam).members
    Account.objects.create(company=company, owner=sara)
    assert pick(company=company) == (sara, "Owns the account")
    assert members.get().given == 0


def test_a_rep_who_left_is_passed_over(rule: Any, sam: Any, sara: Any) -> None:
    rule(sam, sara)
    sam.is_active = False
    sam.save(update_fields=["is_active"])
    assert {pick()[0] for _ in range(3)} == {sara}


def test_nobody_fits_and_the_reason_says_which_rules_failed(rule: Any, sam: Any) -> None:
    rule(sam, name="Abroad", field="country", words="FR")
    prospect = Prospect.objects.get(lead_move=make_move(make_person(country="DE")))
    assert prospect.owner is None
    assert prospect.assigned_why == "No rule fits. Abroad: country DE"


def test_without_a_rule_the_reason_says_so() -> None:
    assert pick() == (None, "There is no assignment rule yet.")
