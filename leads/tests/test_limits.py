"""How many forms are let in: by client, by mailbox and by page, whatever the store does (RELIABILITY C8)."""

import socket
import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.urls import reverse

from leads import limits
from leads.limits import allow, folded, network
from leads.models import Lead
from leads.tests.builders import NOON, a_page


@pytest.fixture(autouse=True)
def low(settings):
    settings.FORMS_PER_ADDRESS, settings.FORMS_PER_MAILBOX = 5, 3


def refused(number, at=NOON, **who):
    """How many of that many forms are refused."""
    asked = {"page_id": None, "ip": None, "email_key": None, **who}
    return sum(allow(at=at, **asked) is not None for _ in range(number))


def test_a_client_may_send_so_many_forms_an_hour():
    assert refused(8, ip="192.0.2.7") == 3
    assert refused(1, ip="192.0.2.8") == 0


def test_a_mailbox_is_counted_without_its_plus_tag():
    tagged = [allow(page_id=None, ip=None, email_key=f"piet+{n}@x.example", at=NOON) for n in range(5)]
    assert [bool(refusal) for refusal in tagged] == [False, False, False, True, True]
    assert folded("piet+a+b@x.example") == "piet@x.example"
    assert folded("+tag@x.example") == "+tag@x.example"


def test_a_page_has_a_limit_of_its_own():
    found = [
        allow(page_id=1, ip=f"192.0.2.{n}", email_key=f"p{n}@x.example", at=NOON, hourly=4) for n in range(6)
    ]
    assert [refusal.about if refusal else "" for refusal in found] == ["", "", "", "", "form", "form"]


def test_one_client_cannot_use_up_the_limit_of_a_page():
    refused(50, ip="192.0.2.7", page_id=1, hourly=10)
    assert refused(5, ip="192.0.2.8", page_id=1, hourly=10) == 0


def test_the_window_slides_and_forgets():
    refused(5, ip="192.0.2.7")
    assert refused(1, ip="192.0.2.7", at=NOON + timedelta(minutes=61)) == 1, "nearly all of them still count"
    assert refused(2, ip="192.0.2.7", at=NOON + timedelta(minutes=119)) == 0
    assert refused(1, ip="192.0.2.7", at=NOON + timedelta(hours=3)) == 0


def test_a_refusal_says_in_plain_words_when_to_come_back():
    refused(5, ip="192.0.2.7")
    refusal = allow(page_id=None, ip="192.0.2.7", email_key=None, at=NOON + timedelta(minutes=20))
    assert refusal.retry_after == 40 * 60
    assert "40 minutes" in refusal.message


def test_an_address_of_ipv6_is_counted_by_the_network_of_its_connection():
    assert network("2001:db8:1:2:3:4:5:6") == network("2001:db8:1:2::1") == "2001:db8:1:2::"
    assert network("::ffff:192.0.2.7") == "192.0.2.7"


def test_zero_means_no_limit(settings):
    settings.FORMS_PER_ADDRESS = 0
    assert refused(50, ip="192.0.2.7") == 0


@pytest.fixture
def silent(settings):
    """A store that takes everything and answers nothing; says how often it was asked since."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        settings.LIMITS_REDIS_URL = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"

        def asked() -> int:
            number = 0
            with suppress(BlockingIOError):
                while True:
                    listener.accept()[0].close()
                    number += 1
            return number

        yield asked


def test_a_silent_store_costs_a_tenth_of_a_second_once_and_each_process_goes_on_alone(silent, caplog):
    assert refused(8, ip="192.0.2.7") == 3
    assert (silent(), limits.WAIT_SECONDS) == (1, 0.1)
    assert "counted by each process alone" in caplog.text


def test_a_store_that_is_not_there_is_no_error(settings):
    settings.LIMITS_REDIS_URL = "redis://127.0.0.1:1/0"
    assert refused(8, ip="192.0.2.7") == 3


def test_one_caller_at_a_time_tries_a_store_that_failed(silent, settings, monkeypatch):
    monkeypatch.setattr(limits, "OPEN_SECONDS", 0.2)
    refused(1, ip="192.0.2.9")
    time.sleep(0.3)
    store, let_through = limits._store(), []
    threads = [threading.Thread(target=lambda: let_through.append(store.closed())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert let_through.count(True) == 1


@pytest.mark.django_db
def test_a_form_too_many_keeps_what_was_typed_and_says_when(client):
    page = a_page()
    typed = {"email": "mira@brackwerk.example", "first_name": "Mira"}
    answers = [client.post(reverse("landing", args=[page.slug]), typed) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert 'value="Mira"' in answers[-1].content.decode()
    assert Lead.objects.count() == 1


@pytest.mark.django_db
def test_a_made_up_forwarded_address_does_not_reset_the_count(client):
    page = a_page()
    statuses = [
        client.post(
            reverse("landing", args=[page.slug]),
            {"email": f"m{n}@x.example"},
            headers={"X-Forwarded-For": f"1.2.3.{n}"},
        ).status_code
        for n in range(7)
    ]
    assert statuses == [303] * 5 + [429] * 2
