"""Passing a piece on: one's own link, and a referral touch of both people, each once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leads import tokens
from leads.consent import TRACKING, record_consent
from leads.judging import judge_due
from leads.models import Person, ShareLink, Submission, Touch
from leads.sharing import refer_due
from leads.tests.builders import NOON, a_lead, a_page, an_asset, submitted

pytestmark = pytest.mark.django_db
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def article():
    piece = an_asset("article", gated=False)
    piece.body = "<p>Push it in.</p>"
    piece.save()
    return piece


@pytest.fixture
def sharer():
    return a_lead().person


def at_a(agent, **more):
    """Somebody else's browser."""
    return Client(headers={"User-Agent": agent, **more})


def shared(client, person, piece):
    """The sharer presses Share on a page opened by their own link; returns the address to pass on."""
    answer = client.post(f"/share/{piece.slug}/", {"me": tokens.person_token(person.pk)})
    return f"/r/{piece.slug}/?via={ShareLink.objects.get(person=person, asset=piece).code}", answer


def settled():
    now = timezone.now() + timedelta(minutes=1)
    judge_due(at=now)
    return refer_due(at=now)


def test_on_ones_own_page_the_press_makes_ones_own_link_once(article, sharer):
    client = at_a(CHROME)
    html = client.get(f"/r/article/?me={tokens.person_token(sharer.pk)}").content.decode()
    assert '<form method="post" action="/share/article/">' in html
    for _ in range(2):
        address, answer = shared(client, sharer, article)
    assert ShareLink.objects.count() == 1
    page = client.get(answer["Location"]).content.decode()
    assert f'value="http://127.0.0.1:8000{address}"' in page
    assert "mailto:?subject=" in page
    assert sharer.email not in page


def test_everybody_else_gets_the_plain_address(article):
    client = at_a(CHROME)
    assert 'href="/share/article/"' in client.get("/r/article/").content.decode()
    assert 'value="http://127.0.0.1:8000/r/article/"' in client.get("/share/article/").content.decode()
    client.post("/share/article/", {"me": "forged"})
    assert not ShareLink.objects.exists()


def test_the_thank_you_page_shares_too():
    captured = submitted(a_page(), at=timezone.now())
    token = tokens.thanks_token(captured.submission.pk)
    client = at_a(CHROME)
    assert (
        f'name="thanks" value="{token}"' in client.get(f"/p/bearing-paper/thanks/{token}/").content.decode()
    )
    client.post("/share/paper/", {"thanks": token})
    assert ShareLink.objects.get().person == captured.person


def test_a_newcomers_visit_is_a_referral_touch_of_the_sharer_once(article, sharer):
    address, _answer = shared(at_a(CHROME), sharer, article)
    newcomer = at_a(FIREFOX)
    newcomer.get(address), newcomer.get(address)
    assert settled()["sharers"] == 1
    assert settled()["sharers"] == 0
    touch = Touch.objects.get(person=sharer, kind="referral")
    assert (touch.asset, touch.channel.slug, touch.share.person) == (article, "referral", sharer)


def test_each_newcomer_counts(article, sharer):
    address, _answer = shared(at_a(CHROME), sharer, article)
    at_a(FIREFOX).get(address)
    at_a(FIREFOX.replace("140", "139")).get(address)
    assert settled()["sharers"] == 2


def test_a_machines_look_and_the_sharers_own_count_for_nothing(article, sharer):
    own = at_a(CHROME)
    address, _answer = shared(own, sharer, article)
    own.get(address)
    at_a("LinkedInBot/1.0 (compatible; Mozilla/5.0; +http://www.linkedin.com)").get(address)
    at_a(FIREFOX, **{"Sec-Purpose": "prefetch"}).get(address)
    at_a(FIREFOX, **{"Sec-GPC": "1"}).get(address)
    assert settled() == {"sharers": 0, "newcomers": 0}


def test_a_sharer_who_takes_tracking_back_gets_no_more_touches(article, sharer):
    address, _answer = shared(at_a(CHROME), sharer, article)
    record_consent(person=sharer, purpose=TRACKING, given=False, at=NOON)
    at_a(FIREFOX).get(address)
    assert settled()["sharers"] == 0


def test_a_newcomer_who_sends_a_form_was_referred_at_the_time_of_the_visit():
    sharer = a_lead("anna@maasland.example").person
    page = a_page()
    address, _answer = shared(at_a(CHROME), sharer, page.asset)
    newcomer = at_a(FIREFOX)
    answer = newcomer.get(address)
    assert answer["Location"].startswith("/p/bearing-paper/?via=")
    newcomer.get(answer["Location"])
    newcomer.post(answer["Location"], {"email": "ben@other.example"})
    assert settled() == {"sharers": 1, "newcomers": 1}
    assert settled() == {"sharers": 0, "newcomers": 0}
    ben = Person.objects.get(email_key="ben@other.example")
    visit, form = Touch.objects.filter(person=ben).order_by("at")
    assert [visit.kind, form.kind] == ["referral", "form"]
    assert (form.channel.slug, Submission.objects.get().share.person) == ("referral", sharer)
    ben.lead.refresh_from_db()
    assert ben.lead.first_touch == visit


def test_the_link_goes_along_to_the_next_page(article, sharer):
    page = a_page()
    address, _answer = shared(at_a(CHROME), sharer, article)
    html = at_a(FIREFOX).get(address).content.decode()
    assert f"/p/{page.slug}/?via=" in html


def test_ones_own_link_refers_nobody_to_oneself():
    sharer = a_lead("anna@maasland.example").person
    address, _answer = shared(at_a(CHROME), sharer, a_page().asset)
    at_a(FIREFOX).post(address.replace("/r/paper/", "/p/bearing-paper/"), {"email": "anna@maasland.example"})
    assert settled()["newcomers"] == 0


def test_a_link_says_nothing_and_an_unknown_one_is_harmless(article, sharer):
    _address, answer = shared(at_a(CHROME), sharer, article)
    assert answer["Cache-Control"].startswith("no-store")
    assert at_a(FIREFOX).get("/r/article/?via=nobody2345").status_code == 200
    assert at_a(FIREFOX).get("/share/article/?via=nobody2345").status_code == 200
    assert at_a(FIREFOX).get("/share/nothing/").status_code == 404
