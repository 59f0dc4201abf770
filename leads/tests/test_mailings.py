"""One-off mailings: who gets it when, twice is once, and taking it back."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest

from campaigns.errors import Conflict, Refused
from campaigns.models import EmailTemplate, Sequence, SequenceVersion
from leads.models import Enrolment, Lead, Mailing, Message, Person, Segment, SegmentCondition
from leads.nurture.advance import advance
from leads.nurture.goals import Goal, reached
from leads.nurture.mailings import cancel, change, create, start
from leads.sending.delivery import deliver
from leads.tests.builders import NOON
from leads.tests.mail_world import a_reader

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = date(2026, 11, 18)


@pytest.fixture
def segment() -> Segment:
    segment = Segment.objects.create(name="Readers")
    SegmentCondition.objects.create(segment=segment, field="status", value="new,nurturing")
    return segment


@pytest.fixture
def template() -> EmailTemplate:
    return EmailTemplate.objects.create(name="News", slug="news", subject="News", body="<p>News.</p>")


@pytest.fixture
def mailing(segment, template):
    def make(name="November news", **more) -> Mailing:
        given = {"submit_key": uuid4(), "by": None, "at": NOON, **more}
        return create(name=name, template=template, segment=segment, **given)

    return make


def due() -> dict[str, datetime | None]:
    rows = Enrolment.objects.select_related("person")
    return {row.person.email.partition("@")[0]: row.due_at for row in rows}


def test_at_once_everybody_in_the_segment_gets_it_now(mailing):
    a_reader("anna@x.example")
    a_reader("bert@x.example")
    start(mailing=mailing(), by=None, at=NOON)
    assert due() == {"anna": NOON, "bert": NOON}
    advance(at=NOON)
    deliver(slot="one", at=NOON)
    advance(at=NOON + HOUR)
    assert Message.objects.filter(state="sent").count() == 2
    assert set(Enrolment.objects.values_list("state", "entry")) == {("finished", "mailing")}


def test_starting_twice_is_the_same_as_once(mailing):
    a_reader()
    row = mailing()
    first = start(mailing=row, by=None, at=NOON)
    assert start(mailing=row, by=None, at=NOON + HOUR).started_at == first.started_at == NOON
    assert (Enrolment.objects.count(), SequenceVersion.objects.count()) == (1, 1)


def test_the_same_form_sent_twice_makes_one(mailing):
    key = uuid4()
    assert mailing(submit_key=key) == mailing(submit_key=key)
    assert Sequence.objects.count() == 1


def test_two_of_one_name_have_addresses_of_their_own(mailing):
    assert {mailing().sequence.slug for _number in range(3)} == {
        "november-news",
        "november-news-2",
        "november-news-3",
    }


def test_at_a_time_of_the_organisations_zone(mailing, settings):
    settings.TIME_ZONE = "Europe/Zurich"
    a_reader("anna@x.example", time_zone="America/New_York")
    start(mailing=mailing(send_on=TODAY, send_at=time(15)), by=None, at=NOON)
    assert due() == {"anna": datetime(2026, 11, 18, 14, tzinfo=UTC)}


def test_at_the_same_clock_time_everywhere(mailing, settings):
    settings.TIME_ZONE = "Europe/Zurich"
    zones = {
        "zurich": "",
        "york": "America/New_York",
        "london": "Europe/London",
        "auckland": "Pacific/Auckland",
    }
    for name, zone in zones.items():
        a_reader(f"{name}@x.example", time_zone=zone)
    start(mailing=mailing(send_on=TODAY, send_at=time(9), in_each_zone=True), by=None, at=NOON)
    assert due() == {
        "york": datetime(2026, 11, 18, 14, tzinfo=UTC),
        "zurich": NOON,  # four hours ago: at once
        "london": NOON,
        "auckland": datetime(2026, 11, 18, 20, tzinfo=UTC),  # sixteen hours ago: tomorrow at nine
    }


def test_a_time_that_is_over_is_refused(mailing):
    with pytest.raises(Refused):
        mailing(send_on=TODAY - DAY, send_at=time(9))
    row = mailing(send_on=TODAY + DAY, send_at=time(9))
    with pytest.raises(Refused):
        start(mailing=row, by=None, at=NOON + 3 * DAY)
    assert Sequence.objects.get().state == "draft"


@pytest.mark.parametrize("half", [{"send_on": TODAY}, {"send_at": time(9)}, {"in_each_zone": True}])
def test_half_a_time_is_refused(mailing, half):
    with pytest.raises(Refused):
        mailing(**half)


def test_who_is_in_the_segment_is_seen_when_it_starts(mailing):
    row = mailing()
    a_reader("late@x.example")
    customer = a_reader("customer@x.example")
    Lead.objects.filter(person=customer).update(status="customer")
    start(mailing=row, by=None, at=NOON)
    assert set(due()) == {"late"}


def test_a_mailing_to_nobody_is_refused_and_stays_a_draft(mailing):
    row = mailing()
    with pytest.raises(Refused):
        start(mailing=row, by=None, at=NOON)
    row.refresh_from_db()
    assert (row.started_at, row.sequence.state, SequenceVersion.objects.count()) == (None, "draft", 0)


def test_a_reply_to_something_else_keeps_nobody_from_a_newsletter(mailing):
    reader = a_reader()
    start(mailing=mailing(), by=None, at=NOON)
    assert reached(person=reader, goal=Goal.REPLY, at=NOON + HOUR) == 0


def test_a_newsletter_is_no_nurture(mailing):
    a_reader()
    start(mailing=mailing(), by=None, at=NOON)
    assert Lead.objects.get().status == "new"


def test_until_it_starts_it_can_be_changed(mailing, segment):
    row = change(
        mailing=mailing(), name="December news", send_on=TODAY + DAY, send_at=time(9), by=None, at=NOON
    )
    assert (row.sequence.name, row.send_at) == ("December news", time(9))
    a_reader()
    start(mailing=row, by=None, at=NOON)
    with pytest.raises(Conflict):
        change(mailing=row, send_at=time(10), by=None, at=NOON)


def test_a_cancelled_one_sends_nothing_more(mailing):
    a_reader("anna@x.example")
    row = mailing(send_on=TODAY + DAY, send_at=time(9))
    start(mailing=row, by=None, at=NOON)
    assert cancel(mailing=row, by=None, at=NOON + HOUR) == 1
    assert cancel(mailing=row, by=None, at=NOON + HOUR) == 0
    advance(at=NOON + 2 * DAY)
    assert not Message.objects.exists()
    assert Enrolment.objects.get().exit_reason == "the mailing was cancelled"
    assert Sequence.objects.get().state == "ended"


def test_one_that_was_cancelled_before_its_start_is_not_started(mailing):
    a_reader()
    row = mailing()
    cancel(mailing=row, by=None, at=NOON)
    with pytest.raises(Conflict):
        start(mailing=row, by=None, at=NOON)


def test_it_costs_the_same_for_many(mailing, django_assert_max_num_queries):
    for number in range(30):
        a_reader(f"r{number}@x.example")
    assert Person.objects.count() == 30
    row = mailing()
    with django_assert_max_num_queries(40):
        start(mailing=row, by=None, at=NOON)
    assert Enrolment.objects.count() == 30
