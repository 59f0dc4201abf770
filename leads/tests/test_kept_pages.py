"""A landing page from the process's own memory: the same page, a nonce of one's own, and the visit is counted."""

import re
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import pages
from campaigns.models import LandingPage, PageTest
from leads import hits, nonce
from leads.models import Hit
from leads.tests.builders import a_page
from leads.views import kept_pages

pytestmark = pytest.mark.django_db
PATH = "/p/bearing-paper/"


@pytest.fixture(autouse=True)
def kept(settings):
    settings.KEEP_SECONDS = 60
    kept_pages.forget()
    yield
    kept_pages.forget()
    pages._page_at.forget()
    hits._waiting.clear()  # what one test left to be written later points at rows that are gone


def nonce_of(response):
    return re.search(r'name="nonce" value="([^"]+)"', response.content.decode())[1]


def without_nonce(response):
    return response.content.decode().replace(nonce_of(response), "")


def test_the_second_visitor_gets_the_same_page_without_a_query(client, django_assert_num_queries, settings):
    settings.HIT_SECONDS = 60
    a_page()
    first = client.get(PATH)
    with django_assert_num_queries(0):
        second = client.get(PATH)
    assert without_nonce(first) == without_nonce(second)
    assert dict(first.headers) | {"Content-Length": ""} == dict(second.headers) | {"Content-Length": ""}
    assert second["Content-Length"] == str(len(second.content))


def test_each_has_a_nonce_of_their_own_that_is_valid(client):
    page = a_page()
    found = [nonce.read(nonce_of(client.get(PATH))) for _ in range(3)]
    assert len({shown.word for shown in found}) == 3
    assert all(shown.word and shown.texts == (page.consent_text_id,) for shown in found)


def test_every_visit_is_counted_and_who_does_not_want_to_is_not(client):
    page = a_page()
    for _ in range(3):
        client.get(f"{PATH}?utm_campaign={page.campaign.utm_campaign}")
    client.get(PATH, headers={"Sec-GPC": "1"})
    assert (
        list(Hit.objects.values_list("page", "campaign", "utm_campaign"))
        == [(page.pk, page.campaign_id, page.campaign.utm_campaign)] * 3
    )


def test_links_carry_on_each_visitors_own_campaign(client):
    a_page()
    client.get(f"{PATH}?utm_source=first")
    html = client.get(f"{PATH}?utm_source=second").content.decode()
    assert "utm_source=second" in html
    assert "utm_source=first" not in html


def test_a_page_of_ones_own_is_never_kept_nor_taken_from_here(client):
    a_page()
    client.get(f"{PATH}?email=a@maasland.example")
    assert "a@maasland.example" not in client.get(PATH).content.decode()
    own = client.get(f"{PATH}?email=b@maasland.example")
    assert "b@maasland.example" in own.content.decode()
    assert "no-store" in own["Cache-Control"]


def test_under_a_name_that_is_not_ours_it_is_refused_like_any_page(client):
    a_page()
    statuses = [
        client.get(PATH, headers={"Host": host}).status_code for host in ("testserver", "evil.example")
    ]
    assert statuses == [200, 400]


def test_a_page_whose_time_is_over_is_gone_at_once(client, monkeypatch):
    page = a_page(publish_until=timezone.now() + timedelta(hours=1))
    assert client.get(PATH).status_code == 200
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert client.get(PATH).status_code == 410
    assert page.pk


def test_what_marketing_changed_is_seen_when_the_time_is_up(client, monkeypatch):
    page = a_page()
    client.get(PATH)
    LandingPage.objects.filter(pk=page.pk).update(title="New words")
    assert "New words" not in client.get(PATH).content.decode()
    now = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: now + 61)
    assert "New words" in client.get(PATH).content.decode()


def test_while_two_wordings_are_tested_nothing_is_kept(client):
    page = a_page()
    PageTest.objects.create(page=page, title="Other words", state="running", started_at=timezone.now())
    client.get(PATH)
    assert not kept_pages._kept


def test_a_post_and_a_page_with_errors_go_their_own_way(client):
    a_page()
    client.get(PATH)
    answer = client.post(PATH, {"email": "nothing"})
    assert answer.status_code == 422
    assert "no-store" in answer["Cache-Control"]
    assert client.get(PATH).status_code == 200
