"""When a page is seen, in words; and that a campaign for demand never gates."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from campaigns import lifecycle
from campaigns.errors import Refused
from campaigns.models import Asset, AssetKind, Campaign, Channel, FormField, LandingPage

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def a_draft(**columns):
    page = LandingPage.objects.create(slug="paper", title="Catch it", **({"inquiry": "contact"} | columns))
    FormField.objects.create(page=page, maps_to="email")
    return page


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"state": "draft", "publish_from": NOW + DAY}, "draft"),
        ({"state": "archived"}, "archived"),
        ({}, "public"),
        ({"publish_from": NOW + DAY}, "goes public on 19 November 2026, 13:00"),
        ({"publish_until": NOW + DAY}, "public until 19 November 2026, 13:00"),
        ({"publish_from": NOW - DAY, "publish_until": NOW - DAY}, "ended on 17 November 2026, 13:00"),
    ],
)
def test_a_page_says_when_it_is_seen(columns, words):
    assert lifecycle.standing(LandingPage(**{"state": "published", **columns}), at=NOW) == words


@pytest.mark.parametrize(
    "window",
    [{"publish_until": NOW - DAY}, {"publish_from": NOW + 2 * DAY, "publish_until": NOW + DAY}],
)
def test_a_page_is_not_published_into_a_time_that_never_comes(window):
    with pytest.raises(Refused) as no:
        lifecycle.publish_page(page=a_draft(**window), by=None, at=NOW)
    assert "ends before it begins" in no.value.missing[0]


def test_a_page_may_be_published_before_its_time():
    page = lifecycle.publish_page(page=a_draft(publish_from=NOW + DAY), by=None, at=NOW)
    assert lifecycle.standing(page, at=NOW).startswith("goes public")
    assert not LandingPage.objects.public(at=NOW).exists()
    assert LandingPage.objects.public(at=NOW + DAY).exists()


@pytest.fixture
def demand():
    return Campaign.objects.create(
        name="Demand", slug="demand", utm_campaign="demand", objective="demand_generation",
        channel=Channel.objects.get(slug="content"),
    )  # fmt: skip


def a_paper(gated):
    kind = AssetKind.objects.get(slug="white-paper")
    return Asset.objects.create(title="Paper", slug="paper", kind=kind, gated=gated, body="<p>x</p>")


def test_a_campaign_for_demand_does_not_publish_a_gated_piece(demand):
    page = a_draft(asset=a_paper(gated=True), campaign=demand)
    with pytest.raises(Refused) as no:
        lifecycle.publish_page(page=page, by=None, at=NOW)
    assert "never gates" in no.value.missing[0]


@pytest.fixture
def open_page(demand):
    page = a_draft(asset=a_paper(gated=False), campaign=demand)
    return lifecycle.publish_page(page=page, by=None, at=NOW)


def test_its_open_piece_cannot_be_gated_behind_its_back(open_page):
    open_page.asset.gated = True
    assert "Catch it" in lifecycle.gates_demand(asset=open_page.asset)
    lifecycle.archive_page(page=open_page, by=None, at=NOW)
    assert lifecycle.gates_demand(asset=open_page.asset) == ""


def test_a_campaign_whose_page_gates_cannot_become_one_for_demand(open_page, demand):
    Asset.objects.update(gated=True)
    assert lifecycle.gates_demand(campaign=demand)
    Asset.objects.update(gated=False)
    assert lifecycle.gates_demand(campaign=demand) == ""


def test_the_admin_says_so_at_the_box(open_page, maya, client):
    client.force_login(maya)
    asset = open_page.asset
    post = {
        "title": asset.title, "slug": asset.slug, "kind": asset.kind_id, "audience": "public", "gated": "on",
        "journey_stage": "awareness", "language": "en", "body": asset.body,
    }  # fmt: skip
    html = client.post(reverse("admin:campaigns_asset_change", args=[asset.pk]), post).content.decode()
    assert "A campaign for demand never gates: see the page “Catch it”." in html
    asset.refresh_from_db()
    assert not asset.gated
