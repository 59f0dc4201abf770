"""A colleague's own mail program files mail: blind copies, mails passed on, and what is not filed and why."""

from datetime import timedelta

import pytest

from campaigns.errors import Conflict, Refused
from leads.inbox import intake
from leads.models import Enrolment, Inbound, MailEvent, OwnMail, Person, Touch, UnfiledMail, WorkRequest
from leads.own_mail import addresses, unfiled
from leads.tests.answers_world import a_reply, a_sent_mail, comes_in
from leads.tests.builders import NOON
from leads.tests.filing_world import (
    HEADS,
    LATER,
    TEXT,
    a_colleague,
    a_copy,
    a_person,
    anybody,
    attached,
    filed,
    house_alone,
    passed_on,
    private,
    their_mail,
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


def reasons() -> list[tuple[str, str]]:
    return list(UnfiledMail.objects.order_by("pk").values_list("address", "why"))


def test_the_rule_of_these_tests_is_called_as_the_real_one(piet):
    assert anybody(user=None, person=piet) == ""


def test_a_blind_copy_is_filed_with_whom_it_was_written_to(sam, piet):
    row = comes_in(a_copy(sam))
    mail = OwnMail.objects.get()
    assert (row.read_as, mail.person, mail.user, mail.direction) == ("filed", piet, sam, "out")
    assert (mail.message_id, mail.thread, mail.in_reply_to) == (
        "<own1@averdahl.example>",
        "<own1@averdahl.example>",
        "",
    )
    assert (mail.subject, mail.text, mail.inbound) == ("Our offer", "As promised: the offer.", row)


@pytest.mark.parametrize("by", ["Delivered-To", "X-Original-To", "Envelope-To", "Cc", "Bcc"])
def test_by_whichever_head_it_came_in(sam, piet, by):
    comes_in(a_copy(sam, by=by))
    assert len(filed()) == 1


def test_by_the_way_it_came_in(sam, piet):
    way = (
        f"from mx by in.averdahl.example with ESMTP id 1 for <{private(sam)}>; Fri, 2 Jan 2026 12:00:01 +0000"
    )
    comes_in(a_copy(sam, by="X-Nothing", Received=way))
    assert len(filed()) == 1


def test_the_date_is_the_mails_own_unless_it_lies_ahead_or_is_none(sam, piet):
    comes_in(a_copy(sam))
    comes_in(a_copy(sam, number=2).replace(b"2 Jan 2026", b"2 Jan 2066"), at=NOON)
    comes_in(a_copy(sam, number=3).replace(b"Jan 2026", b"Jan 1970"), at=NOON)
    first, second, third = OwnMail.objects.order_by("pk")
    assert f"{first.at:%Y-%m-%d %H:%M}" == "2026-01-02 12:00"
    assert second.at == third.at == NOON


def test_one_mail_to_several_is_one_row_for_each_and_unknown_addresses_wait(sam, piet):
    anna = a_person("anna@maasland.example")
    comes_in(
        a_copy(
            sam,
            "piet@maasland.example, Anna <anna@maasland.example>, new@maasland.example",
            Cc="lena@averdahl.example",
        )
    )
    assert {one[0] for one in filed()} == {piet.email, anna.email}
    assert reasons() == [("new@maasland.example", "nobody")]


def test_the_same_mail_twice_and_by_two_colleagues_is_one(sam, piet):
    rita = a_colleague("rita")
    comes_in(a_copy(sam))
    comes_in(a_copy(sam))
    comes_in(a_copy(sam).replace(private(sam).encode(), private(rita).encode()))
    assert (len(filed()), Inbound.objects.count()) == (1, 2)


def test_a_copy_that_says_whose_it_is_counts_beside_one_that_does_not(sam, piet):
    """The mailbox itself stood in Cc, and its copy was read first."""
    comes_in(a_copy(sam, by="X-Nothing"))
    assert filed() == []
    comes_in(a_copy(sam))
    assert len(filed()) == 1


def test_merged_people_are_one(sam, piet):
    stays = a_person("stays@maasland.example")
    Person.objects.filter(pk=piet.pk).update(merged_into=stays)
    comes_in(a_copy(sam))
    assert OwnMail.objects.get().person == stays


def test_the_talk_is_kept_together_in_whatever_order_it_comes(sam, piet):
    comes_in(a_copy(sam, number=3, In_Reply_To="<own2@averdahl.example>"))
    comes_in(
        a_copy(sam, number=2, In_Reply_To="<own1@averdahl.example>", References="<own1@averdahl.example>")
    )
    comes_in(a_copy(sam, number=1))
    assert set(OwnMail.objects.values_list("thread", flat=True)) == {"<own1@averdahl.example>"}


# Who may file.


@pytest.mark.parametrize("sender", ["Thief <thief@elsewhere.example>", "Piet <piet@maasland.example>"])
def test_a_key_that_leaked_writes_on_nobodys_timeline(sam, piet, sender):
    row = comes_in(a_copy(sam, sender=sender))
    assert (row.read_as, filed(), reasons()) == ("unfiled", [], [("", "sender")])


def test_an_address_of_our_domain_may_file_by_a_colleagues_key(sam, piet):
    comes_in(a_copy(sam, sender="office@averdahl.example"))
    assert len(filed()) == 1


def test_a_colleagues_own_address_elsewhere_may(piet):
    comes_in(a_copy(a_colleague("kim", "kim@freelance.example")))
    assert len(filed()) == 1


def test_what_our_server_calls_forged_is_not_filed(sam, piet):
    said = "mx.averdahl.example; spf=fail smtp.mailfrom=x; dmarc=fail header.from=averdahl.example"
    comes_in(a_copy(sam, Authentication_Results=said))
    assert (filed(), reasons()) == ([], [("", "sender")])


def test_a_renewed_address_files_nothing_and_says_so(sam, piet):
    raw = a_copy(sam)
    addresses.renew(user=sam, at=NOON)
    comes_in(raw)
    assert (filed(), reasons()) == ([], [("", "off")])


def test_one_that_is_switched_off_files_nothing(sam, piet):
    raw = a_copy(sam)
    addresses.switch_off(user=sam, at=NOON)
    assert addresses.address_of(sam) == ""
    comes_in(raw)
    assert (filed(), reasons()) == ([], [("", "off")])


def test_a_colleagues_person_is_refused_kindly(sam):
    a_person(last_name="Other")
    row = comes_in(a_copy(sam))
    waits = UnfiledMail.objects.get()
    assert (row.read_as, filed()) == ("unfiled", [])
    assert (waits.why, waits.owner) == ("not_yours", "Exists, owned by Rita.")


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}])
def test_automatic_answers_are_not_filed(sam, piet, headers):
    row = comes_in(a_copy(sam, **headers))
    assert (row.read_as, filed(), reasons()) == ("auto_reply", [], [])


def test_without_the_variable_nothing_is_filed(sam, piet, settings):
    raw = a_copy(sam)
    settings.FILING_ADDRESS = ""
    assert comes_in(raw).read_as == "other"
    assert addresses.address_of(sam) == ""


def test_nobody_is_answered(sam, piet, mailoutbox):
    comes_in(a_copy(sam))
    comes_in(a_copy(sam, sender="thief@elsewhere.example", number=2))
    assert mailoutbox == []


# Mails passed on.


@pytest.mark.parametrize("program", ["gmail en", "outlook de", "apple fr", "thunderbird it"])
def test_a_mail_passed_on_is_theirs_with_its_own_date_and_words(sam, piet, program):
    comes_in(passed_on(sam, HEADS[program] + TEXT))
    mail = OwnMail.objects.get()
    assert (mail.person, mail.user, mail.direction, mail.text) == (piet, sam, "in", TEXT)
    assert f"{mail.at:%Y-%m-%d %H:%M}" == "2026-01-02 08:12"
    touch = Touch.objects.get(kind="reply")
    assert (touch.person, touch.at, touch.label) == (piet, mail.at, "A question")


def test_it_ends_cadences_and_asks_nobody_to_answer(sam):
    mail = a_sent_mail(at=NOON - timedelta(days=400))
    Enrolment.objects.update(started_at=NOON - timedelta(days=400))
    comes_in(passed_on(sam, HEADS["gmail en"] + TEXT, References=mail.message_id))
    assert Enrolment.objects.get().exit_reason == "replied"
    assert MailEvent.objects.get().kind == "reply"
    assert not WorkRequest.objects.exists()


def test_a_head_that_names_our_mail_instead_of_theirs_makes_an_answer_to_it(sam, piet):
    comes_in(a_copy(sam))
    comes_in(passed_on(sam, HEADS["outlook en"] + TEXT, In_Reply_To="<own1@averdahl.example>"))
    ours, theirs = OwnMail.objects.order_by("pk")
    assert (theirs.direction, theirs.in_reply_to, theirs.thread) == ("in", ours.message_id, ours.message_id)


def test_an_attached_mail_has_its_own_message_id_and_talk(sam, piet):
    comes_in(a_copy(sam))
    comes_in(attached(sam, their_mail()))
    theirs = OwnMail.objects.get(direction="in")
    assert (theirs.message_id, theirs.thread) == ("<theirs7@maasland.example>", "<own1@averdahl.example>")


def test_ones_own_sent_mail_passed_on_is_ours(sam, piet):
    inner = their_mail()
    inner.replace_header("From", sam.email)
    inner.replace_header("To", "piet@maasland.example")
    comes_in(attached(sam, inner))
    assert filed() == [("piet@maasland.example", "out", "<theirs7@maasland.example>")]


def test_passed_on_twice_by_two_programs_is_one(sam, piet):
    comes_in(passed_on(sam, HEADS["gmail en"] + TEXT))
    rita = a_colleague("rita")
    comes_in(passed_on(rita, HEADS["outlook de"] + TEXT).replace(b"forward1", b"forward9"))
    assert (len(filed()), Touch.objects.filter(kind="reply").count()) == (1, 1)


def head_of(mail) -> str:
    """Above the answer to this mail, as it is passed on four minutes later."""
    when = "Wed, 18 Nov 2026 12:04:00 +0000"
    return f"From: {mail.to_address}\nDate: {when}\nSubject: Re: One reading\nTo: x@averdahl.example\n\n"


def test_a_reply_that_came_to_our_mailbox_and_is_passed_on_too_is_one(sam):
    mail = a_sent_mail()
    comes_in(a_reply(mail, "Two lines of us are down.", subject="Re: One reading"))
    comes_in(passed_on(sam, head_of(mail) + "Two lines of us are down."))
    assert (OwnMail.objects.count(), Touch.objects.filter(kind="reply").count()) == (1, 1)


def test_a_mail_passed_on_first_takes_its_true_name_when_it_comes_itself(sam):
    mail = a_sent_mail()
    comes_in(passed_on(sam, head_of(mail) + "Two lines of us are down."))
    comes_in(a_reply(mail, "Two lines of us are down.", subject="Re: One reading"))
    assert OwnMail.objects.get().message_id == "<reply1@maasland.example>"
    assert (Touch.objects.filter(kind="reply").count(), WorkRequest.objects.count()) == (1, 0)


def test_a_note_to_oneself_waits_for_somebody_to_say_whose_it_is(sam, piet):
    comes_in(passed_on(sam, "Piet rang: two lines are down.", subject="Piet"))
    assert reasons() == [("", "no_address")]


# The page of mails that found nobody.


def waiting_one(user) -> UnfiledMail:
    return unfiled.waiting(user, at=LATER).get()


def test_saying_whose_it_is_files_it_once(sam):
    comes_in(a_copy(sam))
    piet = a_person()
    row = waiting_one(sam)
    for _again in range(2):
        unfiled.file_with(unfiled=row, person=piet, by=sam, at=LATER)
    assert filed() == [(piet.email, "out", "<own1@averdahl.example>")]
    assert not unfiled.waiting(sam, at=LATER).exists()
    with pytest.raises(Conflict):
        unfiled.set_aside(unfiled=row, by=sam, at=LATER)


def test_not_with_a_colleagues_person(sam):
    comes_in(a_copy(sam))
    other = Person.objects.create(email="o@x.example", email_key="o@x.example", last_name="Other")
    with pytest.raises(Refused, match="Rita"):
        unfiled.file_with(unfiled=waiting_one(sam), person=other, by=sam, at=LATER)
    assert unfiled.waiting(sam, at=LATER).exists()


def test_what_a_stranger_sent_by_the_address_is_theirs_if_the_colleague_says_so(sam, piet):
    comes_in(a_copy(sam, sender="piet.private@elsewhere.example"))
    unfiled.file_with(unfiled=waiting_one(sam), person=piet, by=sam, at=LATER)
    assert filed() == [(piet.email, "in", "<own1@averdahl.example>")]


def test_set_aside_is_aside(sam):
    comes_in(a_copy(sam))
    row = waiting_one(sam)
    for _again in range(2):
        unfiled.set_aside(unfiled=row, by=sam, at=LATER)
    assert not unfiled.waiting(sam, at=LATER).exists()
    with pytest.raises(Conflict):
        unfiled.file_with(unfiled=row, person=a_person(), by=sam, at=LATER)


def test_after_ninety_days_the_words_and_the_row_are_gone(sam):
    comes_in(a_copy(sam))
    row = waiting_one(sam)
    intake.forget_old(at=LATER + timedelta(days=91))
    assert not UnfiledMail.objects.exists()
    assert bytes(Inbound.objects.get(pk=row.inbound_id).body) == b""


def test_words_that_are_gone_cannot_be_filed(sam):
    comes_in(a_copy(sam))
    row = waiting_one(sam)
    Inbound.objects.update(body=b"")
    with pytest.raises(Refused, match="90 days"):
        unfiled.file_with(unfiled=row, person=a_person(), by=sam, at=LATER)
