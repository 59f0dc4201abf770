"""What the status page says of sending: a server that refuses us, mails in doubt, limits reached, mail that is late."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import SendingPolicy
from crm import lease
from crm.status import sending_is_late, status
from leads.models import Message, SenderPause
from leads.sending.outbox import resume_sending
from leads.tests.builders import NOON
from leads.tests.mail_world import a_download, a_due_mail

pytestmark = pytest.mark.django_db


def test_a_pause_of_sending_is_shown_until_it_ends_or_is_lifted(client, omar):
    now = timezone.now()
    lease.hold(at=now)
    SenderPause.objects.create(
        reason="the mail server refuses us: 535", at=now, until=now + timedelta(minutes=10)
    )
    client.force_login(omar)
    page = client.get("/staff/status/").content.decode()
    assert "Sending is paused." in page
    assert "refuses us: 535" in page
    assert status(at=now + timedelta(minutes=11)).pause is None
    resume_sending(by=omar, at=now)
    assert status(at=now).pause is None


MINUTE = timedelta(minutes=1)


def test_mail_that_is_due_for_more_than_five_minutes_is_late():
    a_due_mail()
    assert sending_is_late(NOON + 5 * MINUTE) is None
    assert sending_is_late(NOON + 6 * MINUTE) == 6 * MINUTE
    Message.objects.update(due_at=NOON + 60 * MINUTE)  # as the gate holds it
    assert sending_is_late(NOON + 6 * MINUTE) is None


def test_what_a_limit_keeps_back_is_not_late_but_a_download_is():
    a_due_mail()
    Message.objects.create(
        key="seq:0:0", message_id="<0@x>", kind="sequence", person=a_due_mail("b@maasland.example").person,
        state="sent", due_at=NOON, claimed_at=NOON,
    )  # fmt: skip
    SendingPolicy.objects.update(ramp_from=NOON.date(), ramp_first_day=1)
    assert sending_is_late(NOON + 6 * MINUTE) is None
    a_download("c@maasland.example")
    assert sending_is_late(NOON + 6 * MINUTE) == 6 * MINUTE


def test_the_page_tells_mails_in_doubt_and_the_ramp(client, omar, maya):
    Message.objects.filter(pk=a_due_mail().pk).update(state="unknown", claimed_at=timezone.now())
    SendingPolicy.objects.update(ramp_from=timezone.now().date(), ramp_first_day=1)
    client.force_login(omar)
    page = client.get("/staff/status/").content.decode()
    assert "Mails in doubt" in page
    assert "Complaints, 7 days" in page
    assert "1 of 1 · reached, mailings wait" in " ".join(page.split())
    client.force_login(maya)
    home = client.get("/staff/").content.decode()
    assert "?state__exact=unknown" in home
    assert client.get("/admin/leads/message/?state__exact=unknown").status_code == 200
