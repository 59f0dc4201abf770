"""Calls of mail providers (RELIABILITY E7), signed here as the providers sign them."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from leads.consent import is_suppressed, suppression_of
from leads.feedback.providers import sign
from leads.inbox import intake
from leads.keyrings import keys
from leads.models import Inbound, MailEvent, Message, Suppression
from leads.tests.answers_world import a_sent_mail, sent
from leads.tests.mail_world import a_due_mail

pytestmark = pytest.mark.django_db
MAILGUN_KEY, SVIX_KEY = "key-of-mailgun", b"a secret of twenty-four "
LOGIN = "hooks:a-long-secret"


@pytest.fixture(autouse=True)
def set_up(settings):
    settings.ANYMAIL = {
        "MAILGUN_WEBHOOK_SIGNING_KEY": MAILGUN_KEY,
        "RESEND_SIGNING_SECRET": "whsec_" + base64.b64encode(SVIX_KEY).decode(),
        "WEBHOOK_SECRET": LOGIN,
    }


@pytest.fixture
def mail():
    return a_sent_mail(at=timezone.now() - timedelta(hours=1))


def work():
    intake.work_due(at=timezone.now())


def a_mailgun_call(
    client, mail_id: str, event: str = "failed", *, age: int = 0, key: str = MAILGUN_KEY, **data
):
    stamp, token = str(int(time.time()) - age), "t" * 50
    body = {
        "signature": {
            "timestamp": stamp,
            "token": token,
            "signature": hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest(),
        },
        "event-data": {
            "event": event,
            "id": data.pop("id", "event-1"),
            "timestamp": time.time(),
            "recipient": "piet@maasland.example",
            "message": {"headers": {"message-id": mail_id.strip("<>")}},
            **data,
        },
    }
    return client.post("/hooks/mailgun/", json.dumps(body), content_type="application/json")


GONE = {
    "severity": "permanent",
    "reason": "bounce",
    "delivery-status": {"code": 550, "message": "550 5.1.1 User unknown"},
}
FULL = {
    "severity": "permanent",
    "reason": "generic",
    "delivery-status": {"code": 552, "message": "552 5.2.2 Mailbox full"},
}


def a_postmark_call(client, body: dict, login: str = LOGIN):
    authorization = "Basic " + base64.b64encode(login.encode()).decode()
    return client.post(
        "/hooks/postmark/",
        json.dumps(body),
        content_type="application/json",
        headers={"authorization": authorization},
    )


def postmark(kind: str, mail: Message, **more) -> dict:
    about = {"Email": mail.to_address, "Recipient": mail.to_address, "MessageID": "8-4-4-4-12", "ID": 42}
    return {"RecordType": kind, **about, "Metadata": {"message": mail.message_id}, **more}


def a_resend_call(
    client, mail: Message, kind: str, *, named: str = "msg_1", age: int = 0, key: bytes = SVIX_KEY
):
    data = {"email_id": "e1", "to": [mail.to_address], "created_at": "2026-11-22T10:00:00.000Z"}
    data |= {
        "tags": {},
        "headers": [{"name": "X-Metadata", "value": json.dumps({"message": mail.message_id})}],
    }
    body = json.dumps({"type": kind, "created_at": "2026-11-22T10:00:01.000Z", "data": data})
    stamp = str(int(time.time()) - age)
    signature = base64.b64encode(
        hmac.new(key, f"{named}.{stamp}.{body}".encode(), hashlib.sha256).digest()
    ).decode()
    headers = {"svix-id": named, "svix-timestamp": stamp, "svix-signature": f"v1,{signature}"}
    return client.post("/hooks/resend/", body, content_type="application/json", headers=headers)


def an_own_call(client, *events: dict, age: int = 0, key: str = "", tamper: bytes = b""):
    body = json.dumps({"events": events}).encode()
    stamp = str(int(time.time()) - age)
    signature = f"t={stamp},v1={sign(body, stamp, key or keys('hooks')[0])}"
    return client.post(
        "/hooks/headwater/",
        body + tamper,
        content_type="application/json",
        headers={"X-Headwater-Signature": signature},
    )


def told(mail: Message, event: str, number: int = 1, **more) -> dict:
    return {"id": f"e{number}", "event": event, "message_id": mail.message_id, **more}


def test_mailgun_tells_of_an_address_that_does_not_exist(client, mail):
    assert a_mailgun_call(client, mail.message_id, **GONE).status_code == 200
    assert not MailEvent.objects.exists()  # stored first
    work()
    event = MailEvent.objects.get()
    assert (event.kind, event.message, event.code) == ("hard", mail, "5.1.1")
    assert suppression_of(mail.person.email_key).reason == "bounced"


def test_mailguns_permanent_failure_of_a_full_mailbox_is_soft(client, mail):
    a_mailgun_call(client, mail.message_id, **FULL)
    work()
    assert MailEvent.objects.get().kind == "soft"
    assert not Suppression.objects.exists()


def test_postmark_tells_of_a_complaint(client, mail):
    assert a_postmark_call(client, postmark("SpamComplaint", mail, Type="SpamComplaint")).status_code == 200
    work()
    assert suppression_of(mail.person.email_key).reason == "complained"


def test_postmarks_hard_bounce_counts_without_words_and_its_soft_one_does_not(client, mail):
    a_postmark_call(client, postmark("Bounce", mail, Type="SoftBounce", ID=1))
    work()
    assert not Suppression.objects.exists()
    a_postmark_call(client, postmark("Bounce", mail, Type="HardBounce", ID=2))
    work()
    assert is_suppressed(mail.person.email_key)


def test_resend_is_believed_by_its_signature_over_id_time_and_body(client, mail):
    assert a_resend_call(client, mail, "email.complained").status_code == 200
    work()
    assert MailEvent.objects.get().kind == "complaint"


def test_delivered_resolves_a_mail_in_doubt(client):
    row = sent(a_due_mail(), at=timezone.now(), state="unknown")
    an_own_call(client, told(row, "delivered"))
    work()
    assert Message.objects.get(pk=row.pk).state == "sent"


def test_a_late_delivered_never_undoes_a_complaint(client, mail):
    an_own_call(client, told(mail, "complained", 1))
    an_own_call(client, told(mail, "delivered", 2))
    work()
    assert sorted(MailEvent.objects.values_list("kind", flat=True)) == ["complaint", "delivered"]
    assert suppression_of(mail.person.email_key).reason == "complained"


def test_the_same_event_twice_is_one_also_in_another_body(client, mail):
    a_mailgun_call(client, mail.message_id, **GONE)
    a_mailgun_call(client, mail.message_id, attempt=2, **GONE)
    work()
    assert (Inbound.objects.count(), MailEvent.objects.count()) == (2, 1)


def test_the_same_call_again_is_stored_once(client, mail):
    event = told(mail, "bounced", words="550 5.1.1 User unknown")
    for _time in range(3):
        assert an_own_call(client, event).status_code == 200
    assert Inbound.objects.count() == 1


def test_several_events_of_one_call_are_all_taken(client, mail):
    other = a_sent_mail("anna@maasland.example", at=timezone.now())
    an_own_call(client, told(mail, "bounced", 1, words="550 5.1.1 gone"), told(other, "complained", 2))
    work()
    assert MailEvent.objects.count() == 2


def test_an_unknown_mail_is_answered_200_and_only_logged(client, caplog):
    caplog.set_level("INFO")
    assert a_mailgun_call(client, "<nobody@knows>", **GONE).status_code == 200
    work()
    assert Inbound.objects.get().read_as == "unmatched"
    assert not Suppression.objects.exists()
    assert "not ours" in caplog.text


@pytest.mark.parametrize("age", [301, -301])
def test_a_call_signed_more_than_five_minutes_from_now_is_refused(client, mail, age):
    answers = [
        a_mailgun_call(client, mail.message_id, age=age, **GONE),
        a_resend_call(client, mail, "email.complained", age=age),
        an_own_call(client, told(mail, "complained"), age=age),
    ]
    assert [answer.status_code for answer in answers] == [403] * 3
    assert not Inbound.objects.exists()


def test_a_wrong_signature_is_refused_and_stores_nothing(client, mail):
    answers = [
        a_mailgun_call(client, mail.message_id, key="another", **GONE),
        a_resend_call(client, mail, "email.complained", key=b"another"),
        a_postmark_call(client, postmark("SpamComplaint", mail), login="hooks:guessed"),
        an_own_call(client, told(mail, "complained"), key="another"),
        an_own_call(client, told(mail, "complained"), tamper=b" "),
        client.post("/hooks/postmark/", "{}", content_type="application/json"),
        client.post("/hooks/headwater/", "{}", content_type="application/json"),
        client.post("/hooks/mailgun/", "[]", content_type="application/json"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 8
    assert not Inbound.objects.exists()


def test_signatures_are_compared_in_constant_time(client, mail, monkeypatch):
    seen = []
    compare = hmac.compare_digest
    monkeypatch.setattr(
        "leads.feedback.providers.hmac.compare_digest", lambda a, b: seen.append(a) or compare(a, b)
    )
    a_resend_call(client, mail, "email.complained")
    an_own_call(client, told(mail, "complained"))
    assert len(seen) == 2


@pytest.mark.parametrize("provider", ["sendgrid", "nobody", "mandrill"])
def test_who_is_not_set_up_has_no_door(client, provider):
    assert client.post(f"/hooks/{provider}/", "{}", content_type="application/json").status_code == 404


def test_a_call_over_a_megabyte_is_refused(client):
    answer = client.post("/hooks/headwater/", b"x" * (1024 * 1024 + 1), content_type="application/json")
    assert answer.status_code == 400
    assert not Inbound.objects.exists()


def test_a_page_cannot_be_looked_at_and_a_trial_is_answered(client):
    assert client.get("/hooks/headwater/").status_code == 405
    assert client.head("/hooks/headwater/").status_code == 200


def test_a_thousand_events_are_answered_within_a_second(client, mail):
    events = [told(mail, "delivered", number) for number in range(1000)]
    begun = time.thread_time()
    assert an_own_call(client, *events).status_code == 200
    assert time.thread_time() - begun < 1


def test_a_body_that_is_no_call_fails_alone(client, mail):
    body, stamp = b'{"events": 7}', str(int(time.time()))
    signature = f"t={stamp},v1={sign(body, stamp, keys('hooks')[0])}"
    client.post(
        "/hooks/headwater/",
        body,
        content_type="application/json",
        headers={"X-Headwater-Signature": signature},
    )
    an_own_call(client, told(mail, "complained"))
    work()
    assert Inbound.objects.exclude(error="").count() == 1
    assert MailEvent.objects.count() == 1


def test_opens_and_clicks_of_a_providers_own_tracking_are_nobodys_consent(client, mail):
    an_own_call(client, told(mail, "opened", 1), told(mail, "clicked", 2))
    work()
    assert not MailEvent.objects.exists()


def test_an_unsubscribe_at_the_provider_is_one_here(client, mail):
    an_own_call(client, told(mail, "unsubscribed"))
    work()
    row = suppression_of(mail.person.email_key)
    assert (row.reason, row.message) == ("unsubscribed", mail)


def test_an_event_from_the_future_happened_when_it_was_told(client, mail):
    an_own_call(client, told(mail, "delivered", at="2099-01-01T00:00:00Z"))
    work()
    assert MailEvent.objects.get().at <= timezone.now()
