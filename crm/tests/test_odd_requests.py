"""Requests that no browser sends: answered with a 4xx or as if nothing were odd, never with an error of ours (C11)."""

import io
import json

import pytest
from django.http import HttpResponse

from campaigns.models import Asset, EmbedSite
from crm.middleware import only_utf8
from crm.wsgi import Request
from leads.models import Hit
from leads.tests.builders import a_page, an_asset

pytestmark = pytest.mark.django_db
NO_CHARSETS = ("rot13", "hex", "undefined", "punycode", "idna", "utf-16")
SHOP = "https://dealer.example"


@pytest.fixture
def page():
    page = a_page()
    an_asset("open-piece", gated=False)
    Asset.objects.filter(slug="open-piece").update(body="<p>Text</p>")
    EmbedSite.objects.create(name="Dealer", key="dealer", origins=SHOP).pages.add(page)
    return page


@pytest.mark.parametrize("origin", ["http://[", "https://[::1", "http://a:99999999", "x", "null "])
def test_an_origin_that_is_no_address_is_a_foreign_one(client, page, origin):
    data, headers = {"email": "piet@maasland.example"}, {"Origin": origin}
    for path in (f"/p/{page.slug}/", f"/e/dealer/?page={page.slug}", f"/api/v1/capture/{page.slug}/"):
        assert client.post(path, data, headers=headers).status_code == 403


@pytest.mark.parametrize("charset", NO_CHARSETS)
def test_a_header_does_not_choose_how_an_address_is_read(client, charset):
    given = {
        "CONTENT_TYPE": f"text/plain; charset={charset}",
        "QUERY_STRING": "q=%ff%00a",
        "wsgi.input": io.BytesIO(),
    }
    request = Request(client._base_environ() | given)
    assert request.GET["q"] == "\ufffd\x00a"
    assert only_utf8(lambda one: HttpResponse(one.GET["q"]))(request).status_code == 200


@pytest.mark.parametrize("charset", NO_CHARSETS)
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"]
)
def test_what_is_not_utf_8_is_refused(client, page, charset, kind):
    for path in (f"/p/{page.slug}/", f"/api/v1/capture/{page.slug}/"):
        answer = client.generic(
            "POST", path, b"email=a%40b.example", content_type=f"{kind}; charset={charset}"
        )
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        rb'{"\ud800": "x"}', rb'{"consents": {"\ud800": true}}', rb'{"consents": ["\ud800"]}', b"[" * 50_000,
        b'{"a":' * 50_000, b'{"email": NaN}', b"\xff\xfe", b"null", rb'{"email": "\ud800@x.example"}',
    ],
)  # fmt: skip
def test_the_api_answers_odd_json_in_its_own_shape(client, page, body):
    answer = client.generic("POST", f"/api/v1/capture/{page.slug}/", body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert set(answer.json()["error"]) == {"code", "message", "fields"}


def test_more_fields_than_anybody_types_are_refused_in_that_shape_too(client, page):
    body = "&".join(f"f{number}=1" for number in range(5000))
    form = "application/x-www-form-urlencoded"
    answer = client.generic("POST", f"/api/v1/capture/{page.slug}/", body, content_type=form)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "parse_error")
    assert client.generic("POST", f"/p/{page.slug}/", body, content_type=form).status_code == 400


@pytest.mark.parametrize("code", ["%00", "%ed%a0%80", "abc%00def", "x" * 500])
def test_an_odd_share_code_is_nobodys(client, page, code):
    assert client.get(f"/share/open-piece/?via={code}").status_code == 200
    answer = client.post(f"/p/{page.slug}/?via={code}", {"email": "piet@maasland.example"})
    assert answer.status_code == 303


def test_what_a_script_tells_is_made_plain(client, page):
    told = {"site": "dealer", "kind": "page", "url": f"{SHOP}/\ud800\x00", "ref": f"{SHOP}/\ud800"}
    client.generic("POST", "/t/", json.dumps(told), content_type="text/plain", headers={"Origin": SHOP})
    assert Hit.objects.get().label == "dealer.example/"
