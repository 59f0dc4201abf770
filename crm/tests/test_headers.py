"""What every answer carries: the content policy, and the client's own address for limits and evidence."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from crm.middleware import client_address


def policy(answer) -> dict[str, str]:
    directives = [part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";")]
    return {name: sources for name, _, sources in directives}


def test_pages_allow_no_inline_scripts_or_styles(client, db):
    found = policy(client.get("/accounts/login/"))
    assert (found["script-src"], found["style-src"]) == ("'self'", "'self'")
    assert (found["frame-ancestors"], found["default-src"], found["base-uri"]) == (
        "'none'",
        "'none'",
        "'none'",
    )


def test_the_admin_may_evaluate_and_style_inline_and_nothing_else(client, maya):
    client.force_login(maya)
    admin, page = policy(client.get("/admin/")), policy(client.get("/accounts/login/"))
    assert admin["script-src"] == "'self' 'unsafe-eval'"
    assert admin["style-src"] == "'self' 'unsafe-inline'"
    assert {name: admin[name] for name in admin if name not in ("script-src", "style-src")} == {
        name: page[name] for name in page if name not in ("script-src", "style-src")
    }


def test_answers_are_not_sniffed_framed_or_referred_in_full(client, db):
    answer = client.get("/accounts/login/")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # no proxy of ours: what it forwards is a claim
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # the left one came from the client
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),  # two proxies of ours
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "not-an-address", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),  # our proxy, met on a socket for both kinds
    ],
)
def test_the_client_address_is_forwarded_by_trusted_proxies_only(peer, forwarded, seen, settings):
    settings.TRUSTED_PROXIES = (ip_network("10.0.0.0/8"),)
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    client_address(lambda request: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == seen


def test_only_a_trusted_proxy_can_say_that_a_request_came_by_https(settings):
    settings.TRUSTED_PROXIES = (ip_network("10.0.0.0/8"),)
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    secure = {}
    for peer in ("10.0.0.1", "203.0.113.9"):
        request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO="https")
        client_address(lambda request: HttpResponse())(request)
        secure[peer] = request.is_secure()
    assert secure == {"10.0.0.1": True, "203.0.113.9": False}
