"""Reading in place: seconds in view and depth, of a person only by their own link and with their consent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from leads import tokens
from leads.consent import TRACKING, record_consent
from leads.judging import judge_due, rejudge
from leads.models import Hit, LeadScore, Touch
from leads.tests.builders import NOON, a_lead, an_asset

pytestmark = pytest.mark.django_db
BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
)


@pytest.fixture
def article():
    piece = an_asset("article", gated=False)
    piece.body = "<p>Push it in.</p>"
    piece.save()
    return piece


@pytest.fixture
def reader():
    person = a_lead().person
    record_consent(person=person, purpose=TRACKING, given=True, at=NOON)
    return person


@pytest.fixture
def read(client):
    """Open the piece and tell how long and how deep, as the script does."""

    def read(*views, person=None, agent=BROWSER):
        me = tokens.person_token(person.pk) if person else None
        client.get("/r/article/" + (f"?me={me}" if me else ""), headers={"User-Agent": agent})
        for seconds, depth in views:
            told = {"kind": "view", "asset": "article", "seconds": seconds, "depth": depth, "me": me}
            headers = {"User-Agent": agent, "Origin": "http://testserver"}
            client.post("/t/", told, content_type="application/json", headers=headers)
        judge_due(at=timezone.now() + timedelta(minutes=1))

    return read


def test_the_page_of_an_open_piece_tells_by_a_script_of_its_own(client, article):
    html = client.get("/r/article/").content.decode()
    assert 'data-asset="article"' in html
    assert "/static/js/read.js" in html


def test_a_persons_reading_is_one_touch_with_time_and_depth(article, reader, read):
    read((30, 40), (25, 80), person=reader)
    touch = Touch.objects.get()
    assert (touch.kind, touch.person, touch.asset, touch.seconds, touch.depth) == (
        "read",
        reader,
        article,
        55,
        80,
    )


def test_beacons_that_come_later_are_added_and_the_score_becomes_due(article, reader, read, client):
    read((30, 40), person=reader)
    LeadScore.objects.update(dirty_at=None)
    headers = {"User-Agent": BROWSER, "Origin": "http://testserver"}
    told = {
        "kind": "view",
        "asset": "article",
        "seconds": 60,
        "depth": 100,
        "me": tokens.person_token(reader.pk),
    }
    client.post("/t/", told, content_type="application/json", headers=headers)
    judge_due(at=timezone.now() + timedelta(minutes=1))
    assert (Touch.objects.get().seconds, Touch.objects.get().depth) == (90, 100)
    assert LeadScore.objects.get().dirty_at


def test_two_readings_keep_their_own_time(article, reader, read):
    read((30, 40), person=reader)
    read((5, 10), person=reader)
    assert sorted(Touch.objects.values_list("seconds", "depth")) == [(5, 10), (30, 40)]


def test_judging_again_changes_nothing(article, reader, read):
    read((30, 40), person=reader)
    rejudge(at=timezone.now())
    assert (Touch.objects.get().seconds, Touch.objects.get().depth) == (30, 40)


@pytest.mark.parametrize("said", [False, None])
def test_without_consent_the_reading_is_nobodys(article, read, said):
    person = a_lead().person
    if said is not None:
        record_consent(person=person, purpose=TRACKING, given=said, at=NOON)
    read((30, 40), person=person)
    assert not Touch.objects.exists()
    assert Hit.objects.filter(person=None, kind="view").count() == 1


def test_an_anonymous_reading_is_nobodys(article, reader, read):
    read((30, 40))
    assert not Touch.objects.exists()


def test_a_machines_beacon_adds_nothing(article, reader, read):
    read(person=reader)
    read((500, 100), person=reader, agent="python-requests/2.32")
    assert (Touch.objects.get().seconds, Touch.objects.get().depth) == (None, None)
