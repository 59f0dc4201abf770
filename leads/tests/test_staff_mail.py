"""Mails to our own users: once each, over the same line, and their failures are theirs."""

from datetime import timedelta

import pytest

from leads.models import StaffMail
from leads.sending import delivery, staff_mail
from leads.tests.builders import NOON
from leads.tests.smtp_sink import mail_server

pytestmark = pytest.mark.django_db


def queued(user, key="test:1", at=NOON) -> StaffMail:
    return staff_mail.queue(
        user=user, kind="test", key=key, subject="A test", html="<p>Hello</p>", text="Hello", at=at
    )


def run(at=NOON) -> dict:
    return delivery.deliver(slot="one", at=at)


def fresh() -> StaffMail:
    return StaffMail.objects.get()


def test_it_goes_out_once_and_says_that_a_machine_sent_it(settings, maya):
    first = queued(maya)
    assert queued(maya) == first
    with mail_server(settings) as server:
        assert run()["staff_sent"] == 1
        assert "staff_sent" not in run()
    assert server.rcpts == ["maya@averdahl.example"]
    assert b"Auto-Submitted: auto-generated" in server.kept[0]
    assert b"List-Unsubscribe" not in server.kept[0]
    assert (fresh().state, fresh().attempts) == ("sent", 1)


def test_a_server_that_is_busy_is_asked_again_with_the_same_message_id(settings, maya):
    queued(maya)
    with mail_server(settings) as server:
        server.to_data = ["451 later"]
        assert run()["staff_later"] == 1
        assert "staff_sent" not in run()
        assert run(NOON + timedelta(minutes=3))["staff_sent"] == 1
    assert fresh().message_id.encode() in server.kept[0]


def test_no_answer_after_the_mail_is_no_second_mail(settings, maya):
    queued(maya)
    with mail_server(settings) as server:
        server.to_data = ["drop"]
        assert run()["staff_failed"] == 1
        run(NOON + timedelta(hours=1))
    assert (fresh().state, len(server.kept)) == ("failed", 1)


def test_what_a_dead_sender_was_sending_is_not_sent_again(settings, maya):
    queued(maya)
    StaffMail.objects.update(state="sending")
    with mail_server(settings) as server:
        run(NOON + timedelta(minutes=5))
        assert fresh().state == "sending"
        run(NOON + timedelta(minutes=11))
    assert (fresh().state, server.kept) == ("failed", [])


def test_a_user_without_an_address_fails_alone(settings, maya, sam):
    maya.email = ""
    queued(maya)
    queued(sam, key="test:2")
    with mail_server(settings) as server:
        assert run()["staff_sent"] == 1
    assert server.rcpts == ["sam@averdahl.example"]
    assert StaffMail.objects.get(key="test:1").words == "no address"


def test_nothing_of_a_test_mail_stays_when_it_is_out(settings, maya):
    """It holds a real person's name and words, and no erasure would look for them here."""
    queued(maya)
    with mail_server(settings):
        run()
    assert (fresh().subject, fresh().html, fresh().text) == ("", "", "")
