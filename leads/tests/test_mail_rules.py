"""A thousand mails of all kinds, read back from a mail server: each keeps every rule (RELIABILITY N13)."""

from collections import Counter
from dataclasses import replace
from itertools import cycle, islice

import pytest
from django.contrib.auth import get_user_model

from campaigns.models import PublishedWords, Sequence
from leads import requests, tokens
from leads.consent import MARKETING, TRACKING
from leads.models import ConsentEvent, Entry, Lead, Message, Person, PrivacyRequest
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol_many
from leads.own_mail import writing
from leads.sending import delivery
from leads.tests.builders import NOON, a_page, a_sequence, submitted
from leads.tests.mail_rules import Expected, Taken, broken
from leads.tests.smtp_sink import Sink, mail_server

pytestmark = pytest.mark.django_db
NAMES = (
    "Ada", "", "Zoë", "None", "null", "O'Hara", '"the" <b>', "<script>alert(1)</script>", "{{ brand }}", "{% x %}",
    "\r\nBcc: x@y.example\r\n\r\nhi", "=?utf-8?q?x?=", ".\n.", "木村" * 40, "x" * 79, "\u202eabc", "a@b.example", "n/a",
    ",", "Dr. Jürgen",
)  # fmt: skip
BASE, DOMAIN = "https://www.averdahl.example", "averdahl.example"
ASKED_FOR = ("download", "opt_in", "request")


def people(first: int, number: int, **columns) -> list[Person]:
    """Leads with consent to marketing, every second one to tracking too, with names of all kinds."""
    names = islice(cycle(NAMES), first, None)
    made = Person.objects.bulk_create(
        Person(
            email=f"reader{n}@maasland{n % 7}.example", email_key=f"reader{n}@maasland{n % 7}.example", created_at=NOON,
            first_name=name[:80], last_name=NAMES[n % len(NAMES)][:80], company_name=NAMES[-n % len(NAMES)][:80],
            **columns,
        )
        for n, name in zip(range(first, first + number), names, strict=False)
    )  # fmt: skip
    Lead.objects.bulk_create(
        Lead(person=person, status="nurturing", status_since=NOON, created_at=NOON) for person in made
    )
    ConsentEvent.objects.bulk_create(
        ConsentEvent(person=person, purpose=purpose, given=True, at=NOON)
        for number, person in enumerate(made)
        for purpose in ((MARKETING, TRACKING) if number % 2 else (MARKETING,))
    )
    return made


def enrolled(sequence: Sequence, made: list[Person]) -> None:
    enrol_many(
        people=Person.objects.filter(pk__in=[person.pk for person in made]),
        sequence=sequence,
        at=NOON,
        entry=Entry.STAFF,
    )
    advance(at=NOON, limit=2000)


def in_sequences() -> None:
    """English and German ones for leads, and one in their owner's name for prospects."""
    enrolled(a_sequence("english"), people(0, 340))
    german = a_sequence("german")
    PublishedWords.objects.filter(step__version__sequence=german).update(
        language="de", subject='{{ person.first_name | default: "Hallo" }}: der Prüfstand'
    )
    enrolled(german, people(400, 150))
    owner = get_user_model().objects.create(
        username="sanne", email="sanne@averdahl.example", first_name="Sanne", last_name='de "W" Wüst'
    )
    prospects = people(600, 150, sales_open=True, sales_stage="qualified", sales_owner=owner)
    enrolled(a_sequence("from-sales", audience="prospects"), prospects)


def asked_for() -> None:
    """Downloads and confirmations, in three languages."""
    for language in ("en", "de", "nl"):
        page = a_page(f"paper-{language}", language=language)
        confirmed = a_page(f"confirm-{language}", language=language, double_opt_in=True)
        for n in range(37):
            name = NAMES[n % len(NAMES)]
            submitted(
                page,
                email=f"reader{language}{n}@fenmark.example",
                nonce=f"{language}{n}",
                consent=False,
                first_name=name,
            )
            submitted(
                confirmed,
                email=f"asker{language}{n}@fenmark.example",
                nonce=f"c{language}{n}",
                first_name=name,
            )


def requested() -> None:
    """Requests for one's data or to be forgotten, asked for and confirmed: two mails each, in three languages."""
    kinds = PrivacyRequest.Kind
    for first, language, kind in (
        (800, "en", kinds.ERASURE),
        (820, "de", kinds.EXPORT),
        (840, "nl", kinds.EXPORT),
    ):
        for person in people(first, 20, language=language):
            request = requests.ask(person=person, kind=kind, at=NOON, source_url="", ip=None)
            requests.confirm(request=request, at=NOON)


def written_by_hand() -> None:
    """From one colleague to one person, half of them cold contacts, with words that try to be two headers."""
    author = get_user_model().objects.create(
        username="bram", email="bram@averdahl.example", first_name="Bram", last_name='"x" <y>'
    )
    made = people(900, 80)
    Lead.objects.filter(person__in=made[::2]).delete()
    for person in made:
        writing.write(
            person=person, user=author, at=NOON, subject=f"Your question {person.first_name}\r\nBcc: x@y.example",
            text="Hello,\n\nthe sensor fits.",
        )  # fmt: skip


def everything_sent() -> None:
    while delivery.deliver(slot="one", at=NOON).get("sent"):
        pass


def expected(row: Message, tracked: set[int], settings) -> Expected:
    return Expected(
        to=row.person.email,
        domain=DOMAIN,
        base_url=BASE,
        postal_address=settings.POSTAL_ADDRESS,
        tracked=row.person_id in tracked and row.kind == "sequence",
        asked_for=row.kind in ASKED_FOR,
        by_hand=row.kind == "one",
        cold=not hasattr(row.person, "lead"),
    )


def taken(server: Sink) -> list[Taken]:
    every = zip(server.kept, server.senders, server.rcpts, strict=True)
    return [Taken(raw, sender, [to]) for raw, sender, to in every]


def sent(settings) -> list[tuple[Taken, Message]]:
    """Every mail the server took, with its row."""
    with mail_server(settings) as server:
        everything_sent()
    rows = {row.message_id: row for row in Message.objects.select_related("person")}
    return [(mail, rows[str(mail.message["Message-ID"]).strip()]) for mail in taken(server)]


@pytest.mark.any_database
def test_a_thousand_mails_keep_every_rule(settings):
    settings.BASE_URL, settings.DEFAULT_FROM_EMAIL = BASE, f"Averdahl Sensing <hello@{DOMAIN}>"
    settings.BOUNCE_ADDRESS = f"bounces@{DOMAIN}"
    for some in (in_sequences, asked_for, requested, written_by_hand):
        some()
    mails = sent(settings)
    assert len(mails) == len({row.pk for _mail, row in mails}) == Message.objects.count() >= 1000
    agreed = ConsentEvent.objects.filter(purpose=TRACKING, given=True)
    tracked = set(agreed.values_list("person_id", flat=True))
    wrong: Counter = Counter()
    for mail, row in mails:
        wrong.update(f"{row.kind}: {each}" for each in broken(mail, expected(row, tracked, settings)))
        assert tokens.read_bounce(mail.sender.partition("+")[2].partition("@")[0]) == row.pk
    assert not wrong, wrong.most_common(20)
    assert {row.kind for _mail, row in mails} == {"sequence", "one", *ASKED_FOR}
    by_name = Counter(str(mail.message["From"]).split()[0].strip('"') for mail, _row in mails)
    assert (by_name["Sanne"], by_name["Bram"]) == (150, 80)


GOOD = b"""From: Averdahl <hello@averdahl.example>\r\nTo: piet@maasland.example\r\nSubject: Vibration\r\n\
Date: Wed, 18 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@averdahl.example>\r\nMIME-Version: 1.0\r\n\
List-Unsubscribe: <https://www.averdahl.example/u/x/>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\
List-Id: <a.averdahl.example>\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello Ada, https://www.averdahl.example/u/x/ Kanalweg 14\r\n\
--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Kanalweg 14 <a href="https://www.averdahl.example/u/x/">out</a></p>\r\n\
--b--\r\n"""
PLAIN = Expected("piet@maasland.example", DOMAIN, BASE, "Kanalweg 14", tracked=False, asked_for=False)


def judged(raw: bytes, of: Expected = PLAIN) -> list[str]:
    return broken(Taken(raw, f"hello@{DOMAIN}", ["piet@maasland.example"]), of)


def test_what_a_person_writes_bears_no_mark_of_a_list_and_shows_a_stranger_the_way_out():
    by_hand = replace(PLAIN, by_hand=True)
    marks = (
        b"List-Unsubscribe: <https://www.averdahl.example/u/x/>\r\n",
        b"List-Id: <a.averdahl.example>\r\n",
    )
    bare = GOOD.replace(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b"")
    for mark in marks:
        bare = bare.replace(mark, b"")
    assert judged(bare, by_hand) == judged(bare, replace(by_hand, cold=True)) == []
    assert len(judged(bare)) > 3 and judged(GOOD, by_hand)
    hidden = bare.replace(b'<a href="https://www.averdahl.example/u/x/">out</a>', b"")
    assert judged(hidden, by_hand) == []
    assert judged(hidden, replace(by_hand, cold=True)) == ["no visible way out"]


@pytest.mark.parametrize("greeting", [b"Hello Ada,", b"Hello,\r\n", b"Hello <b>,", b"Hola:\r\n"])
def test_a_good_mail_breaks_no_rule(greeting):
    assert judged(GOOD.replace(b"Hello Ada,", greeting)) == []


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"Subject: Vibration\r\n", b"Subject: Vibration\r\nSubject: again\r\n"),
        (b"Subject: Vibration\r\n", b"Subject: Vibration\r\nBcc: x@y.example\r\n"),
        (b"To: piet@", b"To: mia@x.example, piet@"),
        (b"<1@averdahl.example>", b"<1@elsewhere.example>"),
        (b"hello@averdahl.example", b"hello@elsewhere.example"),
        (b"<https://www.averdahl.example/u/x/>", b"<http://www.averdahl.example/u/x/>"),
        (b"List-Id: <a.averdahl.example>\r\n", b""),
        (b"MIME-Version: 1.0\r\n", b"MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"),
        (b"Hello Ada,", b"Hello None,"),
        (b"Hello Ada,", b"Hello ,"),
        (b"Hello Ada,", b"Hello \r\n"),
        (b"<p>Kanalweg", b"<p>Hello None,</p><p>Kanalweg"),
        (b"<p>Kanalweg", b"<p>Hi&nbsp;.</p><p>Kanalweg"),
        (b"Hello Ada,", b"Hello {{ person.first_name }},"),
        (b"x/ Kanalweg 14", b"x/"),
        (b"<p>Kanalweg 14", b"<p>"),
        (b'<a href="https://www.averdahl.example/u/x/">out</a>', b"out"),
        (b"<p>Kanalweg", b'<p><img src="https://www.averdahl.example/o/x.gif">Kanalweg'),
        (b"<p>Kanalweg", b'<p><a href="https://www.averdahl.example/c/x/">Kanalweg'),
        (b"<p>Kanalweg", b'<p><a href="https://x.example/?to=piet%40maasland.example">Kanalweg'),
        (b"<p>Kanalweg", b"<p>" + b"x" * 999 + b"Kanalweg"),
        (b"Hello Ada,", b"Hello Ada,\n"),
        (b"text/html", b"text/plain"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_found(good, bad):
    assert good in GOOD
    assert judged(GOOD.replace(good, bad))
