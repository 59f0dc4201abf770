"""Two presses of one form, and two forms at once: each mail is written once. On whatever database runs."""

from typing import Any
from uuid import uuid4

import pytest

from leads.models import Message, OwnMail, Submission
from prospects import meetings, social
from prospects.calls import calling, log
from prospects.correspondence import acts
from prospects.models import Meeting
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, reason
from prospects.tests.test_races import as_seen, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_presses_of_one_form_are_one_mail(sam: Any) -> None:
    prospect, key = make_inbound(sam), uuid4()
    step = {"kind": "call", "due_at": later(days=3)}
    seen = [as_seen(prospect) for _ in range(4)]
    results = at_once(
        *(
            lambda one=one: acts.write_mail(
                prospect=one, subject="x", text="y", by=sam, at=TUESDAY, follow_up=step, submit_key=key
            )
            for one in seen
        )
    )
    assert {type(result) for result in results} == {OwnMail} and len({result.pk for result in results}) == 1
    assert Message.objects.filter(kind="one").count() == OwnMail.objects.count() == 1
    assert prospect.follow_ups.count() == 1


def test_two_who_move_a_meeting_send_one_new_time(sam: Any, sara: Any) -> None:
    prospect = make_inbound(sam)
    meetings.book_meeting(prospect=prospect, starts_at=later(days=2), by=sam, at=TUESDAY, invite=True)
    first = [Meeting.objects.get(), Meeting.objects.get()]
    results = at_once(
        *(
            lambda one=one, who=who: meetings.move_meeting(
                meeting=one, starts_at=later(days=4), by=who, at=TUESDAY, invite=True
            )
            for one, who in zip(first, (sam, sara), strict=True)
        )
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Meeting"]
    assert OwnMail.objects.filter(subject__startswith="New time").count() == 1


@pytest.mark.parametrize("verb", ["mail", "call", "social"])
def test_the_second_press_for_a_cold_contact_is_the_first_too(sam: Any, verb: str) -> None:
    """The first press takes them to contacting: whoever waited for the lock finds the stage moved by their own form."""
    prospect, key = make_cold(sam), uuid4()
    given = {"by": sam, "at": TUESDAY, "submit_key": key}

    def press(one: Any) -> Any:
        if verb == "mail":
            return acts.write_mail(prospect=one, subject="x", text="y", **given)
        if verb == "call":
            return log.log_call(prospect=one, outcome="no_answer", **given)
        return social.log_social(prospect=one, network="linkedin", what="wrote", **given)

    seen = [as_seen(prospect) for _ in range(3)]
    results = at_once(*(lambda one=one: press(one) for one in seen))
    assert [one for one in results if isinstance(one, Exception)] == []
    assert len({one.pk for one in results}) == 1
    assert prospect.moves.count() == 2


def test_agreed_on_the_phone_twice_at_once_asks_their_mailbox_once(sam: Any) -> None:
    prospect, key = make_cold(sam), uuid4()
    seen = [as_seen(prospect) for _ in range(3)]
    given = {
        "outcome": "conversation", "reason": reason("not-now"), "return_on": later(days=90).date(),
        "agreed": True, "by": sam, "at": TUESDAY, "submit_key": key,
    }  # fmt: skip
    results = at_once(*(lambda one=one: calling.finish_call(prospect=one, **given) for one in seen))
    assert [one for one in results if isinstance(one, Exception)] == []
    assert len({one.pk for one in results}) == 1
    assert Submission.objects.count() == Message.objects.filter(kind="opt_in").count() == 1
