"""A test of two wordings of a mail: silent until both had their mails, honest after, ended by a person."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from campaigns.errors import Conflict, Refused
from campaigns.mail_tests import end_test
from campaigns.models import Channel, PublishedStep, PublishedWords
from leads.models import MailEvent, Message, Person, Touch
from leads.nurture.mail_tests import ANSWER_WAIT, result, shown
from leads.sending.outbox import new_message_id
from leads.tests.builders import NOON, a_lead, a_sequence

pytestmark = pytest.mark.django_db
EACH = 50
LATER = NOON + timedelta(days=30)


def a_test(needed: int | None = EACH, measure: str = "click") -> PublishedStep:
    """The first step of a sequence with a second wording."""
    step = PublishedStep.objects.get(version__sequence=a_sequence(), position=1)
    PublishedStep.objects.filter(pk=step.pk).update(test_mails=needed, test_measure=measure)
    PublishedWords.objects.create(step=step, variant="b", subject="Another subject", body="<p>x</p>")
    return PublishedStep.objects.get(pk=step.pk)


def sent(step: PublishedStep, variant: str, number: int, clicked: int = 0, at: datetime = NOON) -> None:
    """So many mails with this wording, a minute apart, the first of them clicked in."""
    words = step.words.get(variant=variant, persona=None)
    person = Person.objects.filter(email="many@x.example").first() or a_lead("many@x.example").person
    channel = Channel.objects.get(slug="email")
    for one in range(number):
        key = f"{variant}{step.pk}:{Message.objects.count()}"
        row = Message.objects.create(
            key=key,
            message_id=new_message_id(),
            kind="sequence",
            person=person,
            step=step,
            words=words,
            state="sent",
            due_at=at,
            ended_at=at + timedelta(minutes=one),
        )
        if one < clicked:
            Touch.objects.create(
                person=person, kind="click", message=row, channel=channel, at=at + timedelta(hours=2)
            )


def test_nothing_is_said_before_both_had_their_mails():
    step = a_test()
    sent(step, "a", EACH, clicked=40)
    sent(step, "b", EACH - 1)
    found = result(step, at=LATER)
    assert found.gap is None
    assert found.words == "Not enough data yet: 49 of 50 mails."


def test_nothing_is_said_while_answers_to_the_last_mails_may_come():
    step = a_test()
    sent(step, "a", EACH, clicked=40)
    sent(step, "b", EACH)
    full = NOON + timedelta(minutes=EACH - 1)
    assert result(step, at=full + ANSWER_WAIT - timedelta(seconds=1)).gap is None
    assert result(step, at=full + ANSWER_WAIT).better == "a"


def test_a_small_difference_is_no_winner():
    step = a_test()
    sent(step, "a", EACH, clicked=10)
    sent(step, "b", EACH, clicked=13)
    found = result(step, at=LATER)
    assert found.better == ""
    assert found.words == "No difference found."
    assert found.gap is not None and found.gap.low < 0 < found.gap.high


def test_what_comes_after_the_fixed_number_changes_nothing():
    step = a_test()
    sent(step, "a", EACH, clicked=10)
    sent(step, "b", EACH, clicked=10)
    before = result(step, at=LATER)
    sent(step, "b", 200, clicked=200, at=NOON + timedelta(days=1))
    after = result(step, at=LATER)
    assert (after.a.share, after.b.share) == (before.a.share, before.b.share)


def test_two_clicks_in_one_mail_count_once_and_replies_count_where_replies_are_asked():
    step = a_test(measure="reply")
    sent(step, "a", EACH, clicked=20)
    sent(step, "b", EACH)
    for key in ("1", "2"):
        MailEvent.objects.create(kind="reply", message=Message.objects.first(), key=key, at=NOON)
    found = result(step, at=LATER)
    assert found.a.share.hits + found.b.share.hits == 1


def test_words_of_a_persona_are_no_part_of_a_test():
    step = a_test()
    sent(step, "a", 3)
    words = step.words.get(variant="a", persona=None)
    Message.objects.update(words=None)
    assert result(step, at=LATER).a.share.of == 0
    assert words.persona is None


def test_without_a_number_fixed_before_nothing_is_said():
    step = a_test(needed=None)
    sent(step, "a", 60, clicked=60)
    sent(step, "b", 60)
    assert result(step, at=LATER).gap is None


def test_the_tests_of_a_version_are_shown_by_step():
    step = a_test()
    assert [found.step for found in shown(step.version, at=NOON)] == [step]


def test_a_test_is_ended_once():
    step = a_test()
    assert end_test(step=step, kept="b", by=None, at=NOON).kept == "b"
    with pytest.raises(Conflict, match="B was kept"):
        end_test(step=step, kept="a", by=None, at=NOON)


@pytest.mark.parametrize("kept", ["c", "", "b"])
def test_what_is_no_test_cannot_be_ended(kept):
    step = PublishedStep.objects.get(version__sequence=a_sequence(), position=1)
    with pytest.raises(Refused):
        end_test(step=step, kept=kept, by=None, at=NOON)


def test_marketing_ends_a_test_and_sales_may_not(client, maya, sam):
    step = a_test()
    client.force_login(sam)
    assert client.post(f"/staff/steps/{step.pk}/test/", {"kept": "b"}).status_code == 403
    client.force_login(maya)
    assert client.post(f"/staff/steps/{step.pk}/test/", {"kept": "b"}).status_code == 302
    assert PublishedStep.objects.get(pk=step.pk).test_end.ended_by == maya
