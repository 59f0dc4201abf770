"""Somebody who comes by their own signed link is asked only what is missing, and sees nothing that is stored."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from campaigns.models import FormField
from leads import progressive, tokens
from leads.consent import MARKETING, record_consent
from leads.forms import CaptureForm
from leads.models import Fact, Lead, Person, Submission
from leads.nonce import make
from leads.personal_links import with_person
from leads.tests.builders import NOON, a_lead, a_page

pytestmark = pytest.mark.django_db
STORED = ("piet@maasland.example", "Piet", "Maasland Water")


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON):
        yield


@pytest.fixture
def page():
    """Asks e-mail, first name, company and message."""
    return a_page()


@pytest.fixture
def piet():
    """His address and his first name are on file."""
    return a_lead(first_name="Piet").person


def nonce():
    with time_machine.travel(NOON - timedelta(minutes=1)):
        return make()


def own(page, person, query=""):
    return f"{reverse('landing', args=[page.slug])}?{query}me={tokens.person_token(person.pk)}"


def asked(response):
    """Names of the visible inputs."""
    html = response.content.decode().split("<form", 1)[1].split("</form>", 1)[0]
    names = re.findall(r'<(?:input|select|textarea)[^>]*?name="(\w+)"', html)
    return [name for name in names if name not in ("nonce", "website")]


def test_a_stranger_is_asked_all_that_is_not_for_later(client, page):
    FormField.objects.create(page=page, maps_to="phone", later=True, order=8)
    assert asked(client.get(reverse("landing", args=[page.slug]))) == [
        "email", "first_name", "company", "message", "consent",
    ]  # fmt: skip


def test_a_program_may_send_what_is_asked_later(page):
    FormField.objects.create(page=page, maps_to="phone", later=True, order=8)
    form = CaptureForm({"email": "mira@brackwerk.example", "phone": "+41 44 668 18 00"}, page=page)
    assert form.is_valid()
    assert form.answers["phone"] == "+41 44 668 18 00"


def test_a_known_person_is_asked_only_what_is_missing(client, page, piet):
    assert asked(client.get(own(page, piet))) == ["company", "message", "consent"]


def test_nothing_that_is_stored_is_shown_and_no_cache_keeps_the_page(client, page, piet):
    """RELIABILITY C6."""
    Person.objects.filter(pk=piet.pk).update(company_name="Maasland Water")
    response = client.get(own(page, piet))
    html = response.content.decode()
    assert not [value for value in STORED if value in html]
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "Mail goes to the address this link was sent to." in html


def test_a_consent_that_stands_is_not_asked_again(client, page, piet):
    record_consent(person=piet, purpose=MARKETING, given=True, at=NOON)
    assert "consent" not in asked(client.get(own(page, piet)))


def test_an_answer_in_a_fact_counts_as_answered(client, page, piet):
    FormField.objects.create(page=page, maps_to="heard_from", order=8, required=False)
    Fact.objects.create(person=piet, field="heard_from", value="A fair", source="said")
    assert "heard_from" not in asked(client.get(own(page, piet)))


def test_no_more_is_asked_at_once_than_the_page_allows(client, piet):
    page = a_page(most_asked=1)
    assert asked(client.get(own(page, piet))) == ["company", "consent"]


def test_a_required_question_goes_first_when_there_is_no_room(client, piet):
    page = a_page(most_asked=1, inquiry="contact")
    page.fields.filter(maps_to="message").update(required=True)
    assert asked(client.get(own(page, piet))) == ["message", "consent"]


def test_questions_for_later_come_once_the_others_are_answered(client, page, piet):
    FormField.objects.create(page=page, maps_to="phone", later=True, order=8, required=False)
    assert "phone" not in asked(client.get(own(page, piet)))
    Person.objects.filter(pk=piet.pk).update(company_name="Maasland Water")
    assert asked(client.get(own(page, piet))) == ["message", "phone", "consent"]


def test_a_known_person_gets_the_piece_by_one_press(client, page, piet):
    response = client.post(own(page, piet), {"nonce": nonce()})
    assert response.status_code == 303
    submission = Submission.objects.get()
    assert (submission.person, submission.email_key) == (piet, "piet@maasland.example")
    thanks = client.get(response["Location"]).content.decode()
    assert "/d/" in thanks
    assert "piet@" not in thanks


def test_nothing_missing_leaves_one_button(client, page, piet):
    page.fields.exclude(maps_to__in=["email", "first_name"]).delete()
    record_consent(person=piet, purpose=MARKETING, given=True, at=NOON)
    response = client.get(own(page, piet))
    assert asked(response) == []
    assert "there is nothing to fill in" in response.content.decode()


def test_a_question_to_sales_still_needs_what_it_requires(client, piet):
    page = a_page("ask", inquiry="contact")
    page.fields.filter(maps_to="message").update(required=True)
    assert client.post(own(page, piet), {"nonce": nonce()}).status_code == 422
    assert client.post(own(page, piet), {"nonce": nonce(), "message": "How?"}).status_code == 303


def test_what_a_known_person_adds_is_kept(client, page, piet):
    client.post(own(page, piet), {"nonce": nonce(), "company": "Maasland Water"})
    piet.refresh_from_db()
    assert piet.company_name == "Maasland Water"
    assert Lead.objects.count() == 1


def test_two_presses_by_the_own_link_are_one_form(client, page, piet):
    sent = {"nonce": nonce(), "company": "Maasland Water"}
    first, second = client.post(own(page, piet), sent), client.post(own(page, piet), sent)
    assert first["Location"] == second["Location"]
    assert Submission.objects.count() == 1


def test_not_you_leads_to_the_plain_form_and_keeps_the_campaign(client, page, piet):
    html = client.get(own(page, piet, "utm_source=fair&")).content.decode()
    assert f'<a href="/p/{page.slug}/?utm_source=fair">Not you?</a>' in html


@pytest.mark.parametrize("token", ["forged", "", "1:x:y"])
def test_a_forged_token_shows_the_plain_form(client, page, piet, token):
    response = client.get(f"{reverse('landing', args=[page.slug])}?me={token}")
    assert "email" in asked(response)
    assert "no-store" in response["Cache-Control"]


def test_a_token_of_another_purpose_opens_nothing(client, page, piet):
    token = tokens.unsubscribe_token(piet.pk)
    assert "email" in asked(client.get(f"{reverse('landing', args=[page.slug])}?me={token}"))


def test_a_link_ends_after_thirty_days(client, page, piet):
    link = own(page, piet)
    with time_machine.travel(NOON + timedelta(days=29)):
        assert "email" not in asked(client.get(link))
    with time_machine.travel(NOON + timedelta(days=31)):
        assert "email" in asked(client.get(link))


def test_the_link_of_somebody_erased_is_a_strangers(client, page, piet):
    Person.objects.filter(pk=piet.pk).update(erased_at=NOON)
    assert "email" in asked(client.get(own(page, piet)))


def test_the_link_of_a_merged_person_is_that_of_who_stayed(client, page, piet):
    other = Person.objects.create(email_key="p@maasland.example", company_name="X", first_name="P")
    Person.objects.filter(pk=piet.pk).update(merged_into=other)
    assert asked(client.get(own(page, piet))) == ["message", "consent"]


def test_a_field_shown_a_moment_ago_is_taken_although_it_is_known_by_now(page, piet):
    Person.objects.filter(pk=piet.pk).update(company_name="Maasland")
    known = progressive.known(Person.objects.get(pk=piet.pk))
    form = CaptureForm({"company": "Maasland Water"}, page=page, known=known)
    assert form.is_valid()
    assert form.answers == {"company": "Maasland Water"}


@pytest.mark.parametrize(
    ("target", "changed"),
    [
        ("/p/bearing-paper/?a=1%20x#form", True),
        ("/r/guide/", True),
        ("/", False),
        ("/p/bearing-paper/thanks/x/", False),
        ("https://elsewhere.example/p/bearing-paper/", False),
        ("//elsewhere.example/p/bearing-paper/", False),
        ("mailto:a@b.example", False),
    ],
)
def test_only_pages_of_ours_learn_whose_link_it_was(target, changed, piet):
    made = with_person(target, piet.pk)
    if not changed:
        assert made == target
    else:
        path, _mark, token = made.partition("me=")
        assert path.rstrip("?&") == target.partition("#")[0]
        assert tokens.read_person(token.partition("#")[0]) == piet.pk


def test_a_page_of_ours_by_its_whole_address_is_ours(settings, piet):
    assert "me=" in with_person(f"{settings.BASE_URL}/p/bearing-paper/", piet.pk)
