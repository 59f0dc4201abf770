"""A rehearsal: what it says of branches, bounds, reasons and other flows, and what it leaves untouched."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.errors import Refused
from campaigns.models import Compares, LooksAt, Sequence, StepKind
from campaigns.sequences import publish
from leads.consent import suppress
from leads.models import Enrolment, EntryRule, Mailing, Message, Person, Rehearsal, Segment
from leads.nurture import enrolment, rehearsal
from leads.nurture.rehearsal import asking
from leads.nurture.rehearsal.audience import audience_of, drawn
from leads.nurture.rehearsal.run import rehearse, scene_of
from leads.sending.gate import Why
from leads.tests.builders import NOON, a_page, a_sequence, submitted
from leads.tests.rehearsal_world import ZONES, a_draft, a_reader_in, a_segment_of_all

pytestmark = pytest.mark.django_db
CLICKED = {"kind": StepKind.BRANCH, "looks_at": LooksAt.CLICK}


@pytest.fixture(autouse=True)
def _as_it_is(settings) -> None:
    settings.KEEP_SECONDS = 0


def readers(number: int) -> list[Person]:
    return [a_reader_in(one, ZONES[one % len(ZONES)]) for one in range(number)]


def asked(sequence: Sequence, segment: Segment | None = None) -> dict:
    row = rehearsal.ask(sequence=sequence, by=None, at=NOON, segment=segment or a_segment_of_all())
    assert row.state == Rehearsal.State.DONE, row.error
    return row.result


def test_nothing_is_written_but_the_rehearsal_itself():
    readers(12)
    sequence, segment = a_draft({}, {"delay_hours": 24}), a_segment_of_all()
    before = counts()
    with CaptureQueriesContext(
        connection,
    ) as asked_for:
        scene = scene_of(rehearsal.draft_of(sequence), at=NOON)
        rehearse(scene, [list(Person.objects.all())])
    assert [q["sql"] for q in asked_for if not q["sql"].startswith("SELECT")] == []
    asked(sequence, segment)
    assert counts() == before | {"leads.Rehearsal": 1}


def counts() -> dict[str, int]:
    models = [*apps.get_app_config("leads").get_models(), *apps.get_app_config("campaigns").get_models()]
    return {model._meta.label: model.objects.count() for model in models}


def test_nobody_clicks_and_everybody_clicks_stand_side_by_side():
    readers(5)
    draft = a_draft(
        {},
        {**CLICKED, "delay_hours": 48, "then": 4, "otherwise": 3},
        {"delay_hours": 24},
        {"delay_hours": 72},
    )
    bounds = asked(draft)["bounds"]
    assert [step["entered"] for step in bounds["nobody"]["steps"]] == [5, 5, 5, 5]
    assert [step["entered"] for step in bounds["everybody"]["steps"]] == [5, 5, 0, 5]
    assert (bounds["nobody"]["mails"], bounds["everybody"]["mails"]) == (15, 10)


def test_has_not_clicked_is_turned_round_where_everybody_clicks():
    readers(2)
    draft = a_draft({}, {**CLICKED, "compares": Compares.IS_NOT, "delay_hours": 24}, {"delay_hours": 1})
    bounds = asked(draft)["bounds"]
    assert [bounds[one]["steps"][1]["first_way"] for one in ("nobody", "everybody")] == [2, 0]


def test_a_wait_for_a_click_takes_its_whole_limit_where_nobody_clicks():
    person = readers(1)[0]
    draft = a_draft(
        {}, {"kind": StepKind.WAIT_FOR, "looks_at": LooksAt.CLICK, "limit_hours": 480, "otherwise": 3}, {}
    )
    nobody, everybody = rehearsal.trail(sequence=draft, person=person, at=NOON)
    assert nobody.stops[-1].at == NOON + timedelta(hours=480)
    assert everybody.stops[-1].at == NOON + timedelta(
        hours=20
    )  # at once, then the distance between two mails


def test_where_behaviour_decides_nothing_there_is_one_walk():
    readers(1)
    draft = a_draft(
        {}, {"kind": StepKind.BRANCH, "looks_at": LooksAt.FIELD, "field": "country", "value": "CH"}
    )
    assert set(asked(draft)["bounds"]) == {"nobody"}


def test_a_question_about_the_person_is_answered_by_what_is_known():
    a_reader_in(1, country="CH")
    a_reader_in(2, country="NL")
    ask_country = {"kind": StepKind.BRANCH, "looks_at": LooksAt.FIELD, "field": "country", "value": "CH"}
    steps = asked(a_draft(ask_country, {}))["bounds"]["nobody"]["steps"]
    assert (steps[0]["first_way"], steps[0]["other_way"], steps[1]["mails"]) == (1, 1, 1)


def test_a_step_that_nobody_reaches_and_one_no_way_leads_to_are_told():
    readers(2)
    draft = a_draft({}, {"kind": StepKind.WAIT, "then": 4}, {}, {"kind": StepKind.END})
    result = asked(draft)
    assert result["unreachable"] == [3]
    assert result["bounds"]["nobody"]["steps"][2]["entered"] == 0


def test_who_is_held_is_counted_by_reason_and_kept_by_number_only():
    people = readers(3)
    suppress(email_key=people[0].email_key, reason="unsubscribed", at=NOON, person=people[0])
    a_reader_in(9, consent=False)
    result = asked(a_draft({}, {"delay_hours": 1}))
    held = {(one["reason"], one["ends"]): one for one in result["bounds"]["nobody"]["steps"][0]["held"]}
    assert held["unsubscribed", True]["named"] == [people[0].pk]
    assert held[Why.NO_CONSENT, True]["people"] == 1
    later = result["bounds"]["nobody"]["steps"][1]["held"]
    assert [(one["reason"], one["ends"], one["people"]) for one in later] == [(Why.GAP, False, 2)]
    assert "maasland" not in str(result)


def test_two_flows_that_want_the_same_person_are_listed_with_who_wins_and_why():
    person = readers(1)[0]
    other = a_sequence("important", mails=1)
    Sequence.objects.filter(pk=other.pk).update(priority=90)
    enrolment.enrol(person=person, sequence=Sequence.objects.get(pk=other.pk), at=NOON)
    meet = asked(a_draft({}))["collisions"]
    draft = Sequence.objects.get(slug="draft")
    assert meet["pairs"] == [{"loses": draft.pk, "wins": other.pk, "why": "priority 90 50", "people": 1}]
    assert meet["listed"][0]["person"] == person.pk


def test_the_lower_flow_is_the_one_that_waits():
    person = readers(1)[0]
    other = a_sequence("less-so", mails=1)
    Sequence.objects.filter(pk=other.pk).update(priority=10)
    enrolment.enrol(person=person, sequence=Sequence.objects.get(pk=other.pk), at=NOON)
    result = asked(a_draft({}))
    assert [pair["loses"] for pair in result["collisions"]["pairs"]] == [other.pk]
    assert result["bounds"]["nobody"]["steps"][0]["held"] == []


def test_the_weekly_cap_over_all_flows_holds_in_a_rehearsal(settings):
    settings.NURTURE_GAP_HOURS = 0
    readers(1)
    step = asked(a_draft({}, {}, {}, {}))["bounds"]["nobody"]["steps"][3]
    assert [(one["reason"], one["people"]) for one in step["held"]] == [(Why.CAP, 1)]


def test_a_rehearsal_of_a_live_sequence_walks_the_working_copy():
    readers(2)
    sequence = a_sequence(mails=1)
    sequence.steps.create(order=9, template=sequence.steps.get().template, delay_hours=48)
    assert asked(sequence)["bounds"]["nobody"]["mails"] == 4


# Whom it walks.


def test_the_ways_in_say_who_is_walked():
    people, sequence = readers(3), a_draft({})
    segment = Segment.objects.create(name="two of them")
    for person in people[:2]:
        segment.members.create(person=person, since=NOON)
    EntryRule.objects.create(sequence=sequence, kind=EntryRule.Kind.SEGMENT, segment=segment)
    found = audience_of(sequence=sequence, at=NOON)
    assert (found.source, set(found.people)) == ("rules", set(people[:2]))


def test_without_a_way_in_those_who_sent_its_forms_lately_are_walked():
    sequence = a_draft({})
    page = a_page("with-sequence", sequence=sequence)
    submitted(page, email="new@maasland.example", at=NOON - timedelta(days=3))
    submitted(page, email="old@maasland.example", at=NOON - timedelta(days=40), nonce="n2")
    found = audience_of(sequence=sequence, at=NOON)
    assert (found.source, [person.email for person in found.people]) == ("forms", ["new@maasland.example"])


def test_a_mailing_goes_to_its_segment_at_its_time_in_each_zone():
    for number, zone in enumerate(("Asia/Tokyo", "America/New_York")):
        a_reader_in(number, zone)
    sequence = a_draft({}, kind=Sequence.Kind.MAILING)
    Mailing.objects.create(
        sequence=sequence, segment=a_segment_of_all(), submit_key=uuid4(), in_each_zone=True,
        send_on=NOON.date() + timedelta(days=2), send_at=time(9, 0),
    )  # fmt: skip
    row = rehearsal.ask(sequence=sequence, by=None, at=NOON)
    mail = row.result["bounds"]["nobody"]["steps"][0]
    assert (row.result["audience"]["source"], mail["local_hours"][9]) == ("mailing", 2)
    assert sorted(row.result["bounds"]["nobody"]["load"]) == ["2026-11-20T01", "2026-11-20T15"]


def test_people_whom_sales_give_back_are_nobody_yet():
    sequence = a_draft({})
    EntryRule.objects.create(sequence=sequence, kind=EntryRule.Kind.RETURNED)
    assert audience_of(sequence=sequence, at=NOON).source == "nobody"


def test_with_nobody_to_walk_it_says_so():
    row = rehearsal.ask(sequence=a_draft({}), by=None, at=NOON)
    assert row.result["audience"] == {"source": "nobody", "names": [], "people": 0, "walked": 0}


def test_a_large_audience_is_drawn_the_same_way_each_time():
    readers(60)
    every = Person.objects.all()
    once, twice = (list(drawn(every, number=60, most=20)) for _time in range(2))
    assert once == twice
    assert 5 <= len(once) <= 20


# Asking and working.


def test_without_a_mail_there_is_nothing_to_rehearse():
    with pytest.raises(Refused):
        rehearsal.ask(sequence=a_draft({"kind": StepKind.WAIT}), by=None, at=NOON)


def test_asked_twice_is_asked_once():
    sequence = a_draft({})
    rows = {rehearsal.ask(sequence=sequence, by=None, at=NOON + timedelta(seconds=n)).pk for n in (0, 3)}
    assert len(rows) == Rehearsal.objects.count() == 1
    assert rehearsal.ask(sequence=sequence, by=None, at=NOON + timedelta(minutes=1)).pk not in rows


def waiting(monkeypatch) -> Rehearsal:
    monkeypatch.setattr(asking, "AT_ONCE", 0)
    readers(3)
    return rehearsal.ask(sequence=a_draft({}), by=None, at=NOON, segment=a_segment_of_all())


def test_a_large_audience_waits_for_the_worker(monkeypatch):
    row = waiting(monkeypatch)
    assert row.state == Rehearsal.State.ASKED
    assert rehearsal.work_due(at=NOON) == {"rehearsed": 1}
    row.refresh_from_db()
    assert (row.state, row.result["bounds"]["nobody"]["mails"]) == (Rehearsal.State.DONE, 3)
    assert rehearsal.work_due(at=NOON) == {}


def test_what_a_dead_worker_left_is_begun_anew_and_a_living_one_is_let_alone(monkeypatch):
    row = waiting(monkeypatch)
    left = {"segment": row.result["segment"], "token": "dead", "beat": NOON.isoformat()}
    Rehearsal.objects.filter(pk=row.pk).update(state=Rehearsal.State.RUNNING, result=left)
    assert rehearsal.work_due(at=NOON + timedelta(minutes=4)) == {}
    assert rehearsal.work_due(at=NOON + timedelta(minutes=6)) == {"rehearsed": 1}


def test_of_two_workers_one_gets_it(monkeypatch):
    row = waiting(monkeypatch)
    twin = Rehearsal.objects.get(pk=row.pk)
    assert (asking.Claim(row).take(), asking.Claim(twin).take()) == (True, False)


def test_one_that_breaks_off_says_why_and_stops_nothing_else(monkeypatch):
    row = waiting(monkeypatch)
    monkeypatch.setattr(asking, "rehearse", lambda *given, **named: 1 / 0)
    assert rehearsal.work_due(at=NOON) == {"rehearsed": 0}
    row.refresh_from_db()
    assert (row.state, row.error) == (Rehearsal.State.FAILED, "It broke off: ZeroDivisionError")


def test_a_draft_whose_mails_were_taken_away_meanwhile_is_refused_in_words(monkeypatch):
    row = waiting(monkeypatch)
    row.sequence.steps.all().delete()
    rehearsal.work_due(at=NOON)
    row.refresh_from_db()
    assert "nothing to rehearse" in row.error


def test_the_trail_is_told_in_the_persons_zone():
    person = a_reader_in(1, "Asia/Tokyo")
    found = rehearsal.trail(sequence=a_draft({}), person=person, at=NOON)
    assert (found[0].stops[0].at.hour, found[0].zone) == (21, "Asia/Tokyo")


def test_publishing_after_a_rehearsal_changes_nothing_in_what_was_kept():
    readers(1)
    sequence = a_draft({})
    kept = asked(sequence)
    publish(sequence=sequence, by=None, at=NOON)
    assert Rehearsal.objects.get().result == kept
    assert not Enrolment.objects.exists()
    assert not Message.objects.exists()
