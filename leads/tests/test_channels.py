"""Where a visit came from: the first matching line of the table (GLOSSARY: channel)."""

import pytest

from leads.channels import channel_for
from leads.tests.builders import a_campaign
from leads.tracking import VisitContext, visit_from

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("visit", "channel"),
    [
        ({"click_id_kind": "gclid", "utm": {"utm_medium": "email"}}, "paid-search"),
        ({"utm": {"utm_source": "google", "utm_medium": "cpc"}}, "paid-search"),
        ({"utm": {"utm_medium": "Email"}}, "email"),
        ({"click_id_kind": "fbclid"}, "social"),
        ({"referrer": "https://www.google.de/"}, "organic-search"),
        ({"referrer": "https://t.co/x"}, "social"),
        ({"referrer": "https://not.co/x"}, "referral"),
        ({"referrer": "https://notgoogle.example/"}, "referral"),
        ({"utm": {"utm_source": "somewhere"}}, "unknown"),
        ({}, "direct"),
    ],
)
def test_the_table_decides(visit, channel):
    assert channel_for(VisitContext(**visit)).slug == channel


def test_a_campaign_without_a_matching_line_gives_its_own_channel():
    a_campaign("spring", channel="offline-event")
    assert channel_for(VisitContext(utm={"utm_campaign": "spring"})).slug == "offline-event"


def test_only_known_keys_are_read_and_they_are_cut(rf):
    request = rf.get(
        "/p/x/",
        {"utm_source": "a" * 900, "evil": "1", "gclid": "g\x001"},
        HTTP_REFERER="https://b.example/x?secret=1",
    )
    visit = visit_from(request)
    assert len(visit.utm["utm_source"]) == 255 and set(visit.utm) == {"utm_source"}
    assert (visit.click_id_kind, visit.click_id) == ("gclid", "g1")
    assert visit.referrer == "https://b.example/x"


def test_our_own_pages_are_no_referrer(rf):
    assert visit_from(rf.get("/p/x/", HTTP_REFERER="http://testserver/")).referrer == ""


def test_a_visitor_without_a_cookie_is_another_one_tomorrow(rf):
    import time_machine

    request = rf.get("/")
    with time_machine.travel("2026-11-18 12:00"):
        today = visit_from(request).visitor_key
        assert visit_from(request).visitor_key == today
    with time_machine.travel("2026-11-19 12:00"):
        assert visit_from(request).visitor_key != today
