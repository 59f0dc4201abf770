"""A rep's own mail program files mail: with whom, what it means for the prospect, and for nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leads.inbox import intake
from leads.merging.merge import merge
from leads.models import OwnMail, UnfiledMail
from leads.own_mail import addresses
from leads.tests.answers_world import a_reply
from leads.tests.filing_world import FILING, HEADS, TEXT, a_calendars_answer, a_copy, passed_on
from prospects import follow_ups, meetings, pipeline, receivers
from prospects.correspondence import filed
from prospects.models import FollowUp, Prospect
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, make_person, reason
from prospects.tests.test_races import at_once

AT = "Tue, 03 Mar 2026 09:30:00 +0000"  # half an hour after the handover
READ = later(hours=1)


@pytest.fixture(autouse=True)
def house(settings: Any) -> None:
    settings.FILING_ADDRESS = FILING
    settings.INBOX = {"kind": "maildir", "folder": "/nowhere"}


def a_mail(user: Any, prospect: Prospect, **more: Any) -> bytes:
    if not addresses.address_of(user):
        addresses.renew(user=user, at=TUESDAY)
    raw = a_copy(user, prospect.person.email, **more)
    return raw.replace(b"Fri, 02 Jan 2026 12:00:00 +0000", AT.encode())


def comes_in(raw: bytes) -> str:
    row = intake.keep_mail(raw, at=READ)
    intake.work_due(at=READ)
    row.refresh_from_db()
    return row.read_as


def fresh(prospect: Prospect) -> Prospect:
    return Prospect.objects.get(pk=prospect.pk)


def test_the_owners_mail_stops_the_clock_when_it_was_written(inbound: Prospect, sam: Any) -> None:
    assert comes_in(a_mail(sam, inbound)) == "filed"
    mail = OwnMail.objects.get()
    assert fresh(inbound).first_acted_at == mail.at == TUESDAY + timedelta(minutes=30)
    assert mail.taken_at


def test_mail_and_answer_stand_on_the_persons_page_each_once(
    inbound: Prospect, sam: Any, client: Client
) -> None:
    comes_in(a_mail(sam, inbound))
    answer = {"sender": inbound.person.email, "In_Reply_To": "<own1@averdahl.example>"}
    comes_in(a_reply(None, "We will look at it.", **answer))
    client.force_login(sam)
    address = reverse("staff-person-part", args=[inbound.pk, "story"])
    story = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert [story.count(words) for words in ("As promised: the offer.", "We will look at it.")] == [1, 1]


def test_it_keeps_what_was_promised_for_that_day(accepted: Prospect, sam: Any) -> None:
    for kind, due in (("mail", TUESDAY), ("answer", TUESDAY), ("call", TUESDAY), ("mail", later(days=2))):
        follow_ups.plan_follow_up(prospect=accepted, kind=kind, due_at=due, by=sam, at=TUESDAY)
    comes_in(a_mail(sam, accepted))
    open_ones = FollowUp.objects.filter(prospect=accepted, done_at=None)
    assert sorted(open_ones.values_list("kind", flat=True)) == ["call", "mail"]


def test_what_was_promised_after_the_mail_was_written_is_not_kept_by_it(accepted: Prospect, sam: Any) -> None:
    later_on = later(minutes=45)
    follow_ups.plan_follow_up(prospect=accepted, kind="answer", due_at=later_on, by=sam, at=later_on)
    comes_in(a_mail(sam, accepted))
    assert FollowUp.objects.filter(prospect=accepted, kind="answer", done_at=None).exists()


def test_a_mail_from_before_this_cycle_is_filed_and_changes_nothing(inbound: Prospect, sam: Any) -> None:
    comes_in(a_mail(sam, inbound).replace(b"03 Mar 2026", b"02 Mar 2026"))
    assert OwnMail.objects.get().taken_at
    assert fresh(inbound).first_acted_at is None


def test_a_merge_of_two_who_had_the_same_mail_keeps_it_once(sam: Any, sara: Any) -> None:
    one, two = make_inbound(sam), make_person()
    make_inbound(sam, two)
    comes_in(a_mail(sam, one).replace(b"To: ", f"To: {two.email}, ".encode()))
    assert OwnMail.objects.count() == 2
    pipeline.reject(
        prospect=Prospect.objects.get(person=two), reason=reason("bad-fit"), by=sam, at=later(hours=2)
    )
    merge(keep=one.person, gone=two, by=sara, at=later(hours=3))
    assert OwnMail.objects.filter(person=one.person).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_merge_and_a_mail_at_once_lose_neither(sam: Any, sara: Any) -> None:
    one, two = make_inbound(sam), make_person()
    comes = a_mail(sam, one).replace(one.person.email.encode(), two.email.encode())
    addresses.renew(user=sara, at=TUESDAY)
    comes = comes.replace(addresses.address_of(sam).encode(), addresses.address_of(sara).encode())
    intake.keep_mail(comes.replace(sam.email.encode(), sara.email.encode()), at=READ)
    results = at_once(
        lambda: intake.work_due(at=READ),
        lambda: merge(keep=one.person, gone=two, by=sara, at=READ),
    )
    assert [result for result in results if isinstance(result, Exception)] == []
    assert OwnMail.objects.get().person == one.person


def test_a_managers_mail_is_filed_but_the_owner_still_has_to_answer(
    inbound: Prospect, sam: Any, sara: Any
) -> None:
    assert comes_in(a_mail(sara, inbound)) == "filed"
    assert fresh(inbound).first_acted_at is None


def test_their_mail_passed_on_is_no_act_of_ours(inbound: Prospect, sam: Any) -> None:
    addresses.renew(user=sam, at=TUESDAY)
    head = HEADS["gmail en"].replace("piet@maasland.example", inbound.person.email)
    comes_in(passed_on(sam, head + TEXT))
    assert OwnMail.objects.get().direction == "in"
    assert fresh(inbound).first_acted_at is None
    assert not FollowUp.objects.filter(kind="answer").exists()


@pytest.mark.parametrize("whose", ["sara", None])
def test_another_reps_person_is_refused_with_whose_it_is(sam: Any, sara: Any, whose: str | None) -> None:
    prospect = make_inbound(sara if whose else None)
    Prospect.objects.filter(pk=prospect.pk).update(owner=sara if whose else None)
    assert comes_in(a_mail(sam, prospect)) == "unfiled"
    row = UnfiledMail.objects.get()
    assert (row.user, row.why, row.owner) == (
        sam,
        "not_yours",
        f"Exists, owned by {sara if whose else 'nobody yet'}.",
    )
    assert not OwnMail.objects.exists()


def test_a_lead_without_a_prospect_is_nobodys_yet(sam: Any, sara: Any) -> None:
    person = make_person()
    assert "nobody yet" in filed.whose(user=sam, person=person)
    assert filed.whose(user=sara, person=person) == ""  # a manager sees all leads


def test_a_customer_of_ones_own_can_be_written_to_for_ever(sam: Any) -> None:
    prospect = make_inbound(sam)
    pipeline.reject(prospect=prospect, reason=reason("bad-fit"), by=sam, at=TUESDAY)
    assert comes_in(a_mail(sam, prospect)) == "filed"
    assert OwnMail.objects.get().taken_at


@pytest.mark.parametrize("who", ["maya", "omar", "nora"])
def test_who_does_not_work_prospects_files_with_nobody(
    request: Any, inbound: Prospect, sam: Any, who: str
) -> None:
    user = request.getfixturevalue(who)
    comes_in(a_mail(user, inbound))
    assert UnfiledMail.objects.get().owner == f"Exists, owned by {sam}."


def test_a_cold_contact_is_contacted_by_it(sam: Any) -> None:
    prospect = make_cold(sam)
    comes_in(a_mail(sam, prospect))
    assert fresh(prospect).stage.slug == "contacting"


def test_what_the_receiver_could_not_do_the_sweep_does_once(
    inbound: Prospect, sam: Any, monkeypatch: Any
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(receivers.filed, "take", lambda **_: 1 / 0)
        assert comes_in(a_mail(sam, inbound)) == "filed"
    assert fresh(inbound).first_acted_at is None
    assert filed.sweep(at=READ) == {"filed": 1, "failed": 0}
    assert filed.sweep(at=READ) == {"filed": 0, "failed": 0}
    assert fresh(inbound).first_acted_at


def test_one_bad_row_stops_no_other(inbound: Prospect, sam: Any, monkeypatch: Any) -> None:
    other = make_inbound(sam)
    with monkeypatch.context() as patch:
        patch.setattr(receivers.filed, "take", lambda **_: 1 / 0)
        comes_in(a_mail(sam, inbound))
        comes_in(a_mail(sam, other, number=2))
    note = filed.note_written
    monkeypatch.setattr(
        filed, "note_written", lambda prospect, **how: 1 / 0 if prospect == inbound else note(prospect, **how)
    )
    assert filed.sweep(at=READ) == {"filed": 1, "failed": 1}


def test_the_answer_of_a_calendar_stands_at_the_meeting(inbound: Prospect, sam: Any) -> None:
    meeting = meetings.book_meeting(prospect=inbound, starts_at=later(days=2), by=sam, at=TUESDAY)
    address = inbound.person.email
    answer = a_calendars_answer(
        "DECLINED",
        attendee=address,
        sender=address,
        uid=f"{meeting.uid}@crm.example",
        sequence=meeting.sequence,
    )
    assert comes_in(answer) == "calendar"
    assert meeting.guests.get(person=inbound.person).answer == "declined"


@pytest.mark.django_db(transaction=True)
def test_two_readers_at_once_file_it_once(inbound: Prospect, sam: Any, sara: Any) -> None:
    """The same mail by two private addresses is two rows of the mailbox, which two workers read."""
    first = a_mail(sam, inbound)
    addresses.renew(user=sara, at=TUESDAY)
    second = first.replace(addresses.address_of(sam).encode(), addresses.address_of(sara).encode())
    for raw in (first, second):
        intake.keep_mail(raw, at=READ)
    results = at_once(lambda: intake.work_due(at=READ), lambda: intake.work_due(at=READ))
    assert [result for result in results if isinstance(result, Exception)] == []
    assert OwnMail.objects.count() == 1
    assert fresh(inbound).first_acted_at
