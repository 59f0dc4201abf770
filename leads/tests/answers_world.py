"""Mails as they come back, made here: bounces, complaints, automatic and real replies."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage

from leads.inbox import intake
from leads.models import Inbound, Message
from leads.tests.builders import NOON
from leads.tests.mail_world import a_due_mail

LATER = NOON + timedelta(minutes=5)


def a_sent_mail(email: str = "piet@maasland.example", at: datetime = NOON, **said) -> Message:
    """One mail of a sequence that went out."""
    row = a_due_mail(email, at, **said)
    return sent(row, at)


def sent(row: Message, at: datetime = NOON, state: str = "sent") -> Message:
    Message.objects.filter(pk=row.pk).update(
        state=state,
        claimed_at=at,
        ended_at=at,
        to_address=row.person.email,
        subject="One reading moves first",
    )
    return Message.objects.select_related("person", "enrolment__sequence").get(pk=row.pk)


def a_report(
    mail: Message | None, *, status: str = "5.1.1", words: str = "550 5.1.1 User unknown", action: str = "failed",
    address: str = "", to: str = "hello@averdahl.example", number: int = 1,
) -> bytes:  # fmt: skip
    """A delivery report (RFC 3464) with the head of the mail it is about."""
    address = address or (mail.to_address if mail else "")
    returned = (
        f"Message-ID: {mail.message_id}\r\nSubject: One reading moves first\r\n" if mail else "Subject: x\r\n"
    )
    return "\r\n".join(
        [
            "Return-Path: <>", "From: MAILER-DAEMON@maasland.example", f"To: {to}",
            "Subject: Undelivered Mail Returned to Sender", f"Message-ID: <report{number}@maasland.example>",
            "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
            "--b", "Content-Type: text/plain", "", "I'm sorry to have to inform you …", "",
            "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.maasland.example", "",
            f"Final-Recipient: rfc822; {address}", f"Action: {action}", f"Status: {status}",
            f"Diagnostic-Code: smtp; {words}", "",
            "--b", "Content-Type: text/rfc822-headers", "", returned, "--b--", "",
        ]
    ).encode()  # fmt: skip


def a_complaint(mail: Message, kind: str = "abuse") -> bytes:
    """A feedback report (RFC 5965) that hides the reader's address, as they do."""
    return "\r\n".join(
        [
            "From: fbl@provider.example", "To: abuse@averdahl.example", "Subject: Abuse report",
            "Message-ID: <fbl1@provider.example>", "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=feedback-report; boundary="b"', "",
            "--b", "Content-Type: text/plain", "", "This is an abuse report.", "",
            "--b", "Content-Type: message/feedback-report", "", f"Feedback-Type: {kind}", "Version: 1", "",
            "--b", "Content-Type: message/rfc822", "", f"Message-ID: {mail.message_id}", "Subject: One reading", "",
            "Hello", "",
            "--b--", "",
        ]
    ).encode()  # fmt: skip


def a_reply(
    to: Message | None, text: str = "Yes, call me on Tuesday.", *, sender: str = "", subject: str = "Re: One reading",
    number: int = 1, **headers: str,
) -> bytes:  # fmt: skip
    mail = EmailMessage()
    mail["From"] = sender or (to.to_address if to else "somebody@elsewhere.example")
    mail["To"] = "hello@averdahl.example"
    mail["Subject"] = subject
    mail["Message-ID"] = f"<reply{number}@maasland.example>"
    if to:
        mail["In-Reply-To"] = to.message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"{text}\n\nOn Tuesday we wrote:\n> Hello there")
    return mail.as_bytes()


def comes_in(raw: bytes, at: datetime = LATER) -> Inbound:
    """Stored and worked on."""
    row = intake.keep_mail(raw, at=at)
    intake.work_due(at=at)
    row.refresh_from_db()
    return row
