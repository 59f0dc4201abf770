"""What a branch or a wait asks of a person, on real rows."""

from datetime import timedelta

import pytest

from campaigns.models import Channel, PublishedStep, Topic
from campaigns.step_rules import LEAD_STATUSES
from leads.consent import withdraw
from leads.models import (
    Company,
    Enrolment,
    Fact,
    Lead,
    LeadScore,
    LeadStatus,
    MailEvent,
    Person,
    TopicChoice,
)
from leads.nurture import conditions
from leads.tests.builders import NOON, a_page, an_asset
from leads.tests.mail_world import a_due_mail, a_reader, walking
from leads.tracking import record_touch

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def answer(walker: Enrolment, at=NOON + DAY, kind="branch", **rule) -> bool:
    step = PublishedStep(kind=kind, **rule)
    return conditions.holds(step, walker, conditions.load([(walker, step)], at=at), at=at)


def touch(walker: Enrolment, kind: str, at=NOON + HOUR, **more) -> None:
    channel = Channel.objects.get(slug="email")
    record_touch(person=walker.person, kind=kind, at=at, channel=channel, **more)


@pytest.fixture
def walker() -> Enrolment:
    return walking(a_reader(country="NL", job_title="Plant manager"))


def test_the_statuses_a_step_may_name_are_those_of_leads():
    assert set(LEAD_STATUSES) == set(LeadStatus.values)


def test_a_click_counts_in_any_mail_of_this_walk_only(walker):
    other = a_due_mail("other@maasland.example")
    touch(walker, "click", message=other)
    assert not answer(walker, looks_at="click")
    touch(walker, "click", message=walker.messages.get())
    assert answer(walker, looks_at="click")
    assert not answer(walker, looks_at="click", compares="is_not")


def test_a_click_in_no_mail_is_none_of_a_walk_that_is_only_thought_of(walker):
    touch(walker, "click")
    assert not answer(Enrolment(person=walker.person, started_at=NOON), looks_at="click")


def test_a_download_is_asked_of_one_piece_or_any(walker):
    touch(walker, "download", asset=an_asset("paper"))
    assert answer(walker, looks_at="download")
    assert answer(walker, looks_at="download", asset=an_asset("paper"))
    assert not answer(walker, looks_at="download", asset=an_asset("guide"))


def test_visits_and_forms_are_told_apart_and_by_page(walker):
    page = a_page("pricing")
    touch(walker, "visit", page=page)
    assert answer(walker, looks_at="page", page=page)
    assert not answer(walker, looks_at="form", page=page)
    touch(walker, "inquiry", page=page)
    assert answer(walker, looks_at="form", page=page)
    assert not answer(walker, looks_at="form", page=a_page("other"))


def test_an_answer_to_a_mail_is_a_reply_and_an_automatic_one_is_not(walker):
    MailEvent.objects.create(kind="auto_reply", person=walker.person, key="a", at=NOON + HOUR)
    assert not answer(walker, looks_at="reply")
    MailEvent.objects.create(kind="reply", person=walker.person, key="b", at=NOON + HOUR)
    assert answer(walker, looks_at="reply")


def test_what_was_done_before_entering_does_not_count_unless_days_are_named(walker):
    touch(walker, "download", at=NOON - DAY, asset=an_asset())
    assert not answer(walker, looks_at="download")
    assert answer(walker, looks_at="download", within_days=7)
    assert not answer(walker, looks_at="download", within_days=1)


def test_a_wait_counts_from_when_it_began(walker):
    touch(walker, "download", asset=an_asset())
    walker.waits_since = NOON + 2 * HOUR
    assert not answer(walker, kind="wait_for", looks_at="download")
    walker.waits_since = NOON
    assert answer(walker, kind="wait_for", looks_at="download")


def test_what_has_a_time_to_come_does_not_count_yet(walker):
    touch(walker, "download", at=NOON + 2 * DAY, asset=an_asset())
    assert not answer(walker, looks_at="download")


@pytest.mark.parametrize(
    ("grade", "so"), [("A1", True), ("B2", True), ("B3", False), ("C1", False), ("", False)]
)
def test_a_grade_is_reached_or_better(walker, grade, so):
    LeadScore.objects.update(grade=grade)
    assert answer(walker, looks_at="grade", value="b2") is so
    assert answer(walker, looks_at="grade", value="b2", compares="is_not") is not so


def test_a_field_is_the_persons_column_then_their_word_then_the_companys(walker):
    def industry(**rule):
        return answer(walker, looks_at="field", field="industry", **rule)

    assert answer(walker, looks_at="field", field="country", value="nl")
    assert answer(walker, looks_at="field", field="job_title", compares="contains", value="plant")
    Fact.objects.create(person=walker.person, field="industry", value="food", source="enriched", at=NOON)
    assert industry(value="food")
    Person.objects.update(company=Company.objects.create(name="Maasland", industry="pumps", size=120))
    assert industry(value="pumps")
    Fact.objects.create(person=walker.person, field="industry", value="glass", source="said", at=NOON)
    assert industry(value="glass")


def test_numbers_of_the_company_compare_as_numbers(walker):
    Person.objects.update(company=Company.objects.create(name="Maasland", size=120))
    assert answer(walker, looks_at="field", field="company_size", compares="at_least", value="50")
    assert not answer(walker, looks_at="field", field="company_size", compares="at_most", value="50")


def test_a_custom_field_is_a_fact_by_its_name(walker):
    Fact.objects.create(
        person=walker.person, field="custom_renewal", value="2026-12-24", source="said", at=NOON
    )
    assert answer(walker, looks_at="field", field="custom_renewal", compares="at_most", value="2026-12-31")
    assert answer(walker, looks_at="field", field="custom_other", compares="unknown")


def test_consent_is_the_latest_word(walker):
    assert answer(walker, looks_at="consent")
    assert not answer(walker, looks_at="consent", value="tracking")
    withdraw(person=walker.person, purpose="marketing", at=NOON + HOUR)
    assert answer(walker, looks_at="consent", compares="is_not")


def test_a_topic_is_wanted_until_the_person_says_no(walker):
    topic = Topic.objects.create(name="Bearings", slug="bearings")
    assert answer(walker, looks_at="topic", topic=topic)
    TopicChoice.objects.create(person=walker.person, topic=topic, wanted=False)
    assert not answer(walker, looks_at="topic", topic=topic)


def test_status_and_stage_may_be_one_of_several(walker):
    Lead.objects.update(status="nurturing")
    assert answer(walker, looks_at="status", value="new, nurturing")
    assert not answer(walker, looks_at="status", value="customer")
    assert answer(walker, looks_at="stage", compares="unknown")
    Person.objects.update(sales_stage="returned")
    assert answer(walker, looks_at="stage", value="lost,returned")


def test_a_batch_costs_the_same_whatever_its_size(walker, django_assert_max_num_queries):
    asked = [
        PublishedStep(kind="branch", looks_at=one, value="B2", field="country") for one in conditions._JUDGES
    ]
    walkers = [walker, *(walking(a_reader(f"r{number}@x.example")) for number in range(5))]
    with django_assert_max_num_queries(7):
        known = conditions.load([(one, step) for one in walkers for step in asked], at=NOON)
    with django_assert_max_num_queries(0):
        assert not any(conditions.holds(step, walkers[0], known, at=NOON) for step in asked[:1])
