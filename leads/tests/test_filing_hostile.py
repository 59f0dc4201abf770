"""What is made to go wrong with mail by private addresses: names used twice, people merged, forgeries."""

from datetime import timedelta

import pytest

from campaigns.errors import Conflict
from leads.inbox import intake
from leads.models import Inbound, OwnMail, Person, UnfiledMail, WorkRequest
from leads.own_mail import addresses, filing, unfiled
from leads.signals import invitation_answered
from leads.tests.answers_world import a_reply, a_sent_mail, comes_in
from leads.tests.builders import NOON
from leads.tests.filing_world import (
    LATER,
    a_calendars_answer,
    a_colleague,
    a_copy,
    a_person,
    filed,
    house_alone,
    passed_on,
    private,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def house(settings, monkeypatch):
    house_alone(settings, monkeypatch)


@pytest.fixture
def sam():
    return a_colleague()


@pytest.fixture
def piet():
    return a_person()


def test_an_answer_that_bears_the_name_of_our_own_mail_is_heard(sam, piet):
    """A program that uses the Message-ID of what it answers; or somebody who wants to be read by nobody."""
    comes_in(a_copy(sam))
    answer = {"sender": piet.email, "In_Reply_To": "<own1@averdahl.example>"}
    raw = a_reply(None, "We will look at it.", **answer)
    head = b"Message-ID: <own1@averdahl.example>\n"
    lines = [line for line in raw.splitlines(keepends=True) if not line.lower().startswith(b"message-id")]
    assert comes_in(head + b"".join(lines), at=LATER).read_as == "reply"
    assert WorkRequest.objects.filter(person=piet, kind="reply").count() == 1
    answer = OwnMail.objects.get(direction="in")
    assert (answer.in_reply_to, answer.thread) == ("<own1@averdahl.example>",) * 2
    assert "look at it" in answer.text


def test_a_colleague_who_answers_all_wrote_it_and_not_whose_key_stood_in_copy(sam, piet):
    rita = a_colleague("rita")
    comes_in(a_copy(sam, sender="Rita <rita@averdahl.example>", by="Cc"))
    assert OwnMail.objects.get().user == rita


def test_a_house_address_that_is_nobodys_files_for_whose_key_it_is(sam, piet):
    comes_in(a_copy(sam, sender="Sales <office@averdahl.example>"))
    assert OwnMail.objects.get().user == sam


def test_two_tabs_do_not_file_one_mail_with_two_people(sam):
    comes_in(a_copy(sam, "nobody@works.example"))
    row, (one, two) = UnfiledMail.objects.get(), (a_person("a@works.example"), a_person("b@works.example"))
    first = unfiled.file_with(unfiled=row, person=one, by=sam, at=LATER)
    assert unfiled.file_with(unfiled=row, person=one, by=sam, at=LATER) == first
    with pytest.raises(Conflict):
        unfiled.file_with(unfiled=row, person=two, by=sam, at=LATER)
    assert filed() == [("a@works.example", "out", "<own1@averdahl.example>")]


def test_a_merge_meanwhile_files_it_with_the_one_who_stayed(sam, piet):
    stays = a_person("p.maas@maasland.example")
    comes_in(a_copy(sam, "nobody@works.example"))
    row = UnfiledMail.objects.get()
    seen = Person.objects.get(pk=piet.pk)
    Person.objects.filter(pk=piet.pk).update(merged_into=stays)
    unfiled.file_with(unfiled=row, person=seen, by=sam, at=LATER)
    assert OwnMail.objects.get().person == stays


def test_somebody_who_was_forgotten_meanwhile_gets_no_row(sam, piet):
    comes_in(a_copy(sam, "nobody@works.example"))
    seen = Person.objects.get(pk=piet.pk)
    Person.objects.filter(pk=piet.pk).update(erased_at=NOON)
    with pytest.raises(Conflict):
        unfiled.file_with(unfiled=UnfiledMail.objects.get(), person=seen, by=sam, at=LATER)
    assert not OwnMail.objects.exists()


def test_whoever_is_forgotten_while_a_mail_is_filed_stops_nobody_else(sam, piet, monkeypatch):
    a_person("anna@maasland.example")
    whose = filing.whose

    def forgotten(address):
        person = whose(address)
        if person == piet:
            Person.objects.filter(pk=piet.pk).update(erased_at=NOON)
        return person

    monkeypatch.setattr(filing, "whose", forgotten)
    assert comes_in(a_copy(sam, "piet@maasland.example, anna@maasland.example")).read_as == "filed"
    assert [who for who, _way, _name in filed()] == ["anna@maasland.example"]


def test_guessed_keys_and_a_forged_sender_leave_nothing_on_the_page(sam, piet):
    forged = a_copy(sam, Authentication_Results="mx.averdahl.example; dmarc=fail")
    raw = forged.replace(private(sam).encode(), b"crm+guess@in.averdahl.example")
    assert comes_in(raw).read_as == "other"
    assert not UnfiledMail.objects.exists()


def test_an_answer_of_a_calendar_that_our_server_calls_forged_answers_nothing(piet):
    told = []
    invitation_answered.connect(lambda **said: told.append(said), weak=False)
    raw = a_calendars_answer("DECLINED", attendee=piet.email, sender=piet.email, uid="x@y", sequence=0)
    comes_in(b"Authentication-Results: mx.averdahl.example; dmarc=fail\n" + raw)
    assert told == []
    comes_in(raw.replace(b"Message-ID: <", b"Message-ID: <2"))
    assert [one["partstat"] for one in told] == ["DECLINED"]


def test_the_persons_own_mail_with_the_key_in_copy_is_a_reply(sam):
    message = a_sent_mail()
    raw = a_reply(message, "Yes, please.", sender=message.person.email, Cc=private(sam))
    assert comes_in(raw, at=LATER).read_as == "reply"
    assert (OwnMail.objects.get().direction, OwnMail.objects.get().user) == ("in", None)
    assert WorkRequest.objects.filter(kind="reply").count() == 1


@pytest.mark.parametrize("size", [5_000_000])
def test_a_huge_mail_is_filed_by_its_beginning(sam, piet, size):
    comes_in(a_copy(sam, text="As promised. " + "x" * size))
    mail = OwnMail.objects.get()
    assert mail.text.startswith("As promised.") and len(mail.text) <= 20_000
    assert len(bytes(Inbound.objects.get().body)) <= intake.MOST_BYTES


def test_forwards_in_forwards_are_of_the_outermost(sam, piet):
    head = (
        "---------- Forwarded message ---------\nFrom: {0}\nDate: Fri, Jan 2, 2026 at 9:12 AM\n"
        "Subject: {1}\nTo: x@y.example\n\n"
    )
    text = head.format("Piet Maas <piet@maasland.example>", "Outer") + "My words\n\n"
    for number in range(200):
        text += head.format(f"n{number}@deep.example", "Inner")
    comes_in(passed_on(sam, text))
    assert (filed()[0][0], OwnMail.objects.get().subject) == ("piet@maasland.example", "Outer")


@pytest.mark.parametrize(
    "name", ["\u202egnp.exe", "<script>alert(1)</script>", "a\r\nBcc: x@y.example", "x" * 5000]
)
def test_hostile_names_and_subjects_stay_one_line_of_plain_text(sam, name):
    raw = a_copy(sam, "nobody@works.example").replace(b"nobody@works.example", b"Q <nobody@works.example>")
    raw = raw.replace(b"Subject: Our offer", "Subject: {}".format(name.replace("\r\n", "\r\n ")).encode())
    comes_in(raw)
    row = UnfiledMail.objects.get()
    assert len(row.subject) <= 200 and "\n" not in row.subject and "\r" not in row.subject


def test_of_two_keys_the_senders_own_counts(sam, piet):
    rita = a_colleague("rita")
    comes_in(a_copy(rita, sender=f"Sam <{sam.email}>", by="Cc", Bcc=private(sam)))
    assert OwnMail.objects.get().user == sam


def test_a_colleague_who_left_is_not_written_for(sam, piet):
    rita = a_colleague("rita")
    rita.is_active = False
    rita.save()
    comes_in(a_copy(sam, sender="Rita <rita@averdahl.example>", by="Cc"))
    assert OwnMail.objects.get().user == sam
    assert addresses.address_of(rita)


def test_a_date_long_ahead_or_long_ago_is_the_day_it_came(sam, piet):
    raw = a_copy(sam).replace(b"2 Jan 2026", b"2 Jan 1926").replace(b"02 Jan 2026", b"02 Jan 1926")
    comes_in(raw)
    assert NOON - timedelta(days=1) < OwnMail.objects.get().at
