"""Old links of somebody erased or merged: nothing is written onto a tombstone, and one click still answers (E1)."""

import pytest

from leads import tokens
from leads.models import ConsentEvent, Enrolment, Message, Person, PrivacyRequest, TopicChoice
from leads.tests.builders import NOON, a_lead, a_page, a_sequence, submitted

pytestmark = pytest.mark.django_db
BLANK = {"email": "", "email_key": None, "first_name": "", "phone": "", "phone_key": None}


@pytest.fixture
def form():
    return submitted(a_page(double_opt_in=True, sequence=a_sequence())).submission


@pytest.fixture
def erased(form):
    Person.objects.filter(pk=form.person_id).update(erased_at=NOON, **BLANK)
    return form


def counts():
    return [
        model.objects.count() for model in (ConsentEvent, Enrolment, Message, PrivacyRequest, TopicChoice)
    ]


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_link_of_the_erased_leads_anywhere(client, erased, method):
    before, pk = counts(), erased.pk
    paths = [
        f"/confirm/{tokens.confirm_token(pk)}/", f"/d/{tokens.download_token(pk)}/",
        f"/p/bearing-paper/thanks/{tokens.thanks_token(pk)}/", f"/u/{tokens.unsubscribe_token(erased.person_id)}/",
    ]  # fmt: skip
    for path in paths:
        assert getattr(client, method)(path).status_code == 404, path
    assert counts() == before


@pytest.mark.parametrize("act", ["stop", "undo", "save", "track", "object", "score", "export", "erase"])
def test_nothing_is_written_onto_a_tombstone(client, erased, act):
    before = counts()
    client.post(f"/u/{tokens.unsubscribe_token(erased.person_id)}/", {"do": act})
    assert counts() == before


def test_one_click_of_the_erased_is_answered_as_ever(client, erased):
    address = f"/u/{tokens.unsubscribe_token(erased.person_id)}/"
    answer = client.post(address, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.content) == (200, b"Unsubscribed.")


def test_the_yes_of_somebody_merged_is_that_of_who_stayed(client, form):
    stayed = a_lead("stayed@maasland.example").person
    Person.objects.filter(pk=form.person_id).update(merged_into=stayed)
    client.post(f"/confirm/{tokens.confirm_token(form.pk)}/")
    assert ConsentEvent.objects.get(pending=False).person == stayed
    assert Enrolment.objects.get().person == stayed
