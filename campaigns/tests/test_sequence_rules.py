"""What may be published: every column is frozen, jumps lead forward only, and each refusal says what to mend."""

from datetime import UTC, datetime, time

import pytest

from campaigns import sequences
from campaigns.errors import Refused
from campaigns.models import (
    EmailTemplate,
    MailLink,
    Persona,
    PublishedWords,
    Sequence,
    SequenceStep,
    StepWording,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def sequence():
    return Sequence.objects.create(name="Guide readers", slug="guide-readers")


def a_template(name: str = "one", **columns) -> EmailTemplate:
    return EmailTemplate.objects.create(
        name=name, slug=name, subject=f"Subject {name}", body=f'<p><a href="/p/{name}/">x</a></p>', **columns
    )


def mail(sequence, order: int, **columns) -> SequenceStep:
    template = a_template(f"mail-{order}")
    return SequenceStep.objects.create(sequence=sequence, order=order, template=template, **columns)


def a_step(sequence, order: int, kind: str, **columns) -> SequenceStep:
    return SequenceStep.objects.create(sequence=sequence, order=order, kind=kind, **columns)


def refused(sequence) -> list[str]:
    with pytest.raises(Refused) as no:
        sequences.publish(sequence=sequence, by=None, at=AT)
    assert sequence.versions.count() == 0
    return no.value.missing


def test_every_column_of_a_step_is_frozen_and_jumps_become_positions(sequence):
    last = mail(sequence, 4, delay_hours=5, weekdays="135", at_time=time(9), next_piece=True)
    asks = {"looks_at": "field", "field": "country", "compares": "is_not", "value": "NL", "within_days": 9}
    mail(sequence, 1)
    a_step(sequence, 2, "branch", then=last, **asks)
    wait = {"looks_at": "click", "limit_hours": 72, "otherwise": last}
    a_step(sequence, 3, "wait_for", **wait)
    frozen = {
        step.position: step for step in sequences.publish(sequence=sequence, by=None, at=AT).steps.all()
    }
    for working in sequence.steps.all():
        step = frozen[working.order]
        assert {name: getattr(step, name) for name in sequences._RULES} == {
            name: getattr(working, name) for name in sequences._RULES
        }
        assert step.origin == working.pk
    assert [(step.then_position, step.otherwise_position) for step in frozen.values()] == [
        (None, None), (4, None), (None, 4), (None, None),
    ]  # fmt: skip


def test_all_wordings_are_frozen_with_their_links(sequence):
    engineer, _ = Persona.objects.get_or_create(slug="engineer", defaults={"name": "Engineer"})
    step = mail(sequence, 1, test_mails=50)
    StepWording.objects.create(step=step, template=a_template("second"))
    StepWording.objects.create(step=step, template=a_template("engineers"), persona=engineer)
    version = sequences.publish(sequence=sequence, by=None, at=AT)
    words = PublishedWords.objects.filter(step__version=version)
    assert {(one.persona, one.variant, one.subject) for one in words} == {
        (None, "a", "Subject mail-1"), (None, "b", "Subject second"), (engineer, "a", "Subject engineers"),
    }  # fmt: skip
    assert {link.source for link in MailLink.objects.filter(words__in=words)} == {
        "/p/mail-1/", "/p/second/", "/p/engineers/",
    }  # fmt: skip


def test_what_the_check_found_is_kept_with_the_version(sequence):
    mail(sequence, 1)
    found = {"check": "links", "level": "warning", "words": "slow", "reason": "known"}
    assert sequences.publish(sequence=sequence, by=None, at=AT, findings=[found]).findings == [found]


def test_a_step_may_lead_forward_only(sequence):
    first, second = mail(sequence, 1), mail(sequence, 2)
    SequenceStep.objects.filter(pk=second.pk).update(then=first)
    assert refused(sequence) == ["Step 2: it leads back to step 1; steps lead forward only"]
    SequenceStep.objects.filter(pk=second.pk).update(then=second)
    assert refused(sequence) == ["Step 2: it leads back to step 2; steps lead forward only"]


def test_a_step_may_not_lead_out_of_its_sequence(sequence):
    elsewhere = mail(Sequence.objects.create(name="Other", slug="other"), 1)
    SequenceStep.objects.create(sequence=sequence, order=1, template=a_template(), then=elsewhere)
    assert refused(sequence) == ["Step 1: it leads to a step that is not in this sequence"]


def test_sixty_steps_are_the_most(sequence):
    mail(sequence, 1)
    for order in range(2, 62):
        a_step(sequence, order, "wait")
    assert refused(sequence) == ["at most 60 steps; this has 61"]
    sequence.steps.last().delete()
    assert sequences.publish(sequence=sequence, by=None, at=AT).steps.count() == 60


@pytest.mark.parametrize(
    ("kind", "columns", "words"),
    [
        ("branch", {}, "say what it asks"),
        ("wait_for", {"looks_at": "click"}, "say how many hours it waits at most"),
        ("change", {}, "a step may change:"),
        ("wait", {"weekdays": "18"}, "days are numbers from 1 (Monday) to 7 (Sunday)"),
        ("wait", {"delay_hours": 20_000}, "no step waits longer than two years"),
        ("mail", {}, "an e-mail template is missing"),
    ],
)
def test_a_step_that_could_not_be_walked_is_refused_in_words(sequence, kind, columns, words):
    mail(sequence, 1)
    a_step(sequence, 2, kind, **columns)
    (found,) = refused(sequence)
    assert found.startswith(f"Step 2: {words}")


def test_a_test_needs_a_second_wording_and_the_second_wording_a_test(sequence):
    step = mail(sequence, 1, test_mails=50)
    assert refused(sequence) == ["Step 1: a test needs a second wording (B)"]
    StepWording.objects.create(step=step, template=a_template("second"))
    SequenceStep.objects.update(test_mails=None)
    assert refused(sequence) == [
        "Step 1: there is a wording B: say how many mails of each wording the test takes"
    ]
    SequenceStep.objects.update(test_mails=10)
    assert refused(sequence) == ["Step 1: a test takes at least 50 mails of each wording"]


def test_other_words_are_checked_as_strictly_as_the_usual_ones(sequence):
    engineer, _ = Persona.objects.get_or_create(slug="engineer", defaults={"name": "Engineer"})
    broken = a_template("broken")
    EmailTemplate.objects.filter(pk=broken.pk).update(body="<p>{{ person.last_name }}</p>")
    StepWording.objects.create(step=mail(sequence, 1), template=broken, persona=engineer)
    (found,) = refused(sequence)
    assert found.startswith("Step 1: wording Engineer: Body, line 1")


@pytest.mark.parametrize(("looks_at", "value"), [("grade", "B2"), ("status", "nurturing")])
def test_prospects_are_not_asked_what_only_leads_have(sequence, looks_at, value):
    mail(sequence, 1)
    a_step(sequence, 2, "branch", looks_at=looks_at, value=value)
    Sequence.objects.update(audience="prospects")
    (found,) = refused(sequence)
    assert found.endswith("is known of leads only, and this sequence is for prospects")
    Sequence.objects.update(audience="leads")
    assert sequences.publish(sequence=sequence, by=None, at=AT).number == 1
