"""Reaching what a sequence is for ends it with success; a reply or a meeting ends it anyway."""

from datetime import timedelta

import pytest

from campaigns.models import Channel, Sequence
from leads.judging import judge_due
from leads.lifecycle import become_customer, note_sales_stage, qualify
from leads.models import Enrolment, Hit, Message, Person, Submission
from leads.nurture.enrolment import enrol
from leads.nurture.goals import Goal, downloaded, reached
from leads.scoring.verdicts import qualify_due
from leads.tests.builders import NOON, a_page, a_sequence, an_asset, submitted
from leads.tests.mail_world import a_reader, walking
from leads.tracking import record_touch

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATER = NOON + HOUR


@pytest.fixture
def walker() -> Enrolment:
    return walking(a_reader())


def how(row: Enrolment) -> tuple[str, str, bool]:
    row.refresh_from_db()
    return row.state, row.exit_reason, row.goal_at is not None


def test_the_goal_ends_the_walk_with_success_and_cancels_its_mail(walker):
    Sequence.objects.update(goal=Goal.MEETING)
    assert reached(person=walker.person, goal=Goal.MEETING, at=LATER) == 1
    assert how(walker) == ("exited", "goal: meeting", True)
    assert (walker.goal_at, walker.ended_at) == (LATER, LATER)
    mail = Message.objects.get()
    assert (mail.state, mail.reason) == ("cancelled", "goal: meeting")
    assert reached(person=walker.person, goal=Goal.MEETING, at=LATER) == 0


@pytest.mark.parametrize(
    ("goal", "switch", "reason"),
    [(Goal.REPLY, "stops_on_reply", "replied"), (Goal.MEETING, "stops_on_meeting", "a meeting was booked")],
)
def test_a_reply_or_a_meeting_ends_it_without_success_where_it_is_not_the_goal(walker, goal, switch, reason):
    Sequence.objects.update(**{switch: False})
    assert reached(person=walker.person, goal=goal, at=LATER) == 0
    Sequence.objects.update(**{switch: True})
    assert reached(person=walker.person, goal=goal, at=LATER) == 1
    assert how(walker) == ("exited", reason, False)


def test_what_happened_before_entering_is_no_success(walker):
    Sequence.objects.update(goal=Goal.REPLY)
    assert reached(person=walker.person, goal=Goal.REPLY, at=NOON - HOUR) == 0


def test_other_people_and_other_goals_stay(walker):
    other = walking(a_reader("other@x.example"))
    Sequence.objects.update(goal=Goal.INQUIRY)
    assert reached(person=walker.person, goal=Goal.CUSTOMER, at=LATER) == 0
    reached(person=walker.person, goal=Goal.INQUIRY, at=LATER)
    assert how(other) == ("active", "", False)


def test_an_inquiry_is_seen_when_it_is_judged(walker):
    Sequence.objects.update(goal=Goal.INQUIRY)
    submitted(a_page("demo", inquiry="demo"), at=LATER)
    qualify_due(at=LATER + HOUR)
    assert how(walker) == ("exited", "goal: inquiry", True)
    assert walker.goal_at == LATER


def test_the_form_somebody_entered_by_is_no_success(walker):
    Sequence.objects.update(goal=Goal.INQUIRY)
    submitted(a_page("demo", inquiry="demo"), at=LATER)
    form = Submission.objects.get()
    Enrolment.objects.update(submission=form)
    assert reached(person=walker.person, goal=Goal.INQUIRY, at=LATER, by_form=form) == 0


def test_handing_over_is_a_success_where_it_is_the_goal(walker):
    qualify(lead=walker.person.lead, way="grade", at=LATER)
    assert how(walker) == ("exited", "handed over", False)


def test_handing_over_is_the_goal(walker):
    Sequence.objects.update(goal=Goal.HANDOVER)
    qualify(lead=walker.person.lead, way="grade", at=LATER)
    assert how(walker) == ("exited", "goal: handover", True)


def test_becoming_a_customer_is_the_goal(walker):
    Sequence.objects.update(goal=Goal.CUSTOMER)
    become_customer(person=walker.person, at=LATER)
    assert how(walker) == ("exited", "goal: customer", True)


def a_download(walker: Enrolment, slug: str, at=LATER) -> None:
    Hit.objects.create(
        kind="download", at=at, person=walker.person, asset=an_asset(slug), ip="192.0.2.7",
        agent="Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    )  # fmt: skip
    judge_due(at=at + HOUR / 4)


def test_a_judged_download_is_the_goal(walker):
    Sequence.objects.update(goal=Goal.DOWNLOAD)
    a_download(walker, "guide")
    assert how(walker) == ("exited", "goal: download", True)


def test_the_piece_that_brought_somebody_in_is_no_success(walker):
    Sequence.objects.update(goal=Goal.DOWNLOAD)
    submitted(a_page("paper-page"), at=NOON)
    Enrolment.objects.update(submission=Submission.objects.get())
    a_download(walker, "paper")
    assert how(walker) == ("active", "", False)
    a_download(walker, "guide")
    assert how(walker)[1] == "goal: download"


def test_touches_that_are_no_downloads_cost_nothing(walker, django_assert_num_queries):
    touch = record_touch(
        person=walker.person, kind="visit", at=LATER, channel=Channel.objects.get(slug="email")
    )
    with django_assert_num_queries(0):
        assert downloaded([touch]) == 0


def on(audience: str, person: Person) -> Enrolment:
    row = enrol(person=person, sequence=a_sequence(audience, audience=audience), at=NOON)
    assert row is not None
    return row


def test_while_sales_work_on_a_person_sequences_for_leads_end_and_others_stay(walker):
    Person.objects.update(sales_open=True)
    walker.person.refresh_from_db()
    for_prospects = on("prospects", walker.person)
    note_sales_stage(person=walker.person, stage="contacting", open=True, at=LATER)
    assert how(walker)[1] == "with sales"
    assert how(for_prospects) == ("active", "", False)
    note_sales_stage(person=walker.person, stage="lost", open=False, at=LATER)
    assert how(for_prospects) == ("exited", "no longer with sales", False)
