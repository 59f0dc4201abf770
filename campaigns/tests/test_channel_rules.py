"""The ordered table as it is installed, and how long a process keeps it."""

import pytest
from django.db import OperationalError

from campaigns import channels, utm
from campaigns.channels import Origin, find_channel, read_address, read_referrer, same_site
from campaigns.defaults import CHANNELS
from campaigns.models import Campaign, Channel, ChannelRule

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(settings):
    """As in production: the table stays in the process."""
    settings.KEEP_SECONDS = 60
    channels.forget()
    yield
    channels.forget()


def came(url: str = "", referrer: str = "") -> str:
    read = read_address(f"https://averdahl.example/p/guide/?{url}")
    origin = Origin(
        utm=read.utm,
        click_id_kind=read.click_id_kind,
        referrer=read_referrer(referrer, own_host="averdahl.example"),
    )
    return find_channel(origin).channel.slug


@pytest.mark.parametrize(
    ("query", "referrer", "channel"),
    [
        ("gclid=1&utm_medium=email", "", "paid-search"),
        ("wbraid=1", "https://www.google.com/", "paid-search"),
        ("msclkid=1", "https://www.bing.com/", "paid-search"),
        ("tblci=1", "https://news.example/", "display"),
        ("li_fat_id=1", "https://www.linkedin.com/", "paid-social"),
        ("li_fat_id=1&utm_medium=cpc", "", "paid-search"),
        ("fbclid=1", "https://l.facebook.com/", "social"),
        ("fbclid=1&utm_medium=paid_social", "https://l.facebook.com/", "paid-social"),
        ("fbclid=1&utm_medium=newsletter", "", "email"),
        ("utm_source=Taboola", "", "display"),
        ("utm_source=chatgpt.com", "https://chatgpt.com/", "unknown"),
        ("", "https://chatgpt.com/", "referral"),
        ("", "https://www.google.co.uk/search", "organic-search"),
        ("", "https://google.evil.works.example/", "referral"),
        ("", "https://mail.google.com/mail/u/0/", "email"),
        ("", "android-app://com.google.android.gm/", "email"),
        ("", "android-app://com.linkedin.android/", "social"),
        ("", "https://docs.google.com/document/", "referral"),
        ("", "https://de.search.yahoo.com/search", "organic-search"),
        ("", "https://webmail.maasland.example/", "email"),
        ("", "https://old.reddit.com/r/bearings", "social"),
        ("", "https://www.wlw.de/de/suche", "directory"),
        ("", "https://averdahl.example/r/paper/", "direct"),
        ("", "javascript:alert(1)", "direct"),
        ("", "https://[broken", "direct"),
        ("utm_medium=Partner", "", "partner"),
    ],
)
def test_the_installed_table_knows_where_people_come_from(query, referrer, channel):
    assert came(query, referrer) == channel


def test_what_a_campaigns_own_links_say_is_read_back_as_its_channel():
    for slug in CHANNELS.keys() & utm.BY_CHANNEL.keys():
        made = utm.made_for(channel=slug, slug="spring")
        assert came("&".join(f"{key}={value}" for key, value in made.items())) == slug


def test_a_line_moved_up_wins():
    assert came("utm_medium=email&utm_source=linkedin") == "email"
    ChannelRule.objects.filter(words__contains="linkedin,", field="utm_source").update(order=1)
    assert came("utm_medium=email&utm_source=linkedin") == "social"


def test_a_domain_without_its_end_stands_for_all_its_countries_and_for_nothing_else():
    assert same_site("www.google.de", "google.") and same_site("google.co.uk", "google.")
    assert not same_site("notgoogle.de", "google.") and not same_site("google.a.b.example", "google.")


def test_a_kept_table_costs_no_query(kept, django_assert_num_queries):
    assert came("utm_medium=email") == "email"
    with django_assert_num_queries(0):
        assert came("gclid=1") == "paid-search"
        assert came("utm_campaign=nothing") == "unknown"


def test_a_kept_table_grows_old(kept, settings):
    assert came("utm_medium=podcast-ad") == "unknown"
    Campaign.objects.create(
        name="Pod", slug="pod", utm_campaign="pod", channel=Channel.objects.get(slug="content")
    )
    assert came("utm_campaign=pod") == "unknown"
    settings.KEEP_SECONDS = 1e-9
    assert came("utm_campaign=pod") == "content"


def test_while_the_database_is_away_the_last_table_serves(kept, settings, monkeypatch):
    came("gclid=1")
    settings.KEEP_SECONDS = 1e-9

    def away(key):
        raise OperationalError("gone")

    monkeypatch.setattr(channels._kept, "_load", away)
    assert came("gclid=1") == "paid-search"
