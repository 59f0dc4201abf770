"""How alike two records are, and which are compared at all."""

import pytest

from leads.twins.blocking import MOST, pairs
from leads.twins.likeness import ENOUGH, alike, plain
from leads.twins.people import firm_name, record_of

ANNA = record_of(
    {"first_name": "Anna", "last_name": "Keller", "email": "anna.keller@acme.example", "company_name": "Acme GmbH"}
)  # fmt: skip


def like_anna(**said: str) -> float:
    base = {"first_name": "Anna", "last_name": "Keller", "email": "", "company_name": "ACME"}
    return alike(ANNA, record_of(base | said))[0]


@pytest.mark.parametrize(
    "said",
    [
        {},  # the same name at the same firm
        {"last_name": "Kellre"},  # two letters changed places
        {"first_name": "Keller", "last_name": "Anna"},  # the names changed places
        {"first_name": "ANNA", "last_name": "Kéller"},
        {"company_name": "", "email": "anna.keller@gmail.com"},  # her own mailbox
        {"email": "a.keller@acme.example"},  # another address of hers at the same firm
    ],
)
def test_a_slip_of_the_hand_is_still_the_same_person(said):
    assert like_anna(**said) >= ENOUGH


@pytest.mark.parametrize(
    "said",
    [
        {"company_name": ""},  # a name alone says too little
        {"first_name": "Jonas"},  # a colleague of the same family name
        {"first_name": "Jonas", "last_name": "Brandt"},
        {"first_name": "Peter", "last_name": "Brandt", "email": "anna.keller@gmail.com"},
        {"first_name": "Anna", "last_name": "Lindqvist"},
        {"email": "anna.keller2@acme.example"},  # the house itself tells them apart
        {"first_name": "Hanna", "email": "hanna.keller@acme.example"},  # addresses made of names add nothing
        {"company_name": "Brandt AG", "email": "anna.keller@brandt.example"},  # her namesake at another firm
    ],
)
def test_who_shares_only_a_little_is_another_person(said):
    assert like_anna(**said) < ENOUGH


def test_a_switchboard_does_not_make_two_names_one_person():
    one = record_of({"first_name": "Anna", "last_name": "Keller", "phone": "+41446681800"})
    two = record_of({"first_name": "Jonas", "last_name": "Brandt", "phone": "+41446681800"})
    assert alike(one, two)[0] < ENOUGH


def test_each_field_says_why():
    assert alike(ANNA, record_of({"first_name": "Anna", "last_name": "Keler"}))[1].keys() == {
        "first_name",
        "last_name",
    }


def test_a_shared_mailbox_is_nobodys():
    assert record_of({"email": "info@acme.example"})["mailbox"] == ""


def test_a_firm_is_the_same_with_and_without_its_legal_form():
    assert firm_name("Acme GmbH") == firm_name("ACME") == firm_name("acme.example") == "acme"


def test_text_is_made_plain():
    assert plain("  Müller-Lüdenscheid,  ÅSA ") == "muller ludenscheid asa"


def test_only_who_shares_a_block_is_compared():
    others = [record_of({"first_name": f"N{n}", "last_name": f"Other{n}"}) for n in range(30)]
    assert list(pairs([ANNA, *others, record_of({"first_name": "Keller", "last_name": "Anna"})])) == [(0, 31)]


def test_a_crowded_block_is_left_out():
    crowd = [record_of({"first_name": "Anna", "last_name": "Keller"})] * (MOST + 1)
    assert list(pairs(crowd)) == []
    assert len(list(pairs(crowd[:MOST]))) == MOST * (MOST - 1) // 2
