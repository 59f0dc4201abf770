"""The API's door: the page's checks and rows, errors in one shape, one effect for one key (RELIABILITY P1, P4, C7)."""

import json

import pytest
from django.test import Client

from campaigns.models import EmbedSite
from leads.models import ConsentEvent, Lead, Message, Submission
from leads.tests.builders import a_page

pytestmark = pytest.mark.django_db
MIRA = {"email": "mira@brackwerk.example", "first_name": "Mira"}


@pytest.fixture
def page():
    return a_page()


def send(body, slug="bearing-paper", **headers):
    strict = Client(enforce_csrf_checks=True)
    return strict.post(f"/api/v1/capture/{slug}/", json.dumps(body), "application/json", headers=headers)


def test_json_makes_a_lead_and_says_when_it_was_received(page):
    response = send(MIRA | {"consents": {"marketing": True}})
    assert response.status_code == 201
    submission = Submission.objects.get()
    assert response.json()["received_at"] == submission.at.isoformat()
    assert (submission.door, Lead.objects.get().person.first_name) == ("api", "Mira")
    assert ConsentEvent.objects.get().purpose == "marketing"


def test_a_plain_form_works_too(page):
    response = Client().post(
        "/api/v1/capture/bearing-paper/",
        "email=mira%40brackwerk.example&consents=marketing",
        "application/x-www-form-urlencoded",
    )
    assert response.status_code == 201
    assert ConsentEvent.objects.count() == 1


def test_no_consent_is_taken_that_was_not_named(page):
    send(MIRA)
    send(MIRA | {"email": "jonna@tolvar.example", "consents": {"marketing": False}})
    assert Lead.objects.count() == 2
    assert not ConsentEvent.objects.exists()


def test_unknown_fields_are_listed_and_nothing_is_kept(page):
    response = send(MIRA | {"score": 99, "owner": "me", "consents": {"everything": True}})
    assert response.status_code == 400
    assert response.json()["error"]["fields"] == {"consents.everything": ["There is no such purpose."]}
    response = send(MIRA | {"score": 99, "owner": "me"})
    assert set(response.json()["error"]["fields"]) == {"score", "owner"}
    assert not Submission.objects.exists()


def test_a_consent_that_the_form_does_not_ask_for_is_unknown(page):
    response = send(MIRA | {"consents": {"tracking": True}})
    assert set(response.json()["error"]["fields"]) == {"consents.tracking"}


def test_an_address_that_cannot_work_is_named_with_what_helps(page):
    response = send({"email": "mira@brackwerk"})
    assert response.status_code == 422
    error = response.json()["error"]
    assert error["code"] == "invalid"
    assert "stops too early" in error["fields"]["email"][0]


@pytest.mark.parametrize(
    "body", ['{"email": ', "[]", '"text"', '{"email": {"a": 1}}', '{"consents": 7}', "null"]
)
def test_what_is_no_form_is_refused_in_the_same_shape(page, body):
    response = Client().post("/api/v1/capture/bearing-paper/", body, "application/json")
    assert response.status_code == 400
    assert set(response.json()["error"]) == {"code", "message", "fields"}


def test_a_page_that_is_not_there_and_another_method_are_told_in_the_same_shape(page):
    assert send(MIRA, slug="nothing").json()["error"]["code"] == "not_found"
    response = Client().get("/api/v1/capture/bearing-paper/")
    assert (response.status_code, response.json()["error"]["code"]) == (405, "method_not_allowed")


def test_the_same_key_and_body_have_one_effect_and_one_answer(page):
    first = send(MIRA, **{"Idempotency-Key": "a1"})
    second = send(MIRA, **{"Idempotency-Key": "a1"})
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert (Submission.objects.count(), Message.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "other", [{"first_name": "Jonna"}, {"email": "jonna@tolvar.example"}, {"consents": ["marketing"]}]
)
def test_the_same_key_with_another_body_is_refused(page, other):
    send(MIRA, **{"Idempotency-Key": "a1"})
    response = send(MIRA | other, **{"Idempotency-Key": "a1"})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "key_reused")
    assert Submission.objects.count() == 1


def test_the_campaign_of_the_address_counts(page):
    send(MIRA | {"url": "https://partner.example/a?utm_campaign=bearing-paper&utm_source=x&gclid=1"})
    submission = Submission.objects.get()
    assert (submission.utm_source, submission.click_id_kind) == ("x", "gclid")


def test_a_site_that_may_show_the_form_may_send_it_and_read_the_answer(page):
    site = EmbedSite.objects.create(name="Partner", origins="https://partner.example")
    site.pages.add(page)
    response = send(MIRA, origin="https://partner.example")
    assert response.status_code == 201
    assert response["Access-Control-Allow-Origin"] == "https://partner.example"
    assert Submission.objects.get().site == site


def test_any_other_site_is_turned_away(page):
    EmbedSite.objects.create(name="Partner", origins="https://partner.example")
    for origin in ("https://partner.example", "https://evil.example", "null"):
        response = send(MIRA, origin=origin)
        assert response.status_code == 403
        assert "Access-Control-Allow-Origin" not in response
    assert not Submission.objects.exists()


def test_a_browser_may_ask_first(page):
    site = EmbedSite.objects.create(name="Partner", origins="https://partner.example")
    site.pages.add(page)
    response = Client().options(
        "/api/v1/capture/bearing-paper/", headers={"origin": "https://partner.example"}
    )
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "https://partner.example"
    assert "Idempotency-Key" in response["Access-Control-Allow-Headers"]


def test_too_many_are_told_when_to_come_back(page, settings):
    settings.FORMS_PER_ADDRESS = 2
    answers = [send(MIRA | {"email": f"m{n}@brackwerk.example"}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 429, 429]
    assert int(answers[-1]["Retry-After"]) >= 60
    assert Lead.objects.count() == 2


def test_a_post_never_acts_as_the_colleague_who_is_signed_in(page, maya):
    browser = Client()
    browser.force_login(maya)
    browser.post("/api/v1/capture/bearing-paper/", json.dumps(MIRA), "application/json")
    assert Submission.objects.get().by is None
