"""What goes out: headers and parts of every mail (RELIABILITY N13), whatever stands in a name."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.core import mail as outbox
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from campaigns.models import Campaign, Channel, Sequence
from leads.consent import TRACKING, record_consent
from leads.models import Message
from leads.sending import delivery, headers, line
from leads.sending.letters import letter
from leads.tests.builders import NOON, a_page, submitted
from leads.tests.mail_world import a_download, a_due_mail, a_sequence

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Unsubscribe", "List-Id")
NASTY = [
    "None",
    "null",
    "\r\nBcc: x@y.example\r\n\r\nhello",
    "\n.\n",
    "=?utf-8?q?x?=",
    '"<a@b.c>"',
    "{{ brand }}",
    "‮",
]
NAMES = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=80),
    st.text(alphabet="\r\n\t <>\"',;:@\x00\x85\u2028", max_size=20),
)


def sent(row: Message) -> bytes:
    return line.email(letter(row, NOON)).message().as_bytes(linesep="\r\n")


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


def header_lines(raw: bytes) -> list[str]:
    head = re.sub(rb"\r\n[ \t]", b" ", raw.split(b"\r\n\r\n", 1)[0])
    return [line.split(b":", 1)[0].decode().lower() for line in head.split(b"\r\n")]


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return body.get_content()


def test_a_thousand_hostile_names_break_no_header_and_greet_nobody_as_none():
    row = Message.objects.select_related("person", "enrolment__sequence", "step", "words").get(
        pk=a_due_mail().pk
    )
    row.words.subject = (
        "{{ person.last_name | default: 'Hello' }}, {{ person.first_name | default: 'there' }}"
    )
    row.words.body = (
        "<p>Hi [{{ person.first_name | default: 'there' }}] [{{ person.company | default: '-' }}]</p>"
    )
    row.step.pk = 10**9  # no links of its own

    @rules(max_examples=1000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(NAMES, NAMES, NAMES)
    def holds(first, last, company):
        row.person.first_name, row.person.last_name, row.person.company_name = first, last, company
        raw = sent(row)
        names = header_lines(raw)
        assert [names.count(name.lower()) for name in ONCE] == [1] * len(ONCE)
        assert not {"bcc", "cc"} & set(names)
        assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
        assert b"\n" not in raw.replace(b"\r\n", b"")
        message = parsed(raw)
        assert message["To"] == "piet@maasland.example"
        assert message["Message-ID"] == row.message_id
        for body in (part(message, "plain"), part(message, "html")):
            assert not re.search(r"Hi \[(\W*|none|nan|n/a|undefined)\] \[", body, re.I)

    holds()


def test_nobody_without_a_name_is_greeted_as_nobody():
    raw = sent(a_due_mail())
    assert "Hello there" in part(parsed(raw), "plain")
    assert b"None" not in raw


@pytest.mark.parametrize("make", [a_due_mail, a_download])
def test_every_mail_has_both_parts_one_click_and_the_postal_address(make, settings):
    settings.BASE_URL = "https://www.averdahl.example"
    row = make()
    message = parsed(sent(row))
    url = headers.unsubscribe_url(row)
    assert url.startswith("https://www.averdahl.example/u/")
    assert message["List-Unsubscribe"].strip() == f"<{url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_content_type() == "multipart/alternative"
    for body in (part(message, "plain"), part(message, "html")):
        assert url in body
        assert "Kanalweg 14" in body


def test_only_mail_that_was_asked_for_says_that_a_machine_wrote_it():
    assert parsed(sent(a_due_mail()))["Auto-Submitted"] is None
    assert parsed(sent(a_download()))["Auto-Submitted"] == "auto-generated"


def test_no_address_stands_in_a_url():
    raw = sent(a_due_mail()).decode()
    assert not re.findall(r"https?://[^\s\"<>]*@", raw)
    assert not re.findall(r"https?://[^\s\"<>]*maasland", raw)


def with_campaign() -> Message:
    channel = Channel.objects.get(slug="email")
    a_sequence()
    Sequence.objects.update(
        campaign=Campaign.objects.create(name="c", slug="c", channel=channel, utm_campaign="c")
    )
    from campaigns.sequences import publish

    publish(sequence=Sequence.objects.get(), by=None, at=NOON)
    return a_due_mail()


def test_without_consent_to_tracking_links_are_plain_and_no_picture_is_fetched():
    body = part(parsed(sent(with_campaign())), "html")
    assert (
        'href="https://averdahl.example/a?utm_source=guide-series&amp;utm_medium=email&amp;utm_campaign=c'
        in body
    )
    assert "/c/" not in body
    assert ".gif" not in body


def test_with_consent_to_tracking_links_go_by_us_and_lead_to_the_kept_target(client):
    row = with_campaign()
    record_consent(person=row.person, purpose=TRACKING, given=True, at=NOON)
    body = part(parsed(sent(row)), "html")
    (path,) = set(re.findall(r'href="http://127.0.0.1:8000(/c/[^"]+)"', body))
    assert "/o/" in body
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (
        302,
        "https://averdahl.example/a?utm_source=guide-series&utm_medium=email&utm_campaign=c&utm_content=step-1",
    )


def test_the_mail_with_the_download_leads_to_it(client):
    body = part(parsed(sent(a_download())), "plain")
    assert "Catch a failing bearing" in body
    assert re.search(r"http://127.0.0.1:8000/d/\S+/", body)


def test_the_confirmation_mail_shows_the_words_and_leads_to_the_question():
    taken = submitted(a_page(double_opt_in=True))
    row = Message.objects.get(kind="opt_in", submission=taken.submission)
    body = part(parsed(sent(row)), "plain")
    assert taken.submission.page.consent_text.text[:30] in body
    assert re.search(r"http://127.0.0.1:8000/confirm/\S+/", body)


def test_the_mail_speaks_the_language_of_its_page():
    row = a_download()
    row.submission.page.language = "de"
    assert 'lang="de"' in part(parsed(sent(row)), "html")


@pytest.mark.parametrize(
    "written", ["A <b@c.example>", "a@b.example, c@d.example", "a@b.example\r\nBcc: x@y.example"]
)
def test_an_address_that_is_more_than_one_address_is_written_in_its_canonical_form(written):
    row = a_due_mail()
    row.person.email = written
    assert parsed(sent(row))["To"] == "piet@maasland.example"


def test_what_is_sent_is_what_was_made():
    row = a_due_mail()
    delivery.deliver(slot="one", at=NOON)
    (kept,) = outbox.outbox
    assert kept.extra_headers["Message-ID"] == row.message_id
    assert kept.to == ["piet@maasland.example"]
