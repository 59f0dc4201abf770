"""The check of a sequence before its start: who it would fail for, and what blocks it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.models import EmailTemplate, Offer, SequenceStep, Topic
from leads.nurture import check
from leads.tests.builders import NOON, a_lead, a_sequence

pytestmark = pytest.mark.django_db


@pytest.fixture
def sequence():
    made = a_sequence(mails=1)
    made.topic = Topic.objects.create(name="Vibration", slug="vibration")
    made.goal = "inquiry"
    made.save()
    EmailTemplate.objects.update(
        preheader="Which reading moves first.",
        body='<p>Hello {{ person.first_name | default: "there" }}, this is about the one reading that moves first.</p>',
    )
    return made


def told(sequence, *, level: str = "", at=NOON) -> list[str]:
    found = check.findings(sequence, at=at, ask_web=False)
    return [one.finding.check for one in found if one.finding.level == level or not level]


def test_a_sequence_without_faults_has_nothing_to_mend_or_explain(sequence):
    a_lead(first_name="Piet")
    assert told(sequence, level="error") == []
    assert told(sequence, level="warning") == []


def test_a_template_that_could_fail_for_somebody_blocks(sequence):
    EmailTemplate.objects.update(body="<p>Hello {{ person.first_name }}</p>")
    found = check.blocking(check.findings(sequence, at=NOON, ask_web=False))
    assert [(one.step, one.finding.check) for one in found] == [(1, "template")]


def test_a_field_that_most_people_lack_is_a_warning_and_one_that_few_lack_a_note(sequence):
    for number in range(4):
        a_lead(f"p{number}@works.example", first_name="" if number else "Ada")
    assert told(sequence, level="warning") == ["field-empty"]
    for number in range(4, 12):
        a_lead(f"p{number}@works.example", first_name="Ada")
    assert told(sequence, level="warning") == []
    assert "field-empty" in told(sequence, level="note")


def test_an_offer_that_is_over_blocks_and_one_that_ends_soon_wants_a_reason(sequence):
    offer = Offer.objects.create(name="Spring", code="S1", valid_until=NOON.date() - timedelta(days=1))
    EmailTemplate.objects.update(offer=offer)
    assert told(sequence, level="error") == ["offer-over"]
    Offer.objects.update(valid_until=NOON.date() + timedelta(days=2))
    assert told(sequence, level="warning") == ["offer-ends"]


def test_the_same_mail_in_two_steps_is_told(sequence):
    SequenceStep.objects.create(sequence=sequence, order=9, template=EmailTemplate.objects.get())
    assert "mail-twice" in told(sequence, level="warning")


def test_a_reason_closes_a_warning_and_is_kept_with_it(sequence):
    EmailTemplate.objects.update(preheader="")
    found = check.findings(sequence, at=NOON, ask_web=False)
    (open_one,) = check.open_warnings(found, {})
    reasons = {open_one.key: "The subject says it all"}
    assert check.open_warnings(found, reasons) == []
    kept = [row for row in check.rows(found, reasons) if row["level"] == "warning"]
    assert [(row["check"], row["reason"]) for row in kept] == [("preview-missing", "The subject says it all")]


def test_marketing_sees_the_check_and_sales_and_strangers_do_not(client, sequence, maya, sam, nora):
    address = reverse("staff-sequence-check", args=[sequence.pk])
    seen = []
    for user in (maya, sam, nora):
        client.force_login(user)
        seen.append(client.get(address).status_code)
    assert seen == [200, 403, 403]
