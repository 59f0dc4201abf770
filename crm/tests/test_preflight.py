"""The check before the start finds what is wrong with a mail, and leaves alone what is not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from campaigns import preflight
from campaigns.preflight import Finding, fetch, sender
from crm.tests.preflight_mails import BASE, GOOD, PLANTED, mail

pytestmark = pytest.mark.django_db
HERE = ("127.0.0.1",)
NAMES = {"plant.example.net": "127.0.0.1", "inside.example.net": "10.1.2.3"}
PNG = b"\x89PNG\r\n\x1a\n"


class LittleWeb(BaseHTTPRequestHandler):
    """Answers as the web does: there, gone, broken, moved, for members, for GET only."""

    def do_HEAD(self) -> None:
        self._answer(head=True)

    def do_GET(self) -> None:
        self._answer(head=False)

    def _answer(self, *, head: bool) -> None:
        place = self.path.partition("?")[0].strip("/")
        moves = {"slash": "/slash/", "moved": "/there", "round": "/round-again", "round-again": "/round"}
        status = {"gone": 404, "broken": 500, "members": 403}.get(place, 200)
        if place == "only-get" and head:
            status = 405
        if place in moves and not self.path.endswith("/"):
            self.send_response(301)
            self.send_header("Location", moves[place])
            status = 0
        else:
            self.send_response(status)
        picture = place.endswith(".png")
        body = b"" if head or not status else PNG + b"x" * (300_000 if "heavy" in place else 900)
        self.send_header("Content-Type", "image/png" if picture else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *given: object) -> None:
        """Nothing: a test's output is its own."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), LittleWeb)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://plant.example.net:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def names(monkeypatch):
    preflight.web.forget()
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: real(NAMES.get(host, host), *rest, **more)
    )


def found(written, web: str, *, but: str = "link-http") -> list[Finding]:
    """Errors and warnings; the little web is not encrypted, which most of these tests are not about."""
    one = mail(written, web)
    every = preflight.check(one, at=timezone.now(), asked=preflight.ask_web([one], allowed=HERE))
    return [one for one in every if one.level != preflight.NOTE and one.check != but]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_mail_raises_no_alarm(name, web):
    assert found(GOOD[name], web) == []


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_and_nothing_else(name, web):
    written, fault = PLANTED[name]
    told = found(written, web, but="" if fault == "link-http" else "link-http")
    assert {one.check for one in told} == {fault}, told


def test_there_are_thirty_of_each():
    assert len(GOOD) >= 30
    assert len(PLANTED) >= 30


def test_an_error_comes_before_a_warning(web):
    told = found(BASE.but(subject="Re: PUMPS!!", preheader=""), web)
    assert [one.level for one in told] == sorted(
        (one.level for one in told), key=preflight.findings.LEVELS.index
    )
    assert told[0].check == "subject-pretends"


def test_no_connection_is_made_into_a_private_network():
    with pytest.raises(fetch.Private):
        fetch.ask("http://inside.example.net/")
    with pytest.raises(fetch.Private):
        fetch.ask("http://169.254.169.254/latest/meta-data/")
    with pytest.raises(fetch.Private):
        fetch.ask("http://[::1]:80/")


def test_a_redirect_into_a_private_network_is_not_followed(web, monkeypatch):
    monkeypatch.setattr(
        LittleWeb, "_answer", lambda self, head: _send_to(self, "http://inside.example.net/secret")
    )
    with pytest.raises(fetch.Private):
        fetch.ask(f"{web}/there", allowed=HERE)


def _send_to(handler: LittleWeb, location: str) -> None:
    handler.send_response(302)
    handler.send_header("Location", location)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(fetch, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(fetch.Unreachable):
        fetch.ask(f"http://plant.example.net:{silent.getsockname()[1]}/", allowed=HERE)


def test_without_a_web_the_links_are_a_note_and_no_alarm(monkeypatch):
    monkeypatch.setattr(preflight.web, "has_web", lambda: False)
    one = mail(BASE.saying('<p><a href="https://averdahl.ch/x">A page</a></p>'))
    told = preflight.check(one, at=timezone.now(), asked=preflight.ask_web([one]))
    assert [(found.check, found.level) for found in told] == [("web-absent", "note")]


def test_looking_twice_asks_once(web, monkeypatch):
    one = mail(BASE.saying(f'<p><a href="{web}/there">A page</a></p>'))
    preflight.ask_web([one], allowed=HERE)
    monkeypatch.setattr(fetch, "ask", lambda *given, **more: pytest.fail("asked again"))
    assert preflight.ask_web([one], allowed=HERE) == {f"{web}/there?utm_campaign=costs": the_answer(web)}


def the_answer(web: str) -> fetch.Answer:
    return fetch.Answer(200, f"{web}/there?utm_campaign=costs", content_type="text/html")


DOMAIN = "post.averdahl.ch"
RECORDS = {
    DOMAIN: ["v=spf1 include:_spf.averdahl.ch -all"],
    f"_dmarc.{DOMAIN}": ["v=DMARC1; p=quarantine"],
    f"s1._domainkey.{DOMAIN}": ["v=DKIM1; k=rsa; p=MIGf"],
}


def of_sender(settings, **changes) -> set[tuple[str, str]]:
    settings.DEFAULT_FROM_EMAIL = f"Averdahl <hello@{DOMAIN}>"
    records = RECORDS | {name.replace("DOMAIN", DOMAIN): value for name, value in changes.items()}
    return {(one.check, one.level) for one in sender.check(ask=lambda name: records.get(name, []))}


def test_a_domain_with_all_three_records_is_fine(settings):
    assert of_sender(settings) == set()


@pytest.mark.parametrize(
    ("name", "records", "told"),
    [
        (DOMAIN, [], ("spf", "error")),
        (DOMAIN, ["v=spf1 -all", "v=spf1 mx -all"], ("spf", "error")),
        (DOMAIN, ["v=spf1 +all"], ("spf", "error")),
        (f"_dmarc.{DOMAIN}", [], ("dmarc", "warning")),
        (f"s1._domainkey.{DOMAIN}", ["v=DKIM1; p="], ("dkim", "warning")),
    ],
)
def test_a_missing_record_of_the_domain_is_told(settings, name, records, told):
    assert of_sender(settings, **{name: records}) == {told}


def test_without_a_name_server_nothing_is_claimed(settings):
    settings.DEFAULT_FROM_EMAIL = f"hello@{DOMAIN}"
    assert [(one.check, one.level) for one in sender.check(ask=lambda name: None)] == [("dns-absent", "note")]
