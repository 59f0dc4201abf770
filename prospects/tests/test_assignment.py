"""Rules in order; inside a rule whoever is owed most, of those who could take one; the reason is stored."""

from collections import Counter
from typing import Any

import pytest

from campaigns.models import Channel
from leads import lifecycle
from leads.models import Lead, LeadMove, Person, Touch
from prospects.assignment.choosing import choose, consider
from prospects.models import Absence, Account, Prospect, Rep
from prospects.stages import default_pipeline
from prospects.tests.conftest import TUESDAY, later, make_move, make_person

pytestmark = pytest.mark.django_db


def pick(**person: Any) -> tuple[Any, str]:
    return pick_for(make_person(**person))


def pick_for(person: Person) -> tuple[Any, str]:
    choice = choose(pipeline=default_pipeline(), person=person, at=TUESDAY)
    return choice.owner, choice.why


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


def test_a_place_and_a_channel_decide(rule: Any, sam: Any, sara: Any, company: Any) -> None:
    rule(sam, name="Ostermund", field="place", words="Ostermund", order=1)
    rule(sara, name="Fairs", field="source", words="events", order=2)
    company.city = "Ostermund"
    company.save()
    assert pick(company=company)[0] == sam
    person = make_person()
    channel = Channel.objects.get_or_create(slug="events", defaults={"name": "Fairs and events"})[0]
    lead = lifecycle.make_lead(person=person, at=TUESDAY, way=LeadMove.Way.CAPTURE)
    touch = Touch.objects.create(person=person, kind="visit", at=TUESDAY, channel=channel)
    Lead.objects.filter(pk=lead.pk).update(first_touch=touch)
    assert pick_for(Person.objects.get(pk=person.pk)) == (sara, "Rule “Fairs”")


def test_a_rule_for_the_account_takes_its_place_in_the_order(
    rule: Any, sam: Any, sara: Any, company: Any
) -> None:
    Account.objects.create(company=company, owner=sara)
    rule(sam, name="Germany", field="country", words="DE", order=1)
    rule(name="Accounts", field="account", order=2)
    rule(sam, name="Rest", order=3)
    assert pick(company=company) == (sam, "Rule “Germany”")
    assert pick(company=company, country="FR") == (sara, "Owns the account")
    assert pick(country="FR") == (sam, "Rule “Rest”")


@pytest.mark.parametrize("hindered", ["away", "full", "gone"])
def test_an_owner_who_cannot_take_one_is_passed_over(
    hindered: str, rule: Any, sam: Any, sara: Any, company: Any
) -> None:
    rule(sam, sara)
    Account.objects.create(company=company, owner=sara)
    hinder(sara, hindered)
    choice = choose(pipeline=default_pipeline(), person=make_person(company=company), at=TUESDAY)
    assert choice.owner == sam
    assert choice.steps[0].asked == "Owns the account" and not choice.steps[0].took


def hinder(user: Any, how: str) -> None:
    if how == "away":
        Absence.objects.create(user=user, first_on=TUESDAY.date(), last_on=TUESDAY.date())
    elif how == "full":
        Rep.objects.create(user=user, capacity=0)
    else:
        user.is_active = False
        user.save()


def test_where_all_are_hindered_the_reason_names_each(rule: Any, sam: Any, sara: Any) -> None:
    rule(sam, sara, name="Team")
    hinder(sam, "away")
    hinder(sara, "full")
    said = (
        "No rule fits. Team: Sam Okafor is away until 3 March, Sara Lindqvist has 0 open, as many as allowed"
    )
    assert pick() == (None, said)


def test_who_is_away_on_monday_gets_nothing_on_saturday(rule: Any, sam: Any, sara: Any) -> None:
    rule(sam, sara)
    Absence.objects.create(user=sam, first_on=later(days=6).date(), last_on=later(days=6).date())
    saturday = later(days=4)
    chosen = {choose(pipeline=default_pipeline(), person=make_person(), at=saturday).owner for _n in range(3)}
    assert chosen == {sara}


def test_capacity_counts_what_is_open_now(rule: Any, sam: Any, sara: Any) -> None:
    rule(sam, sara)
    Rep.objects.create(user=sam, capacity=2)
    owners = [Prospect.objects.get(lead_move=make_move()).owner for _n in range(6)]
    assert owners.count(sam) == 2 and owners.count(sara) == 4


def test_considering_counts_nothing_and_says_what_choosing_does(rule: Any, sam: Any, sara: Any) -> None:
    members = rule(sam, (sara, 2)).members
    for _n in range(5):
        person = make_person()
        before = list(members.values_list("given", "owed"))
        seen = consider(pipeline=default_pipeline(), person=person, at=TUESDAY)
        assert list(members.values_list("given", "owed")) == before
        assert choose(pipeline=default_pipeline(), person=person, at=TUESDAY).owner == seen.owner
