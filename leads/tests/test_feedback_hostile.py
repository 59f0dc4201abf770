"""Mails and calls that were made to stop the reader (RELIABILITY E3, E7): each is kept, read in seconds, and passed."""

import time

import pytest
from django.db import DataError, OperationalError
from django.utils import timezone

from leads.feedback.parts import header, parsed
from leads.feedback.reading import What, read
from leads.inbox import hooks, intake
from leads.models import Inbound, MailEvent
from leads.tests.answers_world import LATER, a_reply, a_report, a_sent_mail
from leads.tests.test_hooks import MAILGUN_KEY, an_own_call

HEAD = b"From: a@maasland.example\r\nSubject: x\r\nMessage-ID: <a@maasland.example>\r\n"
HTML = HEAD + b"Content-Type: text/html\r\n\r\n"
NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1500)
)
REPORT = (
    HEAD + b"Content-Type: multipart/report; report-type=delivery-status; boundary=z\r\n\r\n--z\r\n\r\n%b\r\n"
    b"--z\r\nContent-Type: message/delivery-status\r\n\r\n%b\r\n--z--\r\n"
)
SLOW = {
    "blank lines": HEAD + b"\r\n" + b"\r\n" * 200_000,
    "quoted blank lines": HEAD + b"\r\n" + b">\r\n" * 90_000,
    "styles without an end": HTML + b"<style " * 28_000,
    "brackets": HTML + b"<" * 200_000,
    "breaks without an end": HTML + b"<br" * 60_000,
    "encoded words without an end": b"Subject: " + b"=?a?q?" * 150_000 + b"\r\n\r\n",
    "parts in parts": HEAD + NESTED,
    "mails in mails": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 3000,
    "brackets in brackets": b"From: " + b"(" * 50_000 + b"\r\n\r\nx",
    "a report of thousands": REPORT
    % (b"a@b.example not found\r\n" * 8000, b"Action: failed\r\n\r\n" * 30_000),
}


@pytest.mark.parametrize("raw", SLOW.values(), ids=SLOW.keys())
def test_a_mail_made_to_be_slow_is_read_all_the_same(raw):
    begun = time.thread_time()
    assert read(raw).what in (What.MAIL, What.BOUNCE)
    assert time.thread_time() - begun < 10


@pytest.mark.django_db
@pytest.mark.parametrize("named", [b"=?a?q?" * 150_000, b"=?unicode_escape?q?<=5Cud800@x>?="])
def test_the_mailbox_is_not_stopped_by_a_message_id(named):
    assert intake.keep_mail(b"Message-ID: " + named + b"\r\n\r\nx", at=LATER).pk


@pytest.mark.django_db
def test_the_mailbox_is_not_stopped_by_parts_in_parts():
    assert intake.keep_mail(HEAD + NESTED, at=LATER).key == "<a@maasland.example>"


def test_nothing_is_read_that_a_database_does_not_keep():
    mail = HEAD.replace(b"Subject: x", b"Subject: =?utf-7?q?+2AA-?=\r\nReferences: <a\0b@c>")
    answer = read(mail + b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\ud800\\x00")
    assert "\0" not in repr(answer).replace("\\x00", "\0")
    assert "\ud800" not in f"{answer.subject}{answer.text}{header(parsed(mail), 'Subject')}"


@pytest.mark.django_db
def test_a_refusal_with_a_nul_in_it_is_read():
    mail = a_sent_mail()
    intake.keep_mail(a_report(mail, words="550 5.1.1 User\0 unknown"), at=LATER)
    assert intake.work_due(at=LATER) == {"bounce": 1}
    assert MailEvent.objects.get().words == "550 5.1.1 User unknown"


@pytest.mark.django_db
def test_one_value_that_the_database_refuses_stops_nobody(monkeypatch):
    work = intake._work_mail
    bad = intake.keep_mail(a_reply(None, number=1), at=LATER)
    intake.keep_mail(a_reply(None, number=2), at=LATER)

    def refuse(row):
        if row.pk == bad.pk:
            raise DataError("no NUL, please")
        return work(row)

    monkeypatch.setattr(intake, "_work_mail", refuse)
    assert intake.work_due(at=LATER) == {"error": 1, "other": 1}
    assert not Inbound.objects.filter(read_at=None).exists()


@pytest.mark.django_db
def test_a_database_that_is_gone_costs_no_mail(monkeypatch):
    intake.keep_mail(a_reply(None), at=LATER)

    def gone(row):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(intake, "_work_mail", gone)
    with pytest.raises(OperationalError):
        intake.work_due(at=LATER)
    assert Inbound.objects.get().read_at is None


@pytest.mark.django_db
def test_letters_no_database_keeps_do_not_lose_the_other_events_of_a_call(client):
    mail = a_sent_mail(at=timezone.now())
    about = {"message_id": mail.message_id, "recipient": mail.to_address}
    an_own_call(
        client,
        {"id": "1\ud800", "event": "bounced", **about, "words": "452 4.2.2 full\0 \ud800"},
        {"id": "2", "event": "complained", **about},
    )
    assert intake.work_due(at=timezone.now()) == {"bounced": 1}
    assert set(MailEvent.objects.values_list("kind", flat=True)) == {"soft", "complaint"}
    assert hooks._plain(" a\0b\n c") == "ab c"


@pytest.mark.django_db
def test_a_signature_that_is_not_ascii_is_refused_and_no_error_of_ours(client, settings):
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": MAILGUN_KEY}
    body = {
        "signature": {"timestamp": str(int(time.time())), "token": "ü", "signature": "x"},
        "event-data": {},
    }
    assert client.post("/hooks/mailgun/", body, content_type="application/json").status_code == 403
