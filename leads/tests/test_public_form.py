"""The landing page's form: what was typed stays, errors stand at their field, machines learn nothing."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from campaigns.models import AssetKind, FormField
from leads.consent import suppress
from leads.forms import CaptureForm, plain
from leads.models import Lead, Message, Person, Submission
from leads.nonce import make
from leads.tests.builders import NOON, a_lead, a_page, an_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return a_page()


@pytest.fixture
def nonce():
    """Of a form that was shown a minute ago."""
    with time_machine.travel(NOON - timedelta(minutes=1)):
        return make()


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON):
        yield


def address(page):
    return reverse("landing", args=[page.slug])


def send(client, page, nonce="", **typed):
    typed = {"email": "mira@brackwerk.example", "first_name": "Mira", "nonce": nonce, **typed}
    return client.post(address(page), typed)


def test_a_valid_form_answers_303_to_the_thank_you_page_and_makes_a_lead(client, page, nonce):
    response = send(client, page, nonce)
    assert response.status_code == 303
    assert response["Location"].startswith(f"/p/{page.slug}/thanks/")
    assert Lead.objects.get().person.email == "mira@brackwerk.example"


def test_a_wrong_address_keeps_everything_that_was_typed(client, page, nonce):
    response = send(client, page, nonce, email="mira@brackwerk", company="Brackwerk Paper", consent="on")
    html = response.content.decode()
    assert response.status_code == 422
    for typed in ('value="mira@brackwerk"', 'value="Mira"', 'value="Brackwerk Paper"', f'value="{nonce}"'):
        assert typed in html
    assert "checked" in html
    assert not Person.objects.exists()


def test_an_error_stands_at_its_field_in_the_summary_and_in_the_title(client, page, nonce):
    html = send(client, page, nonce, email="mira@brackwerk").content.decode()
    assert "<title>Error: " in html
    assert '<a href="#id_email">Work e-mail: the address has no ending</a>' in html
    assert 'id="id_email_error"' in html
    assert 'aria-describedby="id_email_error"' in html
    assert 'aria-invalid="true"' in html


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Please type your e-mail address."),
        ("mira", "has no @ sign"),
        ("mira@brackwerk", "stops too early"),
        ("mi ra@brackwerk.example", "no address that mail can reach"),
        ("mïra@brackwerk.example", "no address that mail can reach"),
        ("m" * 250 + "@x.example", "too long"),
    ],
)
def test_a_malformed_address_is_told_what_to_do(client, page, nonce, typed, said):
    assert said in send(client, page, nonce, email=typed).content.decode()


def test_what_is_shown_again_is_escaped(client, page, nonce):
    html = send(client, page, nonce, email='"><script>alert(1)</script>').content.decode()
    assert "<script>" not in html


def test_a_form_without_any_field_comes_back_and_never_breaks(client, page):
    response = client.post(address(page), {})
    assert response.status_code == 422
    assert b"Please type your e-mail address." in response.content


def test_control_characters_and_odd_unicode_are_taken_out():
    assert plain("Mi\x00ra\x1b\u200e\ud800 ") == "Mira\u200e"
    assert plain("Zu\u0308rich") == "Z\u00fcrich"
    assert plain("one\r\ntwo\x07", keep_lines=True) == "one\ntwo"


def test_nul_bytes_in_a_form_are_no_error(client, page, nonce):
    assert send(client, page, nonce, first_name="Mi\x00ra").status_code == 303
    assert Person.objects.get().first_name == "Mira"


def test_a_filled_trap_gets_the_same_answer_and_makes_no_lead(client, page, nonce):
    response = send(client, page, nonce, website="https://spam.example")
    assert response.status_code == 303
    assert client.get(response["Location"]).status_code == 200
    assert Submission.objects.get().reasons == "honeypot"
    assert not (Person.objects.exists() or Lead.objects.exists() or Message.objects.exists())


def test_a_form_sent_within_three_seconds_is_kept_aside(client, page):
    response = send(client, page, make())
    assert response.status_code == 303
    assert Submission.objects.get().state == Submission.State.QUARANTINED


@pytest.mark.parametrize("nonce", ["", "forged", "a:b:c"])
def test_a_missing_or_forged_nonce_is_no_hindrance(client, page, nonce):
    assert send(client, page, nonce).status_code == 303
    assert Lead.objects.count() == 1


def test_a_page_cached_for_two_days_still_posts(client, page, nonce):
    with time_machine.travel(NOON + timedelta(days=2)):
        assert send(client, page, nonce).status_code == 303
    assert Submission.objects.get().state == Submission.State.ACCEPTED


def test_two_presses_of_the_button_are_one_form(client, page, nonce):
    first, second = send(client, page, nonce), send(client, page, nonce)
    assert first["Location"] == second["Location"]
    assert (Submission.objects.count(), Lead.objects.count(), Message.objects.count()) == (1, 1, 1)


def test_known_unknown_and_suppressed_people_get_answers_that_are_alike(client, page, nonce):
    """RELIABILITY C5: nobody learns from a form whether an address is known."""
    a_lead("known@brackwerk.example", first_name="Someone", company_name="Else")
    suppress(email_key="stopped@brackwerk.example", reason="unsubscribed", at=NOON)
    pages = set()
    for name in ("known", "newone", "stopped"):
        response = send(client, page, nonce, email=f"{name}@brackwerk.example", consent="on")
        html = client.get(response["Location"]).content.decode().replace(f"{name}@", "x@")
        pages.add((response.status_code, re.sub(r'/d/[^/]+/|name="thanks" value="[^"]+"', "a token", html)))
    assert len(pages) == 1


def test_one_cached_page_serves_two_people(client, page, nonce):
    send(client, page, nonce)
    send(client, page, nonce, email="jonna@tolvar.example")
    assert Lead.objects.count() == 2


def test_no_csrf_cookie_is_needed_and_none_is_set(page, nonce):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert not strict.get(address(page)).cookies
    response = send(strict, page, nonce)
    assert response.status_code == 303
    assert not response.cookies


def test_a_post_never_acts_as_the_colleague_who_is_signed_in(client, page, nonce, maya):
    client.force_login(maya)
    send(client, page, nonce)
    move = Lead.objects.get().moves.get()
    assert move.by is None


def test_the_form_has_no_action_so_the_query_string_stays(client, page, nonce):
    html = client.get(f"{address(page)}?utm_source=fair").content.decode()
    form = re.search(r"<form[^>]*data-page[^>]*>", html)
    assert form and "action" not in form[0]
    client.post(f"{address(page)}?utm_source=fair", {"email": "mira@brackwerk.example", "nonce": nonce})
    assert Submission.objects.get().utm_source == "fair"


def test_an_address_in_the_link_fills_the_address_and_nothing_else(client, page):
    response = client.get(f"{address(page)}?email=mira@brackwerk.example&first_name=Mira")
    html = response.content.decode()
    assert 'value="mira@brackwerk.example"' in html
    assert 'value="Mira"' not in html
    assert "no-store" in response["Cache-Control"]


def test_a_page_is_the_same_for_everybody_so_that_caches_may_keep_it(client, page):
    response = client.get(address(page))
    assert "public" in response["Cache-Control"]
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies


def test_consent_is_a_box_that_is_not_ticked_and_not_required(client, page, nonce):
    assert "checked" not in client.get(address(page)).content.decode()
    send(client, page, nonce)
    assert not Person.objects.get().consents.exists()


def test_a_list_field_takes_only_its_own_lines(client, page, nonce):
    FormField.objects.create(page=page, maps_to="industry", choices="Food\nPaper", required=False, order=9)
    assert send(client, page, nonce, industry="Weapons").status_code == 422
    assert send(client, page, nonce, industry="Paper").status_code == 303


def test_the_size_of_a_company_is_a_number_that_rules_can_compare(page):
    FormField.objects.create(page=page, maps_to="company_size", order=9)
    form = CaptureForm({"email": "a@b.example", "company_size": "50"}, page=page)
    assert form.is_valid()
    assert form.answers["company_size"] == "50"


def test_text_longer_than_its_column_is_refused_with_the_limit(client, page, nonce):
    response = send(client, page, nonce, company="x" * 161)
    assert "at most 160 characters" in response.content.decode()


def test_a_page_that_is_no_longer_public_takes_no_form(client, page, nonce):
    page.state = "draft"
    page.save(update_fields=["state"])
    assert send(client, page, nonce).status_code == 404


def test_a_busy_database_keeps_what_was_typed(client, page, nonce, monkeypatch):
    from django.db import OperationalError

    def busy(**kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr("leads.views.sending.capture", busy)
    response = send(client, page, nonce)
    assert response.status_code == 503
    assert 'value="Mira"' in response.content.decode()
    assert "Nothing is lost" in response.content.decode()


def test_a_newsletters_form_shows_the_words_that_sending_it_agrees_to(client):
    newsletter = an_asset("notes")
    newsletter.kind = AssetKind.objects.get(slug="newsletter")
    newsletter.save(update_fields=["kind"])
    page = a_page("notes", asset=newsletter)
    html = client.get(address(page)).content.decode()
    assert page.consent_text.text in html
    assert 'name="consent"' not in html


def test_the_question_where_one_heard_of_us_is_free_or_a_list(page):
    field = FormField.objects.create(page=page, maps_to="heard_from", required=False, order=9)
    assert "<input" in str(CaptureForm(page=page)["heard_from"])
    field.choices = "A colleague\nA fair"
    field.save()
    fresh = type(page).objects.get(pk=page.pk)
    assert '<option value="A fair">A fair</option>' in str(CaptureForm(page=fresh)["heard_from"])


def test_what_was_heard_is_a_fact_beside_the_tracked_source(client, page, nonce):
    FormField.objects.create(page=page, maps_to="heard_from", required=False, order=9)
    sent = {"email": "mira@brackwerk.example", "heard_from": "A podcast", "nonce": nonce}
    client.post(f"{address(page)}?utm_source=google&utm_medium=cpc", sent)
    person = Person.objects.get()
    assert person.facts.get(field="heard_from").value == "A podcast"
    assert person.touches.get().channel.slug == "paid-search"


def test_a_box_asked_to_be_confirmed_counts_once_the_mailbox_has_answered(client, nonce):
    page = a_page("confirmed", double_opt_in=True)
    send(client, page, nonce, consent="on")
    event = Person.objects.get().consents.get()
    assert (event.given, event.pending, event.text) == (True, True, page.consent_text)
    assert Message.objects.filter(kind="opt_in").count() == 1


def test_errors_are_summed_up_in_the_order_of_the_fields(client, page, nonce):
    page.fields.update(required=True)
    html = send(client, page, nonce, email="mira", first_name="").content.decode()
    summary = html.split('id="errors"')[1].split("</div>")[0]
    assert re.findall(r'href="#id_(\w+)"', summary) == ["email", "first_name", "company", "message"]
    assert "autofocus" in html.split('id="errors"')[0][-120:]


def test_a_refusal_for_too_many_keeps_what_was_typed_and_says_when(client, page, nonce, monkeypatch):
    from leads.limits import Refusal

    monkeypatch.setattr("leads.views.sending.allow", lambda **_: Refusal("Too often.", 120, "address"))
    response = send(client, page, nonce)
    assert (response.status_code, response["Retry-After"]) == (429, "120")
    assert 'value="Mira"' in response.content.decode()


@pytest.mark.django_db
def test_a_page_looks_the_same_however_often_a_form_was_wrong(client, settings):
    settings.KEEP_SECONDS = 60
    page = a_page()
    wrong = [client.post(f"/p/{page.slug}/", {"email": "nobody"}).content.decode() for _time in range(3)]
    without_nonce = {re.sub(r'name="nonce" value="[^"]*"', "", one) for one in wrong}
    assert "is-invalid" in wrong[0]
    assert len(without_nonce) == 1


@pytest.mark.django_db
def test_showing_a_form_leaves_nothing_in_the_fields_that_all_forms_share():
    page = a_page()
    for _time in range(2):
        form = CaptureForm(page=page)
        shown = [str(field) for field in form.shown_fields]
        form.shown_fields[0].field.widget.attrs["class"] = "mine"
        assert not any("mine" in html for html in shown)
