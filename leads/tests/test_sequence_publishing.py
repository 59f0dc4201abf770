"""A new version while people walk: who stays, moves or is done, and what each choice means in mails."""

from datetime import datetime, timedelta

import pytest

from campaigns.errors import Conflict, Refused
from campaigns.models import EmailTemplate, PublishedStep, Sequence, SequenceStep, SequenceVersion
from campaigns.unpublished import has_changes
from leads.models import Enrolment, EnrolmentMove, Message
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.nurture.publishing import groups, publish
from leads.nurture.sums import sequence_steps
from leads.nurture.taking_over import Stand, mails_ahead, place
from leads.sending.delivery import deliver
from leads.tests.builders import NOON, a_sequence
from leads.tests.mail_world import a_reader

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def sequence() -> Sequence:
    return a_sequence(mails=3)


def step_on(at) -> None:
    advance(at=at)
    deliver(slot="one", at=at)
    advance(at=at)


def minute(moment: datetime | None) -> datetime | None:
    """A mail ends some milliseconds after it was due."""
    return moment and moment.replace(second=0, microsecond=0)


def walker(sequence: Sequence, email: str = "piet@maasland.example") -> Enrolment:
    row = enrol(person=a_reader(email), sequence=sequence, at=NOON)
    assert row is not None
    return row


def add(sequence: Sequence, order: int, delay_hours: int = 24) -> SequenceStep:
    """One more mail at this place of the list, between those with odd numbers."""
    for step in sequence.steps.all():
        SequenceStep.objects.filter(pk=step.pk).update(order=2 * step.order + 1)
    template = EmailTemplate.objects.first()
    return SequenceStep.objects.create(
        sequence=sequence, order=order, template=template, delay_hours=delay_hours
    )


def choose(sequence: Sequence, choice: str, at=NOON + HOUR, **more):
    choices = {group.key: choice for group in groups(sequence)}
    return publish(sequence=sequence, choices=choices, by=None, at=at, **more)


def numbers(sequence: Sequence) -> list[tuple[int, int, int, int, int]]:
    return [
        (group.version.number, group.position, group.people, group.mails_if_stay, group.mails_if_move)
        for group in groups(sequence)
    ]


def test_each_group_says_how_many_mails_each_choice_means(sequence):
    walker(sequence)
    step_on(NOON)
    walker(sequence, "later@x.example")
    add(sequence, order=10)
    assert numbers(sequence) == [(1, 0, 1, 3, 4), (1, 1, 1, 2, 3)]
    assert [group.done.position if group.done else 0 for group in groups(sequence)] == [0, 1]


def test_where_branches_differ_it_says_at_least_and_at_most():
    steps = {
        1: PublishedStep(position=1, kind="branch", then_position=3, otherwise_position=None),
        2: PublishedStep(position=2, kind="mail"),
        3: PublishedStep(position=3, kind="mail"),
    }
    assert mails_ahead(steps)[1] == (0, 1)
    steps[1].then_position = None
    assert mails_ahead(steps)[1] == (0, 2)
    steps[1].otherwise_position = 3
    assert mails_ahead(steps)[1] == (1, 2)


def test_who_stays_keeps_walking_the_old_version(sequence):
    row = walker(sequence)
    step_on(NOON)
    add(sequence, order=10)
    assert choose(sequence, "stay").stayed == 1
    row.refresh_from_db()
    assert (row.version.number, row.position, minute(row.due_at)) == (1, 1, NOON + DAY)


def test_who_moves_goes_on_at_the_same_time_after_what_they_have_done(sequence):
    row = walker(sequence)
    step_on(NOON)
    add(sequence, order=10, delay_hours=7 * 24)
    result = choose(sequence, "move")
    row.refresh_from_db()
    assert (result.moved, result.version.number) == (1, 2)
    assert (row.version, row.position, row.next_position, minute(row.due_at)) == (
        result.version,
        1,
        2,
        NOON + DAY,
    )
    for day in (1, 2, 12):
        step_on(NOON + day * (DAY + HOUR))
    row.refresh_from_db()
    assert (row.state, Message.objects.filter(state="sent").count()) == ("finished", 4)


def test_a_step_put_in_before_what_is_done_is_not_made_up_for(sequence):
    row = walker(sequence)
    step_on(NOON)
    add(sequence, order=0)
    choose(sequence, "move")
    row.refresh_from_db()
    assert (row.position, row.next_position) == (2, 3)


def test_a_step_put_in_next_is_due_its_delay_after_the_last_one_ended(sequence):
    row = walker(sequence)
    step_on(NOON)
    add(sequence, order=2, delay_hours=6)
    choose(sequence, "move")
    row.refresh_from_db()
    assert (row.next_position, minute(row.due_at)) == (2, NOON + 6 * HOUR)


def test_a_step_that_would_have_been_due_already_is_due_now(sequence):
    row = walker(sequence)
    step_on(NOON)
    add(sequence, order=2, delay_hours=2)
    choose(sequence, "move", at=NOON + 5 * HOUR)
    row.refresh_from_db()
    assert row.due_at == NOON + 5 * HOUR


def test_where_the_step_that_is_done_is_gone_the_one_before_it_counts(sequence):
    row = walker(sequence)
    step_on(NOON)
    step_on(NOON + DAY + HOUR)
    sequence.steps.order_by("order")[1].delete()
    choose(sequence, "move", at=NOON + DAY + 2 * HOUR)
    row.refresh_from_db()
    assert (row.position, row.next_position, minute(row.due_at)) == (1, 2, NOON + 2 * DAY + HOUR)


def test_a_mail_that_is_only_scheduled_is_cancelled_and_made_anew_by_the_new_version(sequence):
    row = walker(sequence)
    advance(at=NOON)
    add(sequence, order=10)
    result = choose(sequence, "move", at=NOON)
    old = Message.objects.get()
    assert (old.state, old.reason, old.settled) == ("cancelled", "taken over to a newer version", True)
    row.refresh_from_db()
    assert (row.version, row.next_position, row.due_at) == (result.version, 1, NOON)
    step_on(NOON)
    assert list(Message.objects.order_by("pk").values_list("step__version__number", "state")) == [
        (1, "cancelled"),
        (2, "sent"),
    ]


def test_a_mail_that_was_sent_and_not_noted_yet_is_not_sent_again(sequence):
    row = walker(sequence)
    advance(at=NOON)
    deliver(slot="one", at=NOON)
    add(sequence, order=10)
    choose(sequence, "move")
    row.refresh_from_db()
    assert (row.position, row.next_position, minute(row.due_at)) == (1, 2, NOON + DAY)
    step_on(NOON + HOUR)
    assert Message.objects.count() == 1


def test_whose_mail_is_being_sent_stays_and_is_counted(sequence):
    row = walker(sequence)
    advance(at=NOON)
    Message.objects.update(state="sending")
    add(sequence, order=10)
    result = choose(sequence, "move")
    row.refresh_from_db()
    assert (result.kept, result.moved, row.version.number) == (1, 0, 1)


def test_who_has_nothing_left_in_the_new_version_is_finished(sequence):
    row = walker(sequence)
    step_on(NOON)
    sequence.steps.order_by("order")[2].delete()
    sequence.steps.order_by("order")[1].delete()
    assert numbers(sequence) == [(1, 1, 1, 2, 0)]
    assert choose(sequence, "move").finished == 1
    row.refresh_from_db()
    assert (row.state, row.due_at) == ("finished", None)


def test_who_is_done_leaves_with_a_reason_and_gets_nothing_more(sequence):
    row = walker(sequence)
    advance(at=NOON)
    add(sequence, order=10)
    assert choose(sequence, "finish").finished == 1
    row.refresh_from_db()
    assert (row.state, row.exit_reason, Message.objects.get().state) == (
        "exited",
        "ended by a newer version",
        "cancelled",
    )


def test_a_wait_goes_on_from_when_it_began(sequence):
    row = walker(sequence)
    step_on(NOON)
    waits = add(sequence, order=2, delay_hours=0)
    SequenceStep.objects.filter(pk=waits.pk).update(
        kind="wait_for",
        looks_at="click",
        limit_hours=48,
        otherwise=sequence.steps.order_by("order")[2],
        template=None,
    )
    choose(sequence, "move")
    advance(at=NOON + 2 * HOUR)
    row.refresh_from_db()
    assert row.waits_until == NOON + HOUR + 48 * HOUR
    SequenceStep.objects.filter(pk=waits.pk).update(limit_hours=24)
    choose(sequence, "move", at=NOON + 3 * HOUR)
    advance(at=NOON + 3 * HOUR)
    row.refresh_from_db()
    assert (row.waits_since, row.waits_until) == (NOON + HOUR, NOON + 25 * HOUR)


def test_sums_of_both_versions_balance_after_a_move(sequence):
    walker(sequence)
    step_on(NOON)
    walker(sequence, "later@x.example")
    advance(at=NOON)
    add(sequence, order=10)
    choose(sequence, "move", at=NOON)
    step_on(NOON)
    step_on(NOON + DAY)
    assert EnrolmentMove.objects.count() == 2
    assert all(sums.balanced for sums in sequence_steps(sequence).values())


def test_people_nobody_was_asked_about_are_not_decided_upon(sequence):
    walker(sequence)
    add(sequence, order=10)
    seen = {group.key: "move" for group in groups(sequence)}
    step_on(NOON)
    with pytest.raises(Conflict):
        publish(sequence=sequence, choices=seen, by=None, at=NOON)
    assert SequenceVersion.objects.count() == 1


def test_a_second_press_publishes_nothing(sequence):
    add(sequence, order=10)
    assert has_changes(sequence)
    choose(sequence, "stay")
    assert not has_changes(sequence)
    with pytest.raises(Refused) as no:
        choose(sequence, "stay")
    assert "Nothing has changed" in no.value.message
    assert SequenceVersion.objects.count() == 2


def test_other_words_are_a_change(sequence):
    assert not has_changes(sequence)
    EmailTemplate.objects.filter(slug="guide-series-0").update(subject="Something else")
    assert has_changes(sequence)


def test_a_first_version_needs_no_choices():
    draft = a_sequence("other")
    SequenceVersion.objects.filter(sequence=draft).first()
    assert groups(draft) == []


def test_a_word_that_is_no_choice_is_refused(sequence):
    walker(sequence)
    add(sequence, order=10)
    with pytest.raises(Refused):
        choose(sequence, "perhaps")


def test_findings_are_kept_with_the_version(sequence):
    add(sequence, order=10)
    found = [{"check": "weight", "level": "warning", "words": "heavy", "reason": "one picture"}]
    assert choose(sequence, "stay", findings=found).version.findings == found


def test_the_way_taken_at_a_branch_leads_on_in_the_new_version():
    def steps(*ways: int | None) -> dict[int, PublishedStep]:
        found = {n: PublishedStep(position=n, origin=n, kind="mail") for n in (1, 2, 3)}
        found[1].kind, found[1].then_position, found[1].otherwise_position = "branch", *ways
        return found

    old, new = steps(2, 3), steps(2, 3)
    assert place(Stand(1, 1, 2, entered=0b10, went_first_way=0b10), old, new) == (1, 2)
    assert place(Stand(1, 1, 3, entered=0b10, went_first_way=0), old, new) == (1, 3)
    assert place(Stand(1, 0, 1, entered=0, went_first_way=0), old, new) == (0, 1)
    assert place(Stand(1, 3, 0, entered=0b1010, went_first_way=0), old, {}) == (0, 0)
