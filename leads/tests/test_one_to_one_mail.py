"""Mail from one colleague to one person, as a mail server has it: whose it is, its talk, its invitation."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.utils import translation
from icalendar import Calendar

from leads.consent import TRACKING, record_consent, suppress
from leads.models import ContactBasis, Message, OwnMail, Person
from leads.own_mail import writing
from leads.sending import delivery, ledger, outbox
from leads.sending.answers import SENT
from leads.sending.letters import letter
from leads.sending.line import email
from leads.tests.builders import NOON, a_lead
from leads.tests.mail_rules import Taken, links, pictures
from leads.tests.mail_world import fresh, in_hand
from leads.tests.smtp_sink import mail_server

pytestmark = pytest.mark.django_db
BASE, DOMAIN = "https://www.averdahl.example", "averdahl.example"
FILE = "\r\n".join(
    ["BEGIN:VCALENDAR", "METHOD:REQUEST", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:1@x",
     "DTSTAMP:20260303T090000Z", "DTSTART:20260304T090000Z", "SUMMARY:Gauge\\, line ß",
     "END:VEVENT", "END:VCALENDAR", ""]
)  # fmt: skip


@pytest.fixture(autouse=True)
def house(settings: Any) -> None:
    settings.BASE_URL, settings.DEFAULT_FROM_EMAIL = BASE, f"Averdahl Sensing <hello@{DOMAIN}>"


@pytest.fixture
def sanne(db: None) -> Any:
    return get_user_model().objects.create(
        username="sanne", email=f"sanne@{DOMAIN}", first_name="Sanne", last_name='de "W" Wüst'
    )


@pytest.fixture
def piet(db: None) -> Person:
    return a_lead(email="piet@maasland.example").person


def written(person: Person, user: Any, **more: Any) -> OwnMail:
    given = {
        "subject": "Your pump",
        "text": "Hello Piet,\n\nit fits:\nhttps://x.example/a?b=1&c=2.",
        "at": NOON,
    }
    return writing.write(**({"person": person, "user": user} | given | more))


def sent(settings: Any, at: Any = NOON) -> list[EmailMessage]:
    with mail_server(settings) as server:
        delivery.deliver(slot="one", at=at)
    taken = zip(server.kept, server.senders, server.rcpts, strict=True)
    return [Taken(raw, sender, [to]).message for raw, sender, to in taken]


def test_it_comes_from_whoever_wrote_it_and_is_no_list(settings: Any, sanne: Any, piet: Person) -> None:
    own = written(piet, sanne)
    (mail,) = sent(settings)
    assert str(mail["From"]) == f'"Sanne de \\"W\\" Wüst" <sanne@{DOMAIN}>'
    assert (mail["To"], mail["Subject"], mail["Message-ID"]) == (piet.email, "Your pump", own.message_id)
    for header in (
        "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Auto-Submitted", "In-Reply-To", "References",
        "Reply-To",
    ):  # fmt: skip
        assert mail[header] is None


def test_who_has_an_address_elsewhere_is_answered_there(settings: Any, sanne: Any, piet: Person) -> None:
    get_user_model().objects.filter(pk=sanne.pk).update(email="sanne@elsewhere.example")
    sanne.refresh_from_db()
    written(piet, sanne)
    (mail,) = sent(settings)
    assert str(mail["From"]).endswith(f"<hello@{DOMAIN}>") and "Sanne" in str(mail["From"])
    assert mail["Reply-To"] == "sanne@elsewhere.example"


def test_it_is_never_tracked_even_with_consent_to_it(settings: Any, sanne: Any, piet: Person) -> None:
    record_consent(person=piet, purpose=TRACKING, given=True, at=NOON)
    written(piet, sanne)
    with mail_server(settings) as server:
        delivery.deliver(slot="one", at=NOON)
    mail = Taken(server.kept[0], server.senders[0], server.rcpts)
    assert pictures(mail) == []
    assert links(mail) == ["https://x.example/a?b=1&c=2"]
    assert "it fits:\nhttps://x.example/a?b=1&c=2." in mail.parts["plain"].replace("\r\n", "\n")


def test_only_a_cold_contact_is_shown_the_way_out(settings: Any, sanne: Any, piet: Person) -> None:
    cold = Person.objects.create(email="mia@maasland.example", email_key="mia@maasland.example")
    ContactBasis.objects.create(person=cold, kind="interest", why="Runs pumps", source="A fair", at=NOON)
    for person in (piet, cold):
        written(person, sanne)
    with mail_server(settings) as server:
        delivery.deliver(slot="one", at=NOON)
    mails = {to: Taken(raw, "", [to]) for raw, to in zip(server.kept, server.rcpts, strict=True)}
    for person, is_cold in ((piet, False), (cold, True)):
        both = mails[person.email].parts
        assert all((f"{BASE}/u/" in words) is is_cold for words in both.values())
        assert all(settings.POSTAL_ADDRESS in words for words in both.values())


def test_a_talk_goes_on_by_its_message_ids(settings: Any, sanne: Any, piet: Person) -> None:
    first = written(piet, sanne)
    theirs = OwnMail.objects.create(
        person=piet, direction="in", message_id="<b@maasland.example>", in_reply_to=first.message_id,
        thread=first.thread, at=NOON,
    )  # fmt: skip
    third = written(piet, sanne, answers=theirs, subject=writing.subject_of_answer("RE: AW: Your pump"))
    mail = next(one for one in sent(settings) if one["Message-ID"] == third.message_id)
    assert mail["Subject"] == "Re: Your pump"
    assert mail["In-Reply-To"] == "<b@maasland.example>"
    assert str(mail["References"]).split() == [first.message_id, "<b@maasland.example>"]


@pytest.mark.parametrize(
    "bad",
    ["<a b@x>", "<a@x>\r\nBcc: x@y.example", "a@x", "<ä@x>", "<a@passed-on.invalid>", f"<{'a' * 250}@x>"],
)
def test_what_is_no_message_id_is_not_repeated(settings: Any, sanne: Any, piet: Person, bad: str) -> None:
    theirs = OwnMail.objects.create(
        person=piet, direction="in", message_id=bad[:250], thread=bad[:250], at=NOON
    )
    written(piet, sanne, answers=theirs)
    (mail,) = sent(settings)
    assert mail["In-Reply-To"] is None and mail["Bcc"] is None


def test_a_long_talk_keeps_its_lines_short_and_its_first_mail(
    settings: Any, sanne: Any, piet: Person
) -> None:
    last = written(piet, sanne)
    first = last.thread
    for number in range(60):
        last = OwnMail.objects.create(
            person=piet, direction="in", message_id=f"<{number}.{'x' * 200}@maasland.example>",
            in_reply_to=last.message_id, thread=first, at=NOON,
        )  # fmt: skip
    written(piet, sanne, answers=last)
    with mail_server(settings) as server:
        delivery.deliver(slot="one", at=NOON)
        delivery.deliver(slot="one", at=NOON + timedelta(hours=1))
    raw = server.kept[-1]
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    found = str(Taken(raw, "", []).message["References"]).split()
    assert (len(found), found[0], found[-1]) == (20, first, last.message_id)


HOSTILE = (
    '"<script>alert(1)</script>\r\nBcc: x@y.example"',
    "{{ brand }} {% x %}",
    "=?utf-8?q?x?=",
    "木村" * 90,
)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(settings: Any, sanne: Any, piet: Person, words: str) -> None:
    own = written(piet, sanne, subject=words, text=words)
    assert "\n" not in own.subject and len(own.subject) <= 200
    with mail_server(settings) as server:
        delivery.deliver(slot="one", at=NOON)
    mail = Taken(server.kept[0], server.senders[0], server.rcpts)
    assert mail.message["Bcc"] is None and server.rcpts == [piet.email]
    assert mail.html.css("script") == []
    if "\r" not in words:
        assert words in mail.parts["plain"]
    if "=?" not in words:  # which a reader takes for an encoded word, and it is harmless
        assert str(mail.message["Subject"]).strip() == own.subject


def test_an_invitation_is_drawn_and_can_be_opened(settings: Any, sanne: Any, piet: Person) -> None:
    written(piet, sanne, calendar=FILE)
    with mail_server(settings) as server:
        delivery.deliver(slot="one", at=NOON)
    mail = Taken(server.kept[0], server.senders[0], server.rcpts).message
    alternative, attached = mail.iter_parts()
    kinds = [part.get_content_type() for part in alternative.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    drawn = list(alternative.iter_parts())[2]
    assert (drawn.get_param("method"), drawn.get_content_charset()) == ("REQUEST", "utf-8")
    assert (attached.get_content_type(), attached.get_filename()) == ("application/ics", "invite.ics")
    for raw in (drawn.get_payload(decode=True), attached.get_payload(decode=True)):
        event = Calendar.from_ical(raw).walk("VEVENT")[0]
        assert str(event["SUMMARY"]) == "Gauge, line ß"
    assert max(len(line) for line in server.kept[0].split(b"\r\n")) <= 998


def test_a_providers_api_gets_the_method_on_the_file(settings: Any, sanne: Any, piet: Person) -> None:
    own = written(piet, sanne, calendar=FILE.replace("REQUEST", "CANCEL"))
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    assert own.sent_as is not None
    made = email(letter(own.sent_as, NOON))
    assert [part.mimetype for part in made.alternatives] == ["text/html"]
    assert [(file[0], file[2]) for file in made.attachments] == [
        ("invite.ics", "text/calendar; method=CANCEL")
    ]


def test_written_twice_it_is_one(settings: Any, sanne: Any, piet: Person) -> None:
    key = uuid4()
    assert written(piet, sanne, key=key) == written(piet, sanne, key=key, text="Other words")
    assert len(sent(settings)) == 1


def test_a_mail_in_doubt_is_never_sent_again_by_itself(settings: Any, sanne: Any, piet: Person) -> None:
    own = written(piet, sanne)
    assert own.sent_as is not None
    row, batch = in_hand(own.sent_as)
    assert batch.lease is not None
    assert ledger.claim(message=row, lease=batch.lease, at=NOON)
    ledger.record(ledger.Result(message=row, lease=batch.lease, state="unknown", at=NOON))
    ledger.release(lease=batch.lease, at=NOON)
    assert fresh(own.sent_as).state == "unknown"
    assert sent(settings, NOON + timedelta(days=2)) == []
    outbox.send_again(message=own.sent_as, by=sanne, at=NOON)
    (mail,) = sent(settings)
    assert mail["Message-ID"] == own.message_id
    assert SENT.state == fresh(own.sent_as).state


def test_who_says_no_before_it_leaves_gets_nothing(settings: Any, sanne: Any, piet: Person) -> None:
    own = written(piet, sanne)
    suppress(email_key=piet.email_key or "", person=piet, reason="unsubscribed", at=NOON)
    assert sent(settings) == []
    assert own.sent_as and (fresh(own.sent_as).state, fresh(own.sent_as).reason) == (
        "suppressed", "unsubscribed",
    )  # fmt: skip


def test_a_colleague_is_told_in_words_why_not(piet: Person) -> None:
    assert writing.refusal(piet, NOON) is None
    suppress(email_key=piet.email_key or "", person=piet, reason="complained", at=NOON)
    with translation.override("en"):
        no = writing.refusal(piet, NOON)
    assert no and no.reason == "complained" and "spam" in no.words


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\n\nb\nc", "<p>a</p><p>b<br>c</p>"),
        ("<b>&", "<p>&lt;b&gt;&amp;</p>"),
        ("see (https://x.example/y).", '<p>see (<a href="https://x.example/y">https://x.example/y</a>).</p>'),
        ("javascript:alert(1)", "<p>javascript:alert(1)</p>"),
        ('https://x.example/"onclick="x', '<p><a href="https://x.example/">https://x.example/</a>&quot;onclick=&quot;x</p>'),
        ("\n \n\n", ""),
    ],
)  # fmt: skip
def test_plain_words_become_paragraphs_and_links(text: str, html: str) -> None:
    assert writing.as_html(text) == html


def test_its_row_counts_as_one_to_one(sanne: Any, piet: Person) -> None:
    own = written(piet, sanne)
    assert own.sent_as and own.sent_as.kind == Message.Kind.ONE_TO_ONE and own.sent_as.due_at == NOON
