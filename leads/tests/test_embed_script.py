"""``/embed.js``: small, without dependencies, kept for an hour by everybody."""

import gzip

import pytest

from leads.views.embed import SCRIPT

pytestmark = pytest.mark.django_db


def test_it_is_under_8_kb_as_it_travels(client):
    response = client.get("/embed.js", headers={"Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) < 8 * 1024
    assert gzip.decompress(response.content) == SCRIPT.read_bytes()


def test_it_needs_nothing_else(client):
    text = client.get("/embed.js").content.decode()
    assert not [
        word for word in ("import ", "require(", "document.write", "eval(", ".cookie") if word in text
    ]


def test_it_is_a_script_for_every_site_and_sets_no_cookie(client):
    response = client.get("/embed.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=3600" in response["Cache-Control"]
    assert not response.cookies


def test_what_has_not_changed_is_not_sent_again(client):
    etag = client.get("/embed.js")["ETag"]
    assert client.get("/embed.js", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("name", ["read.js", "frame.js", "share.js", "form.js"])
def test_the_scripts_of_our_own_pages_are_small(name):
    assert len(gzip.compress((SCRIPT.parent / name).read_bytes())) < 2 * 1024
