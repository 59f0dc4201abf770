"""Short links and UTM sets lead where they say, and never to something a browser would run."""

import pytest

from campaigns.links import is_safe_target, resolve, short_target, utm_url
from campaigns.models import Campaign, Channel, ShortLink


def a_campaign(**columns):
    return Campaign(utm_source="linkedin", utm_medium="social", utm_campaign="bearings", **columns)


def test_a_page_address_gets_the_campaigns_utm_set():
    assert utm_url("/p/paper/", a_campaign()) == (
        "/p/paper/?utm_source=linkedin&utm_medium=social&utm_campaign=bearings"
    )


def test_what_the_address_already_says_stays():
    assert "utm_source=fair" in utm_url("/p/paper/?utm_source=fair", a_campaign())


@pytest.mark.parametrize(
    "target", ["/", "/p/paper/?a=1#b", "https://example.org/x?y=%20", "http://example.org"]
)
def test_paths_of_ours_and_http_addresses_are_targets(target):
    assert is_safe_target(target)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org",
        "https://",
        "https://example.org/\r\nSet-Cookie: a=b",
        "p/paper",
    ],
)
def test_nothing_else_is(target):
    assert not is_safe_target(target)


def test_a_short_link_to_another_site_is_kept_exactly():
    link = ShortLink(campaign=a_campaign(), target="https://example.org/?b=2&a=1")
    assert short_target(link) == "https://example.org/?b=2&a=1"


@pytest.mark.django_db
def test_an_unknown_code_resolves_to_nothing():
    campaign = a_campaign(name="Bearings", slug="bearings", channel=Channel.objects.get(slug="social"))
    campaign.save()
    link = ShortLink.objects.create(code="fair", campaign=campaign, target="/")
    assert resolve("fair") == link
    assert resolve("nope") is None
