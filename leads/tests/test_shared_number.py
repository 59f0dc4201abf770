"""A number may be shared by people with addresses of their own; it never makes one person of two (C4)."""

import pytest

from leads.identity import Keys, person_for
from leads.models import ConsentEvent, Message, Person
from leads.tests.builders import NOON, a_lead, a_page, submitted

pytestmark = pytest.mark.django_db
SWITCHBOARD = "+41 44 668 18 00"


@pytest.fixture
def anna():
    return a_lead("anna@works.example", phone=SWITCHBOARD, phone_key="+41446681800").person


def test_a_colleague_with_the_same_number_is_somebody_else(anna):
    ben = submitted(a_page(), email="ben@works.example", phone=SWITCHBOARD).person
    assert ben != anna
    assert (ben.email, ben.phone, ben.phone_key) == ("ben@works.example", SWITCHBOARD, None)


def test_the_mail_goes_to_the_address_that_was_typed(anna):
    submitted(a_page(), email="ben@works.example", phone=SWITCHBOARD)
    assert Message.objects.get().person.email == "ben@works.example"
    assert not ConsentEvent.objects.filter(person=anna).exists()


def test_a_number_alone_still_finds_its_owner(anna):
    assert submitted(a_page(), email="", phone=SWITCHBOARD).person == anna


def test_who_was_met_by_number_is_known_by_the_address_they_give_later():
    page = a_page()
    called = Person.objects.create(phone=SWITCHBOARD, phone_key="+41446681800", created_at=NOON)
    first = submitted(page, email="carl@works.example", phone=SWITCHBOARD).person
    again = submitted(page, email="carl@works.example", nonce="n2").person
    called.refresh_from_db()
    assert first == again == called
    assert called.email_key == "carl@works.example"


def test_the_number_of_somebody_merged_does_not_lead_to_the_address_of_another(anna):
    Person.objects.create(phone_key="+41446681801", created_at=NOON, merged_into=anna)
    ben = submitted(a_page(), email="ben@works.example", phone="+41 44 668 18 01").person
    assert ben != anna
    assert submitted(a_page("other"), email="anna@works.example").person == anna


def test_people_made_by_other_ways_follow_the_same_rule(anna):
    ben, made = person_for(keys=Keys(email_key="ben@works.example", phone_key="+41446681800"), at=NOON)
    assert (made, ben.phone_key) == (True, None)
