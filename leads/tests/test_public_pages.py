"""Public pages answer everybody alike, count what was looked at, and change nothing on GET."""

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from campaigns.models import AssetKind, ShortLink
from leads.models import Hit, Submission
from leads.tests.builders import NOON, a_campaign, a_page, an_asset

pytestmark = pytest.mark.django_db


def run_in_place(html: str) -> list[str]:
    """Scripts written into a page; those of files are told by their `src`, data for search engines by its type."""
    return re.findall(r"<script(?![^>]*(?: src=| type=.application/ld\+json))[^>]*>", html)


@pytest.fixture
def article():
    piece = an_asset("article", gated=False)
    piece.body, piece.kind = "<p>Push it in.</p><script>x</script>", AssetKind.objects.get(slug="article")
    piece.save()
    return piece


def test_the_library_shows_pieces_and_sets_no_cookie(client, article):
    response = client.get("/")
    assert article.title in response.content.decode()
    assert not response.cookies
    assert response["Content-Type"].startswith("text/html")


def test_an_empty_library_says_what_will_be_here(client):
    assert "The first piece is being written" in client.get("/").content.decode()


def test_a_search_without_a_find_offers_the_way_back(client, article):
    html = client.get("/?q=zebra").content.decode()
    assert "Nothing here fits" in html
    assert "“zebra”" in html


@pytest.mark.parametrize(
    "query", ["?q=%00", "?q=" + "x" * 3000, "?topic='--", "?page=-1", "?q=<script>alert(1)"]
)
def test_strange_filters_are_no_error(client, article, query):
    response = client.get("/" + query)
    assert response.status_code == 200
    assert b"<script>alert" not in response.content


def test_an_open_piece_is_read_in_place_and_counted(client, article):
    html = client.get(f"/r/{article.slug}/").content.decode()
    assert "<p>Push it in.</p>" in html
    assert not run_in_place(html)
    assert Hit.objects.get().kind == Hit.Kind.READ


def test_a_gated_piece_leads_to_its_form(client):
    page = a_page()
    response = client.get(f"/r/{page.asset.slug}/")
    assert (response.status_code, response["Location"]) == (302, f"/p/{page.slug}/")
    assert client.get(f"/r/{page.asset.slug}/file/").status_code == 404


def test_the_file_of_an_open_piece_is_a_download(client, article, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    article.file.save("limits.pdf", ContentFile(b"%PDF-1.4 limits"))
    response = client.get(f"/r/{article.slug}/file/")
    assert response["Content-Disposition"].startswith("attachment")
    assert b"".join(response.streaming_content) == b"%PDF-1.4 limits"


@pytest.mark.parametrize(
    "path", ["/p/nope/", "/r/nope/", "/go/nope/", "/d/x/", "/c/x/", "/u/x/", "/confirm/x/", "/nope"]
)
def test_an_unknown_address_is_a_page_in_plain_words(client, path):
    response = client.get(path, follow=True)
    assert response.status_code == 404
    assert b"There is nothing at this address." in response.content


def test_a_visit_is_counted_with_its_campaign(client):
    page = a_page()
    client.get(f"/p/{page.slug}/?utm_campaign={page.campaign.utm_campaign}")
    hit = Hit.objects.get()
    assert (hit.kind, hit.page, hit.campaign, hit.person) == (Hit.Kind.PAGE, page, page.campaign, None)


@pytest.mark.parametrize("header", [{"Sec-GPC": "1"}, {"DNT": "1"}, {"Sec-Purpose": "prefetch"}])
def test_who_does_not_want_to_be_counted_is_not(client, article, header):
    client.get("/", headers=header)
    assert not Hit.objects.exists()


def test_dont_count_me_sets_one_cookie_and_ends_the_counting(client, article):
    assert not client.get(reverse("stop_counting")).cookies
    response = client.post(reverse("stop_counting"), follow=True)
    assert "You are not counted." in response.content.decode()
    assert list(client.cookies) == ["nocount"]
    client.get("/")
    assert not Hit.objects.exists()


def test_a_page_is_shown_when_its_hit_cannot_be_noted(client, article, monkeypatch):
    def broken(**kwargs):
        raise RuntimeError("no room")

    monkeypatch.setattr("leads.views.counting.note_hit", broken)
    assert client.get("/").status_code == 200


def test_a_short_link_leads_on_with_the_campaigns_utm_set(client):
    ShortLink.objects.create(code="fair", campaign=a_campaign(), target="/p/bearing-paper/")
    response = client.get("/go/fair/")
    assert response.status_code == 302
    assert response["Location"].startswith("/p/bearing-paper/?utm_")
    assert Hit.objects.get().campaign == a_campaign()


def test_a_short_link_with_a_bad_target_leads_nowhere(client):
    ShortLink.objects.create(code="bad", campaign=a_campaign(), target="javascript:alert(1)")
    assert client.get("/go/bad/").status_code == 404


def test_looking_changes_nothing(client, article):
    page = a_page()
    for path in ("/", f"/p/{page.slug}/", f"/r/{article.slug}/", "/privacy/", "/imprint/"):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    assert not Submission.objects.exists()


def test_a_page_speaks_its_own_language_whatever_the_browser_asks(client):
    page = a_page(language="de")
    response = client.get(f"/p/{page.slug}/", headers={"Accept-Language": "fr"})
    assert response["Content-Language"] == "de"
    assert '<html lang="de"' in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/", "/p/bearing-paper/", "/privacy/", "/imprint/", "/dont-count-me/", "/nope"]
)
def test_no_public_page_holds_a_script_or_a_style_of_its_own(client, path):
    a_page()
    html = client.get(path).content.decode()
    assert not run_in_place(html)
    assert " style=" not in html
    assert "<style" not in html
    assert " onclick" not in html


def test_a_published_page_is_gone_after_its_time(client):
    a_page(publish_until=NOON - timedelta(days=4000))
    assert client.get("/p/bearing-paper/").status_code == 410


def test_no_cache_keeps_an_address_with_somebodys_token(client):
    """Also where the page makes nothing of it."""
    assert "no-store" in client.get("/?me=x")["Cache-Control"]
    assert "public" in client.get("/")["Cache-Control"]
