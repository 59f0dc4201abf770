"""What servers say, in the words of the field (RELIABILITY E3), and notices of their own making."""

import pytest

from leads.feedback.reading import What, read
from leads.feedback.verdicts import verdict

GONE = [
    "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in virtual mailbox table",
    "550-5.1.1 The email account that you tried to reach does not exist.",
    "550 No such user here",
    "553 5.3.0 <a@b.example>... Addressee unknown",
    "550 5.4.1 Recipient address rejected: Access denied",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    "Host or domain name not found. Name service error for name=b.example type=MX: Host not found",
    "554 5.1.2 domain does not accept mail (nullMX)",
    "550 Empfänger unbekannt",
    "550 5.2.1 mailbox disabled, not accepting messages",
]
NOT_NOW = [
    "552 5.2.2 Mailbox full",
    "552 5.1.1 sorry, mailbox is over quota temporarily",
    "450 4.2.0 Greylisted, see http://postgrey.example",
    "421 4.4.2 Connection timed out",
    "450 4.1.1 unverified address: user unknown",
    "554 5.0.0 something nobody has ever said",
    "",
    "550 Requested action not taken: mailbox unavailable",
    "550 user unknown (in reply to end of DATA command)",
]
ABOUT_US = [
    "550 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org",
    "550 5.7.26 This mail is unauthenticated: SPF and DKIM did not pass",
    "554 5.7.1 Message rejected as spam by content filtering",
    "550 5.7.1 Unable to relay",
    "553 5.1.8 Domain of sender address x@y.example does not exist",
    "550 5.7.25 The IP address has no PTR record",
    "554 5.3.4 Message size exceeds fixed limit: message too large",
]


@pytest.mark.parametrize("words", GONE)
def test_these_say_that_there_is_nobody(words):
    assert verdict(words).kind == "hard"


@pytest.mark.parametrize("words", NOT_NOW)
def test_these_say_not_now_or_nothing(words):
    assert verdict(words).kind == "soft"


@pytest.mark.parametrize("words", ABOUT_US)
def test_these_are_about_us(words):
    assert verdict(words).kind == "refused_us"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("5.1.1", "hard"),
        ("5.1.2", "hard"),
        ("5.2.1", "hard"),
        ("5.2.2", "soft"),
        ("4.2.1", "soft"),
        ("5.7.1", "refused_us"),
    ],
)
def test_without_words_the_code_decides(status, kind):
    assert verdict("", status=status).kind == kind


def notice(sender: str, subject: str, text: str) -> bytes:
    return f"From: {sender}\nTo: hello@averdahl.example\nSubject: {subject}\n\n{text}\n".encode()


QMAIL = """Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<anna@b.example>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 no such user

<piet@b.example>:
192.0.2.1 does not like recipient.
Remote host said: 552 5.2.2 over quota

--- Below this line is a copy of the message.

Message-ID: <m1@averdahl.example>
To: someone@else.example
"""


def test_a_notice_about_two_addresses_says_of_each_its_own():
    answer = read(notice("MAILER-DAEMON@mx.example", "failure notice", QMAIL))
    found = {one.address: one.verdict.kind for one in answer.failures}
    assert found == {"anna@b.example": "hard", "piet@b.example": "soft"}
    assert answer.names == ("<m1@averdahl.example>",)


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("anna@b.example", "Fwd: failure notice"),
        ("anna@b.example", "Question about your offer"),
        ("anna@b.example", "Re: Undelivered Mail Returned to Sender"),
    ],
)
def test_a_person_who_passes_a_notice_on_is_a_person(sender, subject):
    assert read(notice(sender, subject, QMAIL)).what == What.MAIL


def test_what_was_written_anew_is_told_from_what_is_quoted():
    text = "Yes please.\n\nAm Montag schrieb Averdahl:\n> Hello"
    assert read(notice("anna@b.example", "Re: x", text)).text == "Yes please."


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00", b"\n\n", b"From: =?x?y?z\n\n", b"Content-Type: multipart/report\n\n--\n", b":" * 5000],
)
def test_a_broken_mail_is_a_mail(raw):
    assert read(raw).failures == ()


def test_a_huge_notice_is_read_in_no_time():
    import time

    begun = time.thread_time()
    read(notice("MAILER-DAEMON@mx.example", "failure notice", "user mailbox quota not exceed over " * 30_000))
    assert time.thread_time() - begun < 5
