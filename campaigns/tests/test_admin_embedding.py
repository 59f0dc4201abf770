"""Embedding sites in the admin: origins as browsers write them, lines to paste, and who may."""

import pytest
from django.core.exceptions import ValidationError

from campaigns.embedding import clean_origins, origin_of
from campaigns.models import EmbedSite, LandingPage

pytestmark = pytest.mark.django_db
LIST = "/admin/campaigns/embedsite/"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://www.shop.example", "https://www.shop.example"),
        ("  HTTPS://Shop.Example/ ", "https://shop.example"),
        ("https://shop.example:443\nhttps://shop.example", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://localhost:8205", "http://localhost:8205"),
        ("http://192.168.1.4", "http://192.168.1.4"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(typed, kept):
    assert clean_origins(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "shop.example", "http://shop.example", "https://*.shop.example", "https://shop.example/pumps",
        "https://shop.example?x=1", "https://u:p@shop.example", "javascript:alert(1)", "https://", "null",
        "https://shop.example https://evil.example", "https://[", "https://shop.example:99999",
        "https://a;script-src *",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused(typed):
    with pytest.raises(ValidationError):
        clean_origins(typed)


def test_an_origin_of_what_is_no_web_address_is_nothing():
    assert [origin_of(url) for url in ("", "null", "ftp://x.example/", "data:text/html,x")] == [""] * 4


def test_marketing_adds_a_site_and_gets_the_lines_to_paste(client, maya, settings):
    page = LandingPage.objects.create(slug="pumps", title="Pumps & <b>seals</b>", state="published")
    client.force_login(maya)
    answer = client.post(
        f"{LIST}add/", {"name": "Shop", "origins": "https://shop.example/", "pages": [page.pk]}
    )
    site = EmbedSite.objects.get()
    assert (answer.status_code, site.origins, len(site.key)) == (302, "https://shop.example", 16)
    html = client.get(f"{LIST}{site.pk}/change/").content.decode()
    assert f"{settings.BASE_URL}/embed.js" in html
    assert f"data-site=&quot;{site.key}&quot;" in html
    assert f"data-form=&quot;{page.slug}&quot;" in html
    assert "<b>seals" not in html


def test_a_bad_origin_is_told_at_its_field(client, maya):
    client.force_login(maya)
    answer = client.post(f"{LIST}add/", {"name": "Shop", "origins": "shop.example"})
    assert "is no origin" in answer.content.decode()
    assert not EmbedSite.objects.exists()


def test_a_site_is_archived_and_not_deleted(client, maya):
    site = EmbedSite.objects.create(name="Shop", origins="https://shop.example")
    client.force_login(maya)
    client.post(LIST, {"action": "archive", "_selected_action": [site.pk]})
    site.refresh_from_db()
    assert site.archived_at
    assert client.post(f"{LIST}{site.pk}/delete/").status_code == 403


def test_others_do_not_see_it(client, sam, nora):
    for user in (sam, nora):
        client.force_login(user)
        assert client.get(LIST).status_code in (302, 403)
