"""What machines that ask politely are told: where to go, what a page is, which picture stands for it."""

import io
import json
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from campaigns.models import AssetKind, LandingPage, PageBlock, PageState
from leads.tests.builders import NOON, a_page, an_asset

pytestmark = pytest.mark.django_db


class Head(HTMLParser):
    """The canonical address, the meta lines and the structured data of a page."""

    def __init__(self, html):
        super().__init__()
        self.meta, self.links, self.data, self._inside = {}, [], "", False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "meta":
            self.meta[found.get("name") or found.get("property", "")] = found.get("content")
        if tag == "link":
            self.links.append(found)
        self._inside = tag == "script" and found.get("type") == "application/ld+json"

    def handle_data(self, data):
        self.data += data if self._inside else ""

    def handle_endtag(self, tag):
        self._inside = False

    @property
    def graph(self):
        return {one["@type"]: one for one in json.loads(self.data)["@graph"]}


def head(client, path):
    return Head(client.get(path).content.decode())


@pytest.fixture
def article():
    piece = an_asset("article", gated=False)
    piece.body, piece.kind = "<p>Push it in.</p>", AssetKind.objects.get(slug="article")
    piece.save()
    return piece


def test_a_page_names_its_one_address_whatever_the_link_carried(client, settings):
    a_page()
    found = head(client, "/p/bearing-paper/?utm_source=x&gclid=1&email=a@b.example")
    canonical = [link["href"] for link in found.links if link.get("rel") == "canonical"]
    assert canonical == [f"{settings.BASE_URL}/p/bearing-paper/"]


def test_a_page_says_in_structured_data_what_it_gives(client):
    page = a_page(lead_text="31 bearings, run until they broke.")
    PageBlock.objects.create(page=page, kind="faq", heading="Will someone call?", text="Only if you ask.")
    graph = head(client, "/p/bearing-paper/").graph
    assert graph["Report"]["name"] == "Catch a failing bearing"
    assert graph["FAQPage"]["mainEntity"][0]["acceptedAnswer"]["text"] == "Only if you ask."
    assert graph["WebPage"]["mainEntity"]["@id"] == graph["Report"]["@id"]
    assert {"BreadcrumbList", "Organization"} <= set(graph)


def test_an_inquiry_is_a_contact_page_without_a_piece(client):
    a_page("ask", inquiry="contact")
    graph = head(client, "/p/ask/").graph
    assert "ContactPage" in graph
    assert "mainEntity" not in graph["ContactPage"]


def test_hostile_words_cannot_end_the_structured_data(client):
    a_page(lead_text="</script><script>alert(1)</script><!--")
    html = client.get("/p/bearing-paper/").content.decode()
    assert "<script>alert" not in html
    assert "</script><script>" in Head(html).graph["WebPage"]["description"]


def test_the_text_for_search_engines_stands_before_the_lead_text(client):
    a_page(lead_text="Long " * 80, search_text="One sentence.")
    found = head(client, "/p/bearing-paper/")
    assert found.meta["description"] == found.meta["og:description"] == "One sentence."


def test_a_long_lead_text_is_cut_at_a_word(client):
    a_page(lead_text="Vibration " * 40)
    words = head(client, "/p/bearing-paper/").meta["description"]
    assert len(words) <= 160
    assert words.endswith("Vibration…")


def test_the_picture_of_a_link_is_drawn_once_in_the_size_networks_want(client):
    a_page()
    url = urlsplit(head(client, "/p/bearing-paper/").meta["og:image"])
    response = client.get(f"{url.path}?{url.query}")
    with Image.open(io.BytesIO(b"".join(response.streaming_content))) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1200, 630))


def test_the_address_of_the_picture_changes_with_what_is_on_it(client):
    page = a_page()
    before = head(client, "/p/bearing-paper/").meta["og:image"]
    LandingPage.objects.filter(pk=page.pk).update(title="Catch it six weeks early")
    assert head(client, "/p/bearing-paper/").meta["og:image"] != before


def test_a_marketers_own_picture_is_cut_to_size(client):
    page, photo = a_page(), io.BytesIO()
    Image.new("RGB", (2000, 2000), "#ff0000").save(photo, "PNG")
    page.social_image.save("mine.png", ContentFile(photo.getvalue()))
    response = client.get("/p/bearing-paper/social.jpg")
    with Image.open(io.BytesIO(b"".join(response.streaming_content))) as picture:
        assert picture.size == (1200, 630)
        assert picture.getpixel((600, 300))[0] > 240


def test_a_lost_picture_is_drawn_from_the_words(client):
    a_page(social_image="social/gone.png")
    response = client.get("/p/bearing-paper/social.jpg")
    assert response.status_code == 200
    response.close()


@pytest.mark.parametrize("path", ["/p/nope/social.jpg", "/r/nope/social.jpg", "/r/paper/social.jpg"])
def test_what_is_not_public_has_no_picture(client, path):
    LandingPage.objects.filter(pk=a_page().pk).update(state=PageState.DRAFT)
    assert client.get(path).status_code == 404


def test_the_sitemap_lists_what_is_public_and_nothing_else(client, article, settings):
    a_page()
    a_page("later", publish_from=NOON + timedelta(days=36500))
    a_page("over", publish_until=NOON - timedelta(days=3650))
    LandingPage.objects.create(slug="draft", title="Draft")
    xml = client.get("/sitemap.xml").content.decode()
    listed = [line.split("</loc>")[0] for line in xml.split("<loc>")[1:]]
    paths = ["/", "/privacy/", "/imprint/", "/p/bearing-paper/", f"/r/{article.slug}/"]
    assert sorted(listed) == sorted(f"{settings.BASE_URL}{path}" for path in paths)


def test_the_sitemap_says_when_a_page_last_changed(client):
    page = a_page()
    page.history.update(history_date=NOON)
    assert "<lastmod>2026-11-18</lastmod>" in client.get("/sitemap.xml").content.decode()


def test_robots_are_kept_from_what_is_personal_and_told_of_the_sitemap(client, settings):
    text = client.get("/robots.txt").content.decode()
    assert f"Sitemap: {settings.BASE_URL}/sitemap.xml" in text
    assert "Disallow: /p/*/thanks/" in text
    assert "Disallow: /p/\n" not in text


def test_pages_in_several_languages_name_each_other_while_both_are_public(client, settings):
    german = a_page("lager", language="de", translation_of=a_page(language="en"))
    for path in ("/p/bearing-paper/", "/p/lager/"):
        others = {link["hreflang"]: link["href"] for link in head(client, path).links if link.get("hreflang")}
        assert others == {
            "en": f"{settings.BASE_URL}/p/bearing-paper/",
            "de": f"{settings.BASE_URL}/p/lager/",
        }
    LandingPage.objects.filter(pk=german.pk).update(state=PageState.DRAFT)
    assert not any(link.get("hreflang") for link in head(client, "/p/bearing-paper/").links)


def test_a_narrowed_library_is_not_indexed_and_names_the_whole_one(client, article, settings):
    found = head(client, "/?q=push")
    assert found.meta["robots"] == "noindex, follow"
    assert f"{settings.BASE_URL}/" in [link.get("href") for link in found.links]


@pytest.mark.parametrize(
    "columns", [{"state": PageState.ARCHIVED}, {"publish_until": NOON - timedelta(days=3650)}]
)
def test_a_page_that_has_had_its_time_is_gone_and_leads_on(client, columns):
    LandingPage.objects.filter(pk=a_page().pk).update(**columns)
    response = client.get("/p/bearing-paper/")
    assert response.status_code == 410
    assert "This page has ended." in response.content.decode()
    assert client.post("/p/bearing-paper/").status_code == 410


@pytest.mark.parametrize(
    "columns", [{"state": PageState.DRAFT}, {"publish_from": NOON + timedelta(days=36500)}]
)
def test_a_page_before_its_time_was_never_there(client, columns):
    LandingPage.objects.filter(pk=a_page().pk).update(**columns)
    assert client.get("/p/bearing-paper/").status_code == 404
