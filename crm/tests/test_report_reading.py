"""How open pieces are read: the numbers equal a count by hand, machines are out, and the admin shows them."""

from datetime import timedelta

import pytest

from crm.reports.reading import reading
from leads.models import Hit, Verdict
from leads.tests.builders import NOON, a_campaign, an_asset

pytestmark = pytest.mark.django_db


def a_hit(kind, asset, key, verdict="human", minutes=0, **columns):
    hit = Hit.objects.create(
        kind=kind, asset=asset, visitor_key=key, at=NOON - timedelta(minutes=minutes), judged=True, **columns
    )
    Verdict.objects.create(hit=hit, version=1, verdict=verdict)
    return hit


@pytest.fixture
def article():
    return an_asset("article", gated=False)


@pytest.fixture
def readers(article):
    """Four readers, of whom three were measured and two came to the end; and a machine."""
    campaign = a_campaign()
    for key, found in (("a", campaign), ("b", campaign), ("c", None), ("d", None)):
        a_hit("read", article, key, campaign=found)
    a_hit("read", article, "a", minutes=5)
    for key, seconds, depth in (("a", 30, 40), ("a", 60, 95), ("b", 20, 30), ("c", 200, 100)):
        a_hit("view", article, key, seconds=seconds, depth=depth)
    a_hit("read", article, "m", verdict="machine")
    a_hit("view", article, "m", verdict="machine", seconds=900, depth=100)
    a_hit("view", article, "without opening", seconds=900, depth=100)
    a_hit("read", article, "long ago", minutes=60 * 24 * 100)


def test_readers_median_and_share_to_the_end(article, readers):
    found = reading(assets=[article.pk], at=NOON)[article.pk]
    assert (found.readers, found.measured, found.seconds, found.to_the_end) == (4, 3, 90, 2)
    assert found.share_to_the_end == pytest.approx(2 / 3)


def test_those_whom_a_campaign_brought(article, readers):
    found = reading(assets=[article.pk], at=NOON, campaign=a_campaign().pk)[article.pk]
    assert (found.readers, found.measured, found.seconds, found.to_the_end) == (2, 2, 55, 1)


def test_nobody_is_no_line(article):
    assert reading(assets=[article.pk], at=NOON) == {}


def test_marketing_sees_it_on_the_asset_and_on_the_campaign(client, maya, article, readers, time_machine):
    time_machine.move_to(NOON)
    client.force_login(maya)
    asset = client.get(f"/admin/campaigns/asset/{article.pk}/change/").content.decode()
    campaign = client.get(f"/admin/campaigns/campaign/{a_campaign().pk}/change/").content.decode()
    assert "1:30 min" in asset
    assert "67 % (2 of 3)" in asset
    assert "0:55 min" in campaign


def test_others_do_not(client, sam, nora, article):
    for user in (sam, nora):
        client.force_login(user)
        assert client.get(f"/admin/campaigns/asset/{article.pk}/change/").status_code in (302, 403)
