"""Two at the same ways in, the same publishing or the same mailing at the same moment, on a server that lets them."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from campaigns.errors import Conflict, Refused
from campaigns.models import EmailTemplate, SequenceVersion
from leads.models import Enrolment, EntryRule, Message, Segment, SegmentCondition, SegmentMember
from leads.nurture.advance import advance
from leads.nurture.enrolment import exit_enrolments
from leads.nurture.entries import let_in
from leads.nurture.mailings import cancel, create, start
from leads.nurture.publishing import groups, publish
from leads.nurture.sums import sequence_steps
from leads.nurture.waking import wake
from leads.segments import refresh
from leads.tests.builders import NOON, a_lead
from leads.tests.mail_world import a_reader, the_sequence, walking

LATER = NOON + timedelta(hours=1)
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(verb, times: int = 4) -> list:
    """What each of several callers at the same moment got, or that it was refused."""

    def call(_number: int):
        try:
            return verb()
        except Refused as no:
            return no
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(call, range(times)))


@pytest.fixture
def dutch() -> Segment:
    segment = Segment.objects.create(name="Dutch")
    SegmentCondition.objects.create(segment=segment, field="country", value="NL")
    for number in range(20):
        a_lead(f"r{number}@x.example", country="NL")
    return segment


def test_four_refreshes_store_each_member_once(dutch):
    results = at_once(lambda: refresh(segment=dutch, at=NOON))
    assert sorted(one["added"] for one in results) == [0, 0, 0, 20]
    assert SegmentMember.objects.count() == 20


def test_four_rounds_of_the_ways_in_let_everybody_in_once(dutch):
    refresh(segment=dutch, at=NOON)
    EntryRule.objects.create(sequence=the_sequence(), kind="segment", segment=dutch)
    results = at_once(lambda: let_in(at=NOON))
    assert sum(one["entered"] for one in results) == Enrolment.objects.count() == 20


def test_four_presses_publish_one_version(dutch):
    row = walking(a_reader())
    EmailTemplate.objects.update(subject="Other words")
    choices = {group.key: "move" for group in groups(row.sequence)}
    results = at_once(lambda: publish(sequence=row.sequence, choices=choices, by=None, at=NOON))
    assert sorted(isinstance(one, Refused) for one in results) == [False, True, True, True]
    assert SequenceVersion.objects.count() == 2
    row.refresh_from_db()
    assert row.version.number == 2


def test_publishing_while_people_walk_makes_no_mail_twice_and_keeps_the_sums():
    rows = [walking(a_reader(f"r{number}@x.example")) for number in range(20)]
    sequence = rows[0].sequence
    EmailTemplate.objects.update(subject="Other words")
    choices = {group.key: "move" for group in groups(sequence)}
    calls = iter(
        [lambda: publish(sequence=sequence, choices=choices, by=None, at=NOON)]
        + [lambda: advance(at=NOON)] * 5
    )
    at_once(lambda: next(calls)(), times=6)
    advance(at=NOON)
    assert set(Enrolment.objects.values_list("version__number", flat=True)) == {2}
    assert Message.objects.filter(state="scheduled").count() == 20
    assert all(sums.balanced for sums in sequence_steps(sequence).values())


def test_four_starts_of_a_mailing_send_it_once(dutch):
    template = EmailTemplate.objects.create(name="News", slug="news", subject="News", body="<p>News.</p>")
    row = create(name="News", template=template, segment=dutch, submit_key=uuid4(), by=None, at=NOON)
    at_once(lambda: start(mailing=row, by=None, at=NOON))
    assert (Enrolment.objects.count(), SequenceVersion.objects.count()) == (20, 1)


def test_who_leaves_while_a_version_is_published_leaves_and_nobody_waits_for_the_other():
    rows = [walking(a_reader(f"r{number}@x.example")) for number in range(8)]
    sequence = rows[0].sequence
    EmailTemplate.objects.update(subject="Other words")
    choices = {group.key: "move" for group in groups(sequence)}
    verbs = [lambda: publish(sequence=sequence, choices=choices, by=None, at=NOON)]
    verbs += [
        lambda row=row: exit_enrolments(person=row.person, reason="unsubscribed", at=NOON) for row in rows[:5]
    ]
    calls = iter(verbs)
    at_once(lambda: next(calls)(), times=6)
    assert Enrolment.objects.filter(exit_reason="unsubscribed").count() == 5
    advance(at=NOON)
    assert set(Message.objects.filter(state="scheduled").values_list("enrolment__state", flat=True)) == {
        "active"
    }


def test_who_leaves_while_a_version_is_being_committed_does_not_hold_it_up():
    """What is written of a walk points at its person, whom the one who leaves has locked already."""
    row = walking(a_reader("r@x.example"))
    EmailTemplate.objects.update(subject="Other words")
    choices = {group.key: "move" for group in groups(row.sequence)}

    def go():
        try:
            return exit_enrolments(person=row.person, reason="unsubscribed", at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            publish(sequence=row.sequence, choices=choices, by=None, at=NOON)
            leaving = pool.submit(go)
            wait([leaving], timeout=1)
        assert leaving.result() == 1


def test_a_mailing_thrown_away_at_the_moment_it_is_sent_is_not_sent(dutch):
    """Whoever waits for the other sees what the other did."""
    template = EmailTemplate.objects.create(name="News", slug="news", subject="News", body="<p>News.</p>")
    row = create(name="News", template=template, segment=dutch, submit_key=uuid4(), by=None, at=NOON)

    def send():
        try:
            return start(mailing=row, by=None, at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            cancel(mailing=row, by=None, at=NOON)
            sending = pool.submit(send)
            wait([sending], timeout=1)
        with pytest.raises(Conflict):
            sending.result()
    assert not Enrolment.objects.exists()


def test_two_cancel_a_mailing_and_neither_fails(dutch):
    template = EmailTemplate.objects.create(name="News", slug="news", subject="News", body="<p>News.</p>")
    row = create(name="News", template=template, segment=dutch, submit_key=uuid4(), by=None, at=NOON)
    start(mailing=row, by=None, at=NOON)

    def again():
        try:
            return cancel(mailing=row, by=None, at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first = cancel(mailing=row, by=None, at=NOON)
            other = pool.submit(again)
            wait([other], timeout=1)
        assert (first, other.result()) == (20, 0)


def test_who_wakes_many_takes_them_in_the_order_of_publishing_and_neither_fails():
    readers = [a_reader(f"r{number}@x.example") for number in range(3)]
    rows = [walking(reader) for reader in reversed(readers)]
    for row in reversed(rows):  # the last written is found last
        Enrolment.objects.filter(pk=row.pk).update(due_at=LATER, waits_since=NOON, waits_until=LATER)
    every = Enrolment.objects.select_for_update().order_by("pk")

    def wake_all():
        try:
            return wake(person_ids=[reader.pk for reader in readers], at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            every.get(pk=rows[0].pk)
            waking = pool.submit(wake_all)
            wait([waking], timeout=1)
            assert len(every) == 3
        assert waking.result() == 3
