"""Publishing freezes words and targets; people who walk a version are not touched by later edits."""

from datetime import UTC, datetime

import pytest

from campaigns import sequences
from campaigns.errors import Conflict, Refused
from campaigns.models import Campaign, Channel, EmailTemplate, MailLink, Sequence, SequenceStep, StepKind

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def sequence(db):
    channel, _ = Channel.objects.get_or_create(slug="email", defaults={"name": "E-mail"})
    campaign = Campaign.objects.create(name="Guide", slug="guide", channel=channel, utm_campaign="guide-2026")
    made = Sequence.objects.create(name="Guide readers", slug="guide-readers", campaign=campaign)
    mail = EmailTemplate.objects.create(
        name="One",
        slug="one",
        subject="Hello {{ person.first_name | default: 'there' }}",
        body='<p><a href="/p/guide/?a=1">guide</a> <a href="https://else.example/x">other</a></p>',
        language="de",
    )
    SequenceStep.objects.create(sequence=made, order=1, template=mail)
    SequenceStep.objects.create(sequence=made, order=2, kind=StepKind.WAIT, delay_hours=48)
    return made


def test_steps_words_and_targets_are_copied(sequence, maya):
    version = sequences.publish(sequence=sequence, by=maya, at=AT)
    first = version.steps.get(position=1)
    assert (first.words.get().subject[:5], first.words.get().language, version.steps.count()) == (
        "Hello",
        "de",
        2,
    )
    assert [link.target for link in MailLink.objects.filter(words__step=first).order_by("position")] == [
        "/p/guide/?a=1&utm_source=guide-readers&utm_medium=email&utm_campaign=guide-2026&utm_content=step-1",
        "https://else.example/x",
    ]


def test_publishing_sets_a_draft_live_and_counts_versions(sequence, maya):
    sequences.publish(sequence=sequence, by=maya, at=AT)
    second = sequences.publish(sequence=sequence, by=maya, at=AT)
    sequence.refresh_from_db()
    assert (second.number, sequence.state) == (2, Sequence.State.LIVE)


def test_a_later_edit_leaves_the_version_alone(sequence, maya):
    version = sequences.publish(sequence=sequence, by=maya, at=AT)
    EmailTemplate.objects.update(subject="Changed")
    assert version.steps.get(position=1).words.get().subject.startswith("Hello")


def test_a_template_that_fails_for_the_least_filled_person_is_refused(sequence, maya):
    EmailTemplate.objects.update(body="<p>Dear\n{{ person.last_name }}</p>")
    with pytest.raises(Refused) as no:
        sequences.publish(sequence=sequence, by=maya, at=AT)
    assert "Step 1" in no.value.missing[0]
    assert "line 2, column 4" in no.value.missing[0]
    assert sequence.versions.count() == 0


def test_a_sequence_without_mail_or_template_is_refused(sequence, maya):
    SequenceStep.objects.update(template=None)
    with pytest.raises(Refused, match="cannot be published"):
        sequences.publish(sequence=sequence, by=maya, at=AT)
    SequenceStep.objects.filter(kind=StepKind.MAIL).delete()
    with pytest.raises(Refused) as no:
        sequences.publish(sequence=sequence, by=maya, at=AT)
    assert no.value.missing == ["at least one step that sends a mail"]


def test_pause_resume_and_end_refuse_the_wrong_state(sequence, maya):
    with pytest.raises(Conflict, match="draft"):
        sequences.pause(sequence=sequence, by=maya, at=AT)
    sequences.publish(sequence=sequence, by=maya, at=AT)
    assert sequences.pause(sequence=sequence, by=maya, at=AT).state == Sequence.State.PAUSED
    assert sequences.resume(sequence=sequence, by=maya, at=AT).state == Sequence.State.LIVE
    sequences.end(sequence=sequence, by=maya, at=AT)
    with pytest.raises(Conflict, match="ended"):
        sequences.publish(sequence=sequence, by=maya, at=AT)
    assert Sequence.history.filter(history_user=maya).count() == 4
