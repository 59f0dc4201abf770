"""Walking a sequence: who may begin, when each step is due, and how a walk ends."""

from datetime import timedelta

import pytest

from campaigns.models import Sequence, SequenceStep, StepKind
from campaigns.sequences import publish
from leads.consent import MARKETING, suppress, withdraw
from leads.models import Enrolment, Lead, Message, Person, WorkRequest
from leads.nurture.advance import advance
from leads.nurture.enrolment import ANOTHER_ROUND, enrol, exit_enrolments
from leads.preferences import confirm
from leads.sending.delivery import deliver
from leads.tests.builders import NOON, a_page, a_sequence, submitted
from leads.tests.mail_world import a_reader, the_sequence, walking

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def pass_on(at) -> None:
    """What the schedule does in one round."""
    advance(at=at)
    deliver(slot="one", at=at)
    advance(at=at)


def mails() -> list[tuple[int, str]]:
    return list(Message.objects.order_by("pk").values_list("step__position", "state"))


def test_the_first_mail_is_due_at_once_and_the_next_a_day_after_it_was_sent():
    row = walking(a_reader())
    pass_on(NOON)
    row.refresh_from_db()
    sent = Message.objects.get()
    assert (row.position, row.due_at) == (1, sent.ended_at + DAY)
    pass_on(row.due_at)
    row.refresh_from_db()
    assert (row.state, row.position, mails()) == ("finished", 2, [(1, "sent"), (2, "sent")])


def test_enrolling_twice_answers_with_the_first():
    person = a_reader()
    assert enrol(person=person, sequence=the_sequence(), at=NOON) == enrol(
        person=person, sequence=the_sequence(), at=NOON
    )
    assert Enrolment.objects.count() == 1


def test_the_sequence_takes_only_leads_and_only_while_it_is_live():
    cold = Person.objects.create(email="c@x.example", email_key="c@x.example")
    assert enrol(person=cold, sequence=the_sequence(), at=NOON) is None
    reader = a_reader()
    for state in ("draft", "ended"):
        Sequence.objects.update(state=state)
        assert enrol(person=reader, sequence=the_sequence(), at=NOON) is None
    Person.objects.filter(pk=reader.pk).update(sales_open=True)
    Sequence.objects.update(state="live")
    assert enrol(person=reader, sequence=the_sequence(), at=NOON) is None


def test_a_new_round_begins_only_after_the_old_has_ended():
    person = a_reader()
    first = walking(person)
    exit_enrolments(person=person, reason="reply", at=NOON)
    again = enrol(person=person, sequence=the_sequence(), at=NOON)
    assert (first.round, again.round, again.state) == (1, 2, "active")


def test_the_same_form_never_begins_it_again_and_another_one_only_after_a_while():
    page = a_page(sequence=a_sequence())
    first = submitted(page)
    exit_enrolments(person=first.person, reason="reply", at=NOON)
    ways = {"person": first.person, "sequence": page.sequence}
    assert enrol(**ways, at=NOON + ANOTHER_ROUND, submission=first.submission) is None
    second = submitted(page, nonce="n2", at=NOON + DAY)
    assert Enrolment.objects.count() == 1
    assert enrol(**ways, at=NOON + ANOTHER_ROUND, submission=second.submission).round == 2


def test_a_form_with_a_sequence_puts_its_sender_on_it():
    submitted(a_page(sequence=a_sequence()))
    pass_on(NOON)
    assert sorted(Message.objects.values_list("kind", "state")) == [
        ("download", "sent"),
        ("sequence", "sent"),
    ]


def test_a_double_opt_in_form_puts_its_sender_on_it_only_when_confirmed():
    taken = submitted(a_page(sequence=a_sequence(), double_opt_in=True))
    assert Enrolment.objects.count() == 0
    confirm(submission=taken.submission, at=NOON)
    confirm(submission=taken.submission, at=NOON)
    assert Enrolment.objects.get().submission == taken.submission
    assert Lead.objects.get().status == "nurturing"


def test_leaving_cancels_what_is_scheduled_and_twice_is_the_same_as_once():
    row = walking(a_reader())
    assert exit_enrolments(person=row.person, reason="with sales", at=NOON) == 1
    assert exit_enrolments(person=row.person, reason="other", at=NOON) == 0
    row.refresh_from_db()
    assert (row.state, row.exit_reason, mails()) == ("exited", "with sales", [(1, "cancelled")])


def test_advancing_twice_makes_one_mail():
    row = walking(a_reader())
    assert advance(at=NOON)["mails"] == 0
    Enrolment.objects.filter(pk=row.pk).update(due_at=NOON)  # as if a crash had undone this half alone
    advance(at=NOON)
    assert mails() == [(1, "scheduled")]


def longer() -> Sequence:
    """Mail, wait two days, follow-up for a rep, mail a day later."""
    sequence = the_sequence()
    SequenceStep.objects.filter(order=1).update(order=5)
    SequenceStep.objects.create(sequence=sequence, order=2, kind=StepKind.WAIT, delay_hours=48)
    SequenceStep.objects.create(
        sequence=sequence, order=3, kind=StepKind.FOLLOW_UP, note="Ask what they read"
    )
    publish(sequence=sequence, by=None, at=NOON)
    return sequence


def test_a_wait_passes_by_itself_and_a_follow_up_asks_a_rep_once():
    longer()
    row = walking(a_reader())
    pass_on(NOON)
    sent = Message.objects.get().ended_at
    pass_on(sent + 2 * DAY)
    pass_on(sent + 2 * DAY)
    row.refresh_from_db()
    request = WorkRequest.objects.get()
    assert (request.kind, request.note) == ("step", "Ask what they read")
    assert (row.position, row.due_at) == (3, sent + 3 * DAY)


def test_after_days_of_outage_each_gets_the_next_mail_once_and_then_the_usual_distance():
    longer()
    row = walking(a_reader())
    pass_on(NOON)
    late = NOON + 6 * DAY  # wait, follow-up and the second mail have come due meanwhile
    for minute in range(4):
        pass_on(late + timedelta(minutes=minute))
    row.refresh_from_db()
    assert mails() == [(1, "sent"), (4, "sent")]
    assert row.state == "finished"


def test_a_mail_a_week_late_is_left_out_and_the_walk_goes_on_from_now():
    row = walking(a_reader())
    late = NOON + 8 * DAY
    pass_on(late)
    row.refresh_from_db()
    assert mails() == [(1, "cancelled")]
    assert (row.state, row.position) == ("active", 1)
    assert late + DAY <= row.due_at < late + DAY + timedelta(seconds=30)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda p: suppress(email_key=p.email_key, reason="complained", at=NOON), "complained"),
        (
            lambda p: withdraw(person=p, purpose=MARKETING, at=NOON + timedelta(seconds=1)),
            "no consent to marketing mail",
        ),
        (lambda p: Person.objects.filter(pk=p.pk).update(sales_open=True), "with sales"),
    ],
    ids=["complaint", "consent withdrawn", "with sales"],
)
def test_who_may_not_be_written_to_leaves_with_the_reason(happens, reason):
    row = walking(a_reader())
    happens(row.person)
    pass_on(NOON + timedelta(minutes=1))
    row.refresh_from_db()
    assert (row.state, row.exit_reason) == ("exited", reason)


def test_people_inside_stay_on_the_version_they_began():
    row = walking(a_reader())
    publish(sequence=the_sequence(), by=None, at=NOON)
    pass_on(NOON)
    row.refresh_from_db()
    assert row.version.number == 1
    assert walking(a_reader("b@maasland.example")).version.number == 2


def test_a_round_of_the_job_is_bounded():
    people = [a_reader(f"r{one}@maasland.example") for one in range(5)]
    for person in people:
        enrol(person=person, sequence=the_sequence(), at=NOON)
    assert [advance(at=NOON, limit=2)["mails"] for _ in range(4)] == [2, 2, 1, 0]
