"""A cold contact walks a cadence of mail, social touch, call and mail: to its end, and to each way it stops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from campaigns.models import EmailTemplate, Sequence, SequenceStep
from campaigns.sequences import publish
from leads.inbox import intake, mailbox
from leads.models import (
    ContactBasis,
    Enrolment,
    Lead,
    Message,
    Person,
    Suppression,
    Touch,
    WorkRequest,
)
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.sending import gate
from leads.sending.delivery import deliver_due
from prospects import meetings, pipeline, social
from prospects.calls import calling
from prospects.day.today import today
from prospects.models import FollowUp, Prospect
from prospects.tests.conftest import GOOD_CARD, TUESDAY, later, make_cold, reason

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world(settings: Any, tmp_path: Path) -> None:
    """No distance between mails, and a folder that our mailbox is read from."""
    settings.NURTURE_GAP_HOURS = 0
    for name in ("new", "cur", "tmp"):
        (tmp_path / "inbox" / name).mkdir(parents=True)
    settings.INBOX = {"kind": "maildir", "folder": str(tmp_path / "inbox")}


def a_template(number: int) -> EmailTemplate:
    return EmailTemplate.objects.create(
        name=f"Cold {number}", slug=f"cold-{number}", subject=f"Scrap {number}", body="<p>Hello</p>"
    )


@pytest.fixture
def cadence(db: None) -> Sequence:
    """A mail at once; a day later a social step, a day later a call, something else, and a last mail."""
    sequence = Sequence.objects.create(name="Cold outreach", slug="cold-outreach", audience="prospects")
    steps: list[dict[str, Any]] = [
        {"template": a_template(1)},
        {"kind": "follow_up", "rep_does": "social", "note": "Ask to connect", "delay_hours": 24},
        {"kind": "follow_up", "rep_does": "call", "note": "Ask about scrap", "delay_hours": 24},
        {"kind": "follow_up", "rep_does": "other", "note": "Send the sample", "delay_hours": 24},
        {"template": a_template(2), "delay_hours": 24},
    ]
    for order, step in enumerate(steps):
        SequenceStep.objects.create(sequence=sequence, order=order, **step)
    publish(sequence=sequence, by=None, at=TUESDAY)
    sequence.refresh_from_db()
    return sequence


@pytest.fixture
def cold(sam: Any) -> Prospect:
    """On a list, with the ground that was weighed for it; nobody planned a first call."""
    prospect = make_cold(sam)
    prospect.follow_ups.all().delete()
    ContactBasis.objects.create(
        person=prospect.person, kind="interest", why="They scrap parts", source="list Fair 2026", at=TUESDAY
    )
    return prospect


@pytest.fixture
def walk(cold: Prospect, cadence: Sequence) -> Enrolment:
    row = enrol(person=cold.person, sequence=cadence, at=TUESDAY)
    assert row is not None
    pass_by(TUESDAY)
    return row


def pass_by(at: datetime) -> None:
    """What the jobs do at that moment."""
    for _round in range(2):
        advance(at=at)
        deliver_due(at=at)
    advance(at=at)


def states() -> list[str]:
    return list(Message.objects.filter(kind="sequence").order_by("pk").values_list("state", flat=True))


def how(walk: Enrolment) -> tuple[str, str]:
    walk.refresh_from_db()
    return walk.state, walk.exit_reason


def test_it_walks_to_its_end(walk: Enrolment, cold: Prospect, sam: Any) -> None:
    assert states() == ["sent"]
    for days in range(1, 5):
        pass_by(later(days=days, minutes=days))  # a mail takes its moment
    asked = [(row.kind, row.text) for row in FollowUp.objects.filter(prospect=cold).order_by("pk")]
    assert asked == [("social", "Ask to connect"), ("call", "Ask about scrap"), ("other", "Send the sample")]
    kinds = list(WorkRequest.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["social", "step", "to_do"]
    assert states() == ["sent", "sent"]
    assert {row.ground for row in Message.objects.all()} == {
        "legitimate interest, list Fair 2026, 2026-03-03"
    }
    assert how(walk) == ("finished", "")
    assert not Lead.objects.exists()


def test_the_day_shows_each_step_as_what_it_is(walk: Enrolment, cold: Prospect, sam: Any) -> None:
    pass_by(later(days=1, minutes=1))
    assert [(row.action, row.why) for row in today(sam, later(days=1, minutes=9)).rows()] == [
        ("social", "Ask to connect")
    ]
    social.log_social(prospect=cold, network="xing", what="asked", by=sam, at=later(days=1))
    pass_by(later(days=2, minutes=2))
    assert [(row.action, row.why) for row in today(sam, later(days=2, minutes=9)).rows()] == [
        ("call", "Ask about scrap")
    ]


def test_a_call_that_reached_nobody_and_a_touch_of_ours_let_it_walk_on(
    walk: Enrolment, cold: Prospect, sam: Any
) -> None:
    social.log_social(prospect=cold, network="linkedin", what="wrote", by=sam, at=later(days=1))
    calling.finish_call(prospect=cold, outcome="voicemail", by=sam, at=later(days=2))
    cold.refresh_from_db()
    assert cold.stage.slug == "contacting" and how(walk) == ("active", "")


def replied_by_mail(cold: Prospect, by: Any) -> None:
    """Their mail comes to our mailbox; the poller reads it."""
    mail = EmailMessage()
    mail["From"], mail["To"] = cold.person.email, "us@averdahl.example"
    mail["Subject"], mail["Message-ID"] = "Re: Scrap 1", "<answer@works.example>"
    mail["In-Reply-To"] = Message.objects.get().message_id
    mail.set_content("Please send the data sheet.")
    (Path(settings.INBOX["folder"]) / "new" / "1.host").write_bytes(mail.as_bytes())
    mailbox.fetch(at=later(hours=5))
    intake.work_due(at=later(hours=5))


def answered_on_a_network(cold: Prospect, by: Any) -> None:
    social.log_social(prospect=cold, network="linkedin", what="answered", by=by, at=later(hours=5))


def a_meeting(cold: Prospect, by: Any) -> None:
    meetings.book_meeting(prospect=cold, starts_at=later(days=9), by=by, at=later(hours=5))


def qualified_on_the_call(cold: Prospect, by: Any) -> None:
    calling.finish_call(
        prospect=cold, outcome="conversation", verdict="sales_qualified", bant=GOOD_CARD, by=by, at=later(hours=5),
        follow_up={"kind": "mail", "due_at": later(days=5)},
    )  # fmt: skip


def not_now(cold: Prospect, by: Any) -> None:
    calling.finish_call(
        prospect=cold, outcome="conversation", reason=reason("not-now"), return_on=later(days=90).date(), by=by,
        at=later(hours=5),
    )  # fmt: skip


def do_not_contact(cold: Prospect, by: Any) -> None:
    pipeline.reject(prospect=cold, reason=reason("do-not-contact"), by=by, at=later(hours=5))


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (replied_by_mail, "replied"),
        (answered_on_a_network, "replied"),
        (a_meeting, "a meeting was booked"),
        (qualified_on_the_call, "a stage further"),
        (not_now, "no longer with sales"),
        (do_not_contact, "no longer with sales"),
    ],
)
def test_it_stops_by_itself(
    walk: Enrolment, cold: Prospect, sam: Any, happens: Callable[[Prospect, Any], None], why: str
) -> None:
    happens(cold, sam)
    assert how(walk) == ("exited", why)
    for days in range(1, 6):
        pass_by(later(days=days))
    assert states() == ["sent"]
    assert not WorkRequest.objects.exclude(kind="reply").exists()


def test_a_reply_of_somebody_without_a_lead_is_their_touch_and_the_reps_work(
    walk: Enrolment, cold: Prospect, sam: Any
) -> None:
    replied_by_mail(cold, sam)
    assert Touch.objects.get(person=cold.person).kind == "reply"
    step = FollowUp.objects.get(prospect=cold, kind="answer")
    assert "data sheet" in step.text and step.owner == sam
    assert not Lead.objects.exists()


def test_qualified_on_the_call_has_no_day_of_marketing(walk: Enrolment, cold: Prospect, sam: Any) -> None:
    qualified_on_the_call(cold, sam)
    cold.refresh_from_db()
    assert (cold.stage.slug, cold.marketing_qualified_at) == ("sales_qualified", None)
    assert not Lead.objects.exists()


def test_no_means_never_again_whatever_address_comes_later(walk: Enrolment, cold: Prospect, sam: Any) -> None:
    do_not_contact(cold, sam)
    assert Suppression.objects.get().reason == "sales"
    Person.objects.update(sales_open=True, email="new@works.example", email_key="new@works.example")
    mail = Message.objects.select_related("person", "enrolment__sequence").get()
    assert gate.may_send(mail, later(days=9)).reason == gate.Why.OBJECTED
