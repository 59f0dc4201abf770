"""Our form in a frame on another site: only there, only sent from there, with the origin of that page (C7, C14)."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from campaigns.models import ConsentText, EmbedSite
from leads import nonce
from leads.models import Door, Hit, Submission, Visitor
from leads.tests.builders import a_page

pytestmark = pytest.mark.django_db
SHOP = "https://www.shop.example"
BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
)
UUID = "0b3c7a52-4f0e-4b54-9a3e-6f1f2f7f9a10"


@pytest.fixture
def page():
    return a_page(tracking_text=ConsentText.objects.get(purpose="tracking"))


@pytest.fixture
def site(page):
    site = EmbedSite.objects.create(name="Shop", origins=f"{SHOP}\nhttps://shop.example")
    site.pages.add(page)
    return site


def frame(site, page, **more):
    return f"/e/{site.key}/?" + urlencode({"page": page.slug, "at": SHOP, **more})


def send(client, url, headers=None, **answers):
    data = {"email": "piet@maasland.example", "nonce": "", **answers}
    return client.post(url, data, headers={"User-Agent": BROWSER, **(headers or {})})


def test_the_frame_is_shown_to_the_keys_origins_only(client, site, page):
    response = client.get(frame(site, page))
    assert response.status_code == 200
    policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == f"https://shop.example {SHOP}"
    assert (policy["script-src"], policy["style-src"]) == ("'self'", "'self'")
    assert "X-Frame-Options" not in response
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_all_other_pages_are_framed_by_nobody(client, page):
    response = client.get(f"/p/{page.slug}/")
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("spoil", ["key", "page", "archived", "draft"])
def test_there_is_no_frame_for_what_the_site_may_not_show(client, site, page, spoil, django_user_model):
    other = a_page("other")
    url = {"key": f"/e/nope/?page={page.slug}", "page": frame(site, other)}.get(spoil, frame(site, page))
    if spoil == "archived":
        EmbedSite.objects.update(archived_at="2026-01-01T00:00Z")
    if spoil == "draft":
        type(page).objects.filter(pk=page.pk).update(state="draft")
    assert client.get(url).status_code == 404


def test_a_form_from_the_frame_is_captured_with_the_origin_of_the_other_page(client, site, page):
    there = f"{SHOP}/pumps?utm_source=news&utm_campaign=spring&gclid=g1"
    url = frame(site, page, url=there, ref="https://search.example/find?q=x")
    response = send(client, url, {"Origin": "http://testserver"}, nonce=nonce.make())
    form = Submission.objects.get()
    assert response.status_code == 303
    assert (form.door, form.site, form.state) == (
        Door.EMBED,
        site,
        "quarantined",
    )  # faster than three seconds
    assert (form.source_url, form.referrer) == (there, "https://search.example/find")
    assert (form.utm_source, form.utm_campaign, form.click_id_kind) == ("news", "spring", "gclid")


def test_a_cached_form_without_a_time_still_posts(client, site, page):
    send(client, frame(site, page))
    assert Submission.objects.get().state == "accepted"


def test_the_thanks_stand_in_place_of_the_form_with_the_download(client, site, page):
    response = send(client, frame(site, page))
    assert response["Location"].startswith(f"/e/{site.key}/?")
    html = client.get(response["Location"]).content.decode()
    assert "Your white paper is ready." in html
    assert 'href="/d/' in html
    assert 'data-sent="1"' in html


def test_an_error_comes_back_into_the_frame_with_what_was_typed(client, site, page):
    response = send(client, frame(site, page), email="piet", first_name="Piet")
    assert response.status_code == 422
    assert 'value="Piet"' in response.content.decode()
    assert f"https://shop.example {SHOP}" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": SHOP},
        {"Origin": "http://testserver"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_the_frame_the_site_and_no_browser_may_send(client, site, page, headers):
    assert send(client, frame(site, page), headers).status_code == 303


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}]
)
def test_no_other_origin_may_send_and_is_told_so(client, site, page, headers):
    response = send(client, frame(site, page), headers)
    assert response.status_code == 403
    assert "We do not take this form from that site." in response.content.decode()
    assert not Submission.objects.exists()


def test_the_page_itself_takes_no_form_from_other_sites(client, page):
    data = {"email": "piet@maasland.example"}
    assert (
        client.post(f"/p/{page.slug}/", data, headers={"Origin": "https://evil.example"}).status_code == 403
    )
    assert not Submission.objects.exists()
    assert client.post(f"/p/{page.slug}/", data, headers={"Origin": "http://testserver"}).status_code == 303


def test_behind_a_proxy_that_drops_the_port_our_own_forms_still_work(client, page, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://crm.example:8443"]
    data = {"email": "piet@maasland.example"}
    headers = {"Origin": "https://crm.example:8443"}
    assert client.post(f"/p/{page.slug}/", data, headers=headers).status_code == 303


def test_the_first_form_of_a_page_counts_as_its_view_and_the_others_do_not(client, site, page):
    client.get(
        frame(site, page, url=f"{SHOP}/pumps?utm_source=news", first=1), headers={"User-Agent": BROWSER}
    )
    client.get(frame(site, page, url=f"{SHOP}/pumps"), headers={"User-Agent": BROWSER})
    hit = Hit.objects.get()
    assert (hit.page, hit.site, hit.label, hit.utm_source) == (page, site, "www.shop.example/pumps", "news")


def test_a_view_on_a_page_that_is_not_the_sites_is_not_counted(client, site, page):
    client.get(frame(site, page, url="https://evil.example/", first=1), headers={"User-Agent": BROWSER})
    client.get(frame(site, page, first=1), headers={"User-Agent": BROWSER})
    assert not Hit.objects.exists()


def test_an_address_that_is_not_the_sites_is_not_believed(client, site, page):
    send(client, frame(site, page, url="https://evil.example/?utm_source=evil", ref="https://evil.example/"))
    form = Submission.objects.get()
    assert (form.utm_source, form.referrer) == ("", "")
    assert "evil" not in client.get(frame(site, page) + "&at=https://evil.example").content.decode()


def test_the_box_for_tracking_gives_the_site_a_key_to_keep_and_sets_no_cookie(client, site, page):
    response = send(client, frame(site, page), tracking="on")
    key = parse_qs(urlsplit(response["Location"]).query)["v"][0]
    assert Visitor.objects.get().site == site
    assert str(Visitor.objects.get().key) == key
    assert not response.cookies
    assert f'data-visitor="{key}"' in client.get(response["Location"]).content.decode()


def test_a_browser_that_the_site_remembers_is_named_in_the_form(client, site, page):
    send(client, frame(site, page, v=UUID))
    assert str(Submission.objects.get().visitor.key) == UUID


def test_who_asks_not_to_be_counted_is_captured_and_not_remembered(client, site, page):
    send(client, frame(site, page, v=UUID), {"Sec-GPC": "1"}, tracking="on")
    assert Submission.objects.get().visitor is None
    assert not Visitor.objects.exists()
