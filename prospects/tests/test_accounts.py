"""Accounts: roles, targets, families of companies, and a cadence for several people of one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from campaigns.errors import Refused
from campaigns.models import TargetDomain, TargetList
from leads.models import Company, Enrolment
from leads.tests.builders import a_sequence
from prospects.account_facts import money_of, visits_of
from prospects.accounts import (
    change_account,
    family_of,
    gaps,
    open_targets,
    set_parent,
    set_role,
    start_cadence,
    targets,
)
from prospects.models import Account, BuyingRole, Deal, Prospect
from prospects.tests.conftest import TUESDAY, make_cold, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(company: Company) -> Account:
    return Account.objects.create(company=company)


def changed(account: Account, by: Any, **columns: Any) -> Account:
    return change_account(account=account, by=by, at=TUESDAY, **({"tier": "1", "is_target": True} | columns))


def test_an_account_is_changed_by_its_owner_and_managers_only(
    account: Account, sam: Any, sara: Any, maya: Any
) -> None:
    for who in (sam, maya):
        with pytest.raises(Refused):
            changed(account, who)
    assert changed(account, sara, owner=sam).owner == sam
    assert changed(account, sam, tier="2", owner=None).tier == "2"
    account.refresh_from_db()
    assert account.owner == sam  # a rep cannot give an account away


def test_an_owner_must_work_prospects(account: Account, sara: Any, maya: Any) -> None:
    with pytest.raises(Refused, match="does not work prospects"):
        changed(account, sara, owner=maya)


def test_a_company_belongs_to_no_company_below_it() -> None:
    top, middle, low = (Company.objects.create(name=name) for name in ("Top", "Middle", "Low"))
    set_parent(company=middle, parent=top)
    set_parent(company=low, parent=middle)
    for company, parent in ((top, low), (top, top), (middle, low)):
        with pytest.raises(Refused):
            set_parent(company=company, parent=parent)
    assert [row.name for row in family_of(top).below] == ["Middle", "Low"]
    set_parent(company=middle, parent=None)
    assert family_of(top).below == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.tuples(some.integers(0, 5), some.integers(0, 5)), max_size=15))
def test_no_chain_of_changes_closes_a_ring(db: None, moves: list[tuple[int, int]]) -> None:
    companies = [Company.objects.create(name=f"C{number}") for number in range(6)]
    for low, high in moves:
        try:
            set_parent(company=companies[low], parent=companies[high])
        except Refused:
            continue
    parents = dict(Company.objects.filter(pk__in=[row.pk for row in companies]).values_list("pk", "parent"))
    for start in parents:
        seen, here = set(), start
        while here is not None:
            assert here not in seen
            seen.add(here)
            here = parents[here]


def test_the_money_of_a_family_is_that_of_all_below(account: Account, company: Company) -> None:
    below = Company.objects.create(name="Below", parent=company)
    theirs = Account.objects.create(company=below)
    for where, status, amount in ((account, "won", 5), (theirs, "won", 7), (theirs, "open", 100)):
        closed = TUESDAY if status == "won" else None
        Deal.objects.create(account=where, status=status, amount=Decimal(amount), closed_at=closed)
    money = money_of(family_of(company), TUESDAY)
    assert (money.won_total, money.open_total, money.open, money.value and money.value.ever) == (
        12,
        100,
        1,
        12,
    )
    assert money_of(family_of(below), TUESDAY).won_total == 7


def test_a_buying_role_is_said_by_who_works_there(
    account: Account, company: Company, sam: Any, sara: Any, maya: Any
) -> None:
    mine = make_cold(sam, make_person(company=company)).person
    hers = make_cold(sara, make_person(company=company)).person
    set_role(account=account, person=mine, role="champion", by=sam)
    set_role(account=account, person=mine, role="decides", by=sara)
    assert BuyingRole.objects.get(person=mine).role == "decides"
    for person, who in ((hers, sam), (mine, maya)):
        with pytest.raises(Refused):
            set_role(account=account, person=person, role="user", by=who)
    assert set_role(account=account, person=mine, role="", by=sam) is None
    assert not BuyingRole.objects.exists()


def test_a_role_needs_a_person_of_the_company_and_a_known_word(
    account: Account, company: Company, sara: Any
) -> None:
    for person, role in ((make_person(), "user"), (make_person(company=company), "king")):
        with pytest.raises(Refused):
            set_role(account=account, person=person, role=role, by=sara)


def test_gaps_are_the_roles_nobody_is_known_in_but_a_blocker() -> None:
    assert gaps(["champion", "user"]) == ["decision maker", "finance"]


def test_targets_are_marked_by_hand_or_on_a_list_in_use(account: Account, sara: Any, sam: Any) -> None:
    wanted = TargetList.objects.create(name="Plants")
    for domain in ("works.example", "new.example"):
        TargetDomain.objects.create(target_list=wanted, domain=domain)
    assert list(Account.objects.filter(targets())) == [account]
    with pytest.raises(Refused):
        open_targets(by=sam, at=TUESDAY)
    assert [open_targets(by=sara, at=TUESDAY) for _press in range(2)] == [1, 0]
    assert Account.objects.get(company__domain="new.example").is_target
    TargetList.objects.update(archived_at=TUESDAY)
    assert list(Account.objects.filter(targets()).values_list("company__domain", flat=True)) == [
        "new.example"
    ]


def test_a_cadence_begins_for_ones_own_open_people_once(
    account: Account, company: Company, sam: Any, sara: Any
) -> None:
    sequence = a_sequence("abm", audience="prospects")
    mine, hers = (make_cold(who, make_person(company=company)) for who in (sam, sara))
    elsewhere = make_cold(sam)
    people = [cycle.person_id for cycle in (mine, hers, elsewhere)]
    told = start_cadence(account=account, sequence=sequence, people=people, by=sam, at=TUESDAY)
    assert (told.begun, [name for name, _why in told.refused]) == ([mine.person.name], [""])
    again = start_cadence(
        account=account, sequence=sequence, people=[mine.person_id], by=sam, at=TUESDAY.replace(hour=11)
    )
    assert (again.begun, again.already) == ([], [mine.person.name])
    assert Enrolment.objects.get().person == mine.person


def test_a_sequence_for_leads_is_no_cadence(account: Account, sam: Any) -> None:
    with pytest.raises(Refused):
        start_cadence(account=account, sequence=a_sequence("leads"), people=[1], by=sam, at=TUESDAY)


def test_acts_are_those_of_the_people_given(cold: Prospect) -> None:
    assert visits_of([cold.person_id], TUESDAY).acts == 0
