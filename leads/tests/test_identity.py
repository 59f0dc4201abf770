"""Canonical keys, and one person behind them."""

import pytest

from leads.identity import BadAddress, Keys, email_key, find_person, person_for, phone_key
from leads.models import Person
from leads.tests.builders import NOON


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("  Piet.Verhaag@Maasland.Example ", "piet.verhaag@maasland.example"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("a+b@firma.example", "a+b@firma.example"),
    ],
)
def test_an_address_has_one_form(raw, key):
    assert email_key(raw) == key


@pytest.mark.parametrize(
    "raw", ["", "piet", "piet@", "piet@firma", "jürgen@firma.example", "a b@firma.example"]
)
def test_what_is_no_address_is_refused(raw):
    with pytest.raises(BadAddress):
        email_key(raw)


def test_a_phone_number_is_kept_in_e164():
    assert phone_key("044 668 18 00", "CH") == phone_key("+41 44 668 18 00") == "+41446681800"
    assert phone_key("extension 12") is None


@pytest.mark.django_db
def test_a_reference_wins_over_an_address():
    by_ref, _ = person_for(keys=Keys(ref=("crm", "7")), at=NOON)
    Person.objects.create(email_key="a@b.example", created_at=NOON)
    assert find_person(Keys(ref=("crm", "7"), email_key="a@b.example")) == by_ref


@pytest.mark.django_db
def test_a_merged_person_leads_to_the_one_who_stayed():
    kept = Person.objects.create(email_key="kept@b.example", created_at=NOON)
    Person.objects.create(email_key="gone@b.example", created_at=NOON, merged_into=kept)
    assert find_person(Keys(email_key="gone@b.example")) == kept


@pytest.mark.django_db
def test_what_is_known_is_never_replaced():
    person_for(keys=Keys(email_key="a@b.example"), at=NOON, first_name="Ann")
    person, made = person_for(
        keys=Keys(email_key="a@b.example"), at=NOON, first_name="Anna", last_name="Berg"
    )
    assert (made, person.first_name, person.last_name) == (False, "Ann", "Berg")


def test_nobody_is_made_without_a_key():
    with pytest.raises(ValueError):
        person_for(keys=Keys(), at=NOON)
