"""There and back: a mail goes over a real line, and its report comes home by the envelope it left with."""

import re
from email import message_from_bytes

import pytest

from leads.consent import is_suppressed
from leads.inbox import intake
from leads.inbox.mailbox import fetch
from leads.models import MailEvent, Message
from leads.sending.delivery import deliver
from leads.tests.answers_world import LATER, a_report
from leads.tests.builders import NOON
from leads.tests.mail_world import a_due_mail
from leads.tests.smtp_sink import mail_server

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_report_comes_home_by_the_envelope_and_the_next_mail_does_not_leave(settings, tmp_path):
    settings.BOUNCE_ADDRESS = "bounces@mail.averdahl.example"
    mail, other = a_due_mail(), a_due_mail("anna@maasland.example")
    with mail_server(settings) as sink:
        deliver(slot="one", at=NOON)
    assert len(set(sink.senders)) == 2
    envelope = dict(zip(sink.rcpts, sink.senders, strict=True))["piet@maasland.example"]
    assert re.fullmatch(r"bounces\+[0-9a-z]+-[0-9a-z]{16}@mail\.averdahl\.example", envelope)
    assert {message_from_bytes(raw)["From"] for raw in sink.kept} == {settings.DEFAULT_FROM_EMAIL}

    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1.host").write_bytes(a_report(None, to=envelope, address="somebody@behind.example"))
    settings.INBOX = {"kind": "maildir", "folder": str(tmp_path)}
    fetch(at=LATER)
    intake.work_due(at=LATER)
    assert MailEvent.objects.get().message == mail
    assert is_suppressed("piet@maasland.example")
    assert not is_suppressed("anna@maasland.example")
    assert Message.objects.get(pk=other.pk).state == "sent"
