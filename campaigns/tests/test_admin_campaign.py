"""A marketer's campaign page: the UTM set makes itself, links are ready to copy."""

from __future__ import annotations

import pytest
from django.urls import reverse

from campaigns.models import Asset, AssetKind, Campaign, Channel, LandingPage, ShortLink
from campaigns.utm import made_for

NO_PARTS = {
    f"{part}-{field}": "0"
    for part in ("spend", "short_links", "offers")
    for field in ("TOTAL_FORMS", "INITIAL_FORMS")
}


@pytest.fixture
def channel(db):
    return Channel.objects.get_or_create(slug="paid-search", defaults={"name": "Paid search"})[0]


def typed(channel, **more):
    return {
        "name": "Bearing white paper",
        "slug": "bearing",
        "channel": channel.pk,
        "objective": "lead_generation",
        "budget": "12000",
        **NO_PARTS,
        **more,
    }


def test_a_campaign_gets_its_utm_set_by_itself(maya, client, channel):
    client.force_login(maya)
    client.post(reverse("admin:campaigns_campaign_add"), typed(channel))
    campaign = Campaign.objects.get()
    assert (campaign.utm_source, campaign.utm_medium, campaign.utm_campaign) == ("google", "cpc", "bearing")


def test_what_the_marketer_typed_stays(maya, client, channel):
    client.force_login(maya)
    client.post(reverse("admin:campaigns_campaign_add"), typed(channel, utm_source="bing"))
    assert Campaign.objects.get().utm_source == "bing"


def test_two_campaigns_never_share_a_utm_campaign(maya, client, channel):
    Campaign.objects.create(name="Old", slug="old", channel=channel, utm_campaign="bearing")
    client.force_login(maya)
    client.post(reverse("admin:campaigns_campaign_add"), typed(channel))
    assert Campaign.objects.get(slug="bearing").utm_campaign == "bearing-2"


def test_a_channel_without_a_line_gives_its_own_name():
    assert made_for(channel="podcast", slug="x")["utm_source"] == "podcast"


def test_the_page_shows_links_to_copy(maya, client, channel):
    campaign = Campaign.objects.create(name="Bearing", slug="b", channel=channel, utm_campaign="b")
    LandingPage.objects.create(slug="bearing", title="Bearing", campaign=campaign)
    ShortLink.objects.create(code="fair", campaign=campaign, target="/p/bearing/")
    client.force_login(maya)
    shown = client.get(reverse("admin:campaigns_campaign_change", args=[campaign.pk])).content.decode()
    assert "/p/bearing/?utm_campaign=b" in shown
    assert "/go/fair/" in shown


def test_an_asset_is_archived_and_brought_back_from_the_list(maya, client):
    kind = AssetKind.objects.create(name="Notes", slug="notes")
    asset = Asset.objects.create(title="Bearings", slug="bearings", kind=kind)
    client.force_login(maya)
    url = reverse("admin:campaigns_asset_changelist")
    client.post(url, {"action": "archive", "_selected_action": [asset.pk]})
    asset.refresh_from_db()
    assert asset.archived_at
    client.post(url, {"action": "bring_back", "_selected_action": [asset.pk]})
    asset.refresh_from_db()
    assert asset.archived_at is None
