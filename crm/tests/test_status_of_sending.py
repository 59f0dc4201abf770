"""A mail server that refuses us is said on the status page, with its words and until when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm import lease
from crm.status import status
from leads.models import SenderPause
from leads.sending.outbox import resume_sending

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
