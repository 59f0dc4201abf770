"""Clicks and opens of mail, by machines and after a "no" (RELIABILITY T3 to T5)."""

from datetime import timedelta

import pytest

from campaigns.models import MailLink, PublishedWords
from leads import tokens
from leads.consent import TRACKING, record_consent
from leads.judging import judge_due
from leads.models import Enrolment, Hit, Touch
from leads.nurture.waking import wake
from leads.tests.builders import NOON
from leads.tests.judging_world import BROWSER, LATER, a_click, a_message, verdict_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def message():
    return a_message(sent=NOON - timedelta(hours=1))


def addresses(message) -> dict[str, str]:
    whose = {"message_id": message.pk, "person_id": message.person_id}
    link = MailLink.objects.get(words=message.words, position=1)
    return {
        "click": f"/c/{tokens.click_token(**whose, link_id=link.pk)}/",
        "open": f"/o/{tokens.open_token(**whose)}.gif",
        "trap": f"/x/{tokens.trap_token(**whose)}/",
    }


def test_all_links_of_its_own_wording_at_once_are_a_machine_whatever_other_wordings_have(message):
    other = PublishedWords.objects.create(
        step=message.step, variant="b", subject="B", body="<p>B</p>", language="en"
    )
    for position in range(1, 10):
        MailLink.objects.create(
            words=other, position=position, source=f"https://b.example/{position}", target="https://b.example"
        )
    hits = [
        Hit.objects.create(
            kind="click", message=message, person=message.person, mail_link=link, agent=BROWSER,
            at=NOON + number * timedelta(seconds=3),
        )
        for number, link in enumerate(MailLink.objects.filter(words=message.words).order_by("position"))
    ]  # fmt: skip
    judge_due(at=LATER)
    assert [verdict_of(hit).partition(":")[0] for hit in hits] == ["machine"] * 3
    assert not Touch.objects.exists()


def test_a_machine_wakes_no_wait_and_a_person_does(message):
    walk = Enrolment.objects.get()
    waits = {
        "due_at": LATER + timedelta(hours=1),
        "waits_since": NOON,
        "waits_until": LATER + timedelta(days=1),
    }
    Enrolment.objects.update(**waits)
    a_click(message, NOON, agent="curl/8.0")
    judge_due(at=LATER)
    walk.refresh_from_db()
    assert walk.due_at == waits["due_at"]
    a_click(message, NOON)
    judge_due(at=LATER)
    walk.refresh_from_db()
    assert walk.due_at <= LATER
    assert wake(person_ids=[], at=LATER) == 0


@pytest.mark.parametrize("kind", ["click", "open", "trap"])
def test_after_a_no_nothing_of_an_old_mail_is_noted_for_the_person(client, message, kind):
    record_consent(person=message.person, purpose=TRACKING, given=True, at=NOON)
    record_consent(person=message.person, purpose=TRACKING, given=False, at=NOON + timedelta(minutes=1))
    answer = client.get(addresses(message)[kind], headers={"user-agent": BROWSER})
    assert answer.status_code == (302 if kind == "click" else 200)
    assert not Hit.objects.filter(person=message.person).exists()
    assert not Hit.objects.filter(message=message).exists()
    judge_due(at=LATER)
    assert not Touch.objects.exists()


def test_with_a_yes_they_are(client, message):
    record_consent(person=message.person, purpose=TRACKING, given=True, at=NOON)
    for address in addresses(message).values():
        client.get(address, headers={"user-agent": BROWSER})
    assert set(Hit.objects.filter(person=message.person).values_list("kind", flat=True)) == {
        "click",
        "open",
        "trap",
    }
