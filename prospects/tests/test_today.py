"""The rep's day: each row says why it is there, the most urgent comes first, and queries do not grow."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Channel, LandingPage
from leads.models import LeadScore, Submission, Touch, WorkRequest
from prospects import follow_ups, handover, meetings, pipeline
from prospects.day.today import Today, today
from prospects.models import Prospect
from prospects.money import deals
from prospects.tests.conftest import (
    TUESDAY,
    later,
    make_cold,
    make_inbound,
    make_move,
    make_person,
    reason,
    talk,
)

pytestmark = pytest.mark.django_db

NOON = later(hours=2)


def rows(day: Today) -> dict[str, list[str]]:
    """Section → reasons; the one that comes next stands under its own key."""
    told = {section.key: [row.why for row in section.rows] for section in day.sections if section.rows}
    return told | ({"next": [day.next.why]} if day.next else {})


def graded(prospect: Prospect, grade: str) -> Prospect:
    LeadScore.objects.filter(lead__person=prospect.person).update(grade=grade)
    return prospect


def test_an_empty_day_has_nothing_next(sam: Any) -> None:
    day = today(sam, TUESDAY)
    assert (day.next, day.to_do, day.clocks, day.done) == (None, 0, 0, 0)
    assert [section.key for section in day.sections] == [
        "new",
        "replied",
        "met",
        "due",
        "hot",
        "back",
        "meetings",
    ]


def test_a_handover_stands_with_its_clock_and_their_words(sam: Any) -> None:
    page = LandingPage.objects.create(title="Demo", slug="demo-request")
    said = Submission.objects.create(
        page=page, state="accepted", nonce="n", inquiry="demo", answers={"message": "We scrap three percent."}
    )
    make_inbound(sam, submission=said)
    row = today(sam, later(minutes=5)).next
    assert (row.action, row.late, row.clock) == ("accept", False, later(minutes=15))
    assert row.said == "We scrap three percent." and row.why.startswith("Asked for: ")


def test_the_broken_clock_comes_before_grade_and_grade_before_value(sam: Any) -> None:
    graded(make_inbound(sam, way="grade", grade="B2"), "B2")
    best = graded(make_inbound(sam, way="grade", grade="B1"), "B1")
    dear = graded(make_inbound(sam, way="grade", grade="B1"), "B1")
    deals.open_deal(prospect=dear, title="x", amount=Decimal(9), by=sam, at=TUESDAY)
    late = graded(make_inbound(sam, way="inquiry"), "D4")
    day = today(sam, NOON)
    assert day.next.prospect == late and day.next.late
    assert [row.prospect for row in day.sections[0].rows][:2] == [dear, best]
    assert day.clocks == 4 and day.to_do == 4


def test_a_call_stops_the_clock_but_the_verdict_is_still_asked_for(inbound: Prospect, sam: Any) -> None:
    talk(inbound, sam)
    row = today(sam, NOON).next
    assert (row.action, row.clock, row.late) == ("accept", None, False)


def test_promises_of_today_stand_in_the_order_of_their_hour(sam: Any) -> None:
    for hour, text in ((7, "Afternoon"), (1, "Morning"), (30, "Tomorrow")):
        prospect = make_cold(sam)
        prospect.follow_ups.update(due_at=later(hours=hour), text=text)
    told = rows(today(sam, TUESDAY))
    assert [*told["next"], *told["due"]] == ["Morning", "Afternoon"]


def test_a_prospect_without_a_promise_is_not_forgotten(accepted: Prospect, sam: Any) -> None:
    assert rows(today(sam, NOON)) == {"next": ["No next step is planned"]}
    follow_ups.plan_follow_up(prospect=accepted, kind="call", due_at=later(days=3), by=sam, at=TUESDAY)
    assert rows(today(sam, NOON)) == {}


def test_a_reply_is_to_be_answered_even_from_a_customer(cold: Prospect, sam: Any) -> None:
    talk(cold, sam)
    pipeline.win(prospect=cold, amount=Decimal(5), by=sam, at=TUESDAY)
    asked = WorkRequest.objects.create(
        person=cold.person, kind="reply", note="A second line?", key="k", at=TUESDAY
    )
    handover.take_request(request=asked, at=TUESDAY)
    row = today(sam, NOON).next
    assert (row.why, row.action, row.prospect) == ("A second line?", "answer", cold)


def test_whoever_is_active_now_is_hot(accepted: Prospect, sam: Any) -> None:
    follow_ups.plan_follow_up(prospect=accepted, kind="call", due_at=later(days=3), by=sam, at=TUESDAY)
    channel = Channel.objects.first()
    for kind, when in (("visit", later(hours=1.5)), ("open", later(hours=1.9))):
        Touch.objects.create(person=accepted.person, kind=kind, at=when, channel=channel, label="Price page")
    row = today(sam, NOON).next
    assert (row.why, row.action, row.at) == ("Visited Price page", "call", later(hours=1.5))
    assert today(sam, later(hours=4)).next is None


def test_who_came_back_on_the_date_has_a_section(accepted: Prospect, sam: Any) -> None:
    pipeline.reject(
        prospect=accepted, reason=reason("not-now"), return_on=later(days=30).date(), by=sam, at=TUESDAY
    )
    pipeline.return_due(at=later(days=30))
    make_inbound(sam, at=later(days=30))
    told = rows(today(sam, later(days=30)))
    assert told["back"] == ["“Not now”, and this is the date"] and "due" not in told


def test_a_later_inquiry_says_after_how_long(accepted: Prospect, sam: Any) -> None:
    pipeline.reject(prospect=accepted, reason=reason("no-need"), by=sam, at=TUESDAY)
    make_move(accepted.person, at=later(days=150))
    assert today(sam, later(days=150)).next.why.replace("\xa0", " ") == "Came back after 4 months"


def test_meetings_of_the_day_stand_apart(accepted: Prospect, sam: Any) -> None:
    for days in (0, 1):
        meetings.book_meeting(
            prospect=accepted, starts_at=later(days=days, hours=3), subject="Demo", by=sam, at=TUESDAY
        )
    assert rows(today(sam, TUESDAY))["meetings"] == ["Demo"]


def test_my_day_holds_only_mine_and_shows_what_nobody_has(sam: Any, sara: Any) -> None:
    make_inbound(sara)
    nobodys = make_inbound(None)
    day = today(sam, TUESDAY)
    assert day.next is None and day.unassigned == [nobodys] and day.unassigned_total == 1


def test_what_is_done_is_counted(inbound: Prospect, sam: Any) -> None:
    pipeline.accept(prospect=inbound, by=sam, at=TUESDAY)
    promise = follow_ups.plan_follow_up(prospect=inbound, kind="mail", due_at=NOON, by=sam, at=TUESDAY)
    follow_ups.finish_follow_up(follow_up=promise, by=sam, at=TUESDAY)
    assert today(sam, NOON).done == 2
    assert today(sam, later(days=1)).done == 0


def test_meetings_that_are_over_ask_how_they_went(accepted: Prospect, sam: Any) -> None:
    meetings.book_meeting(prospect=accepted, starts_at=later(hours=1), subject="Demo", by=sam, at=TUESDAY)
    assert "met" not in rows(today(sam, later(hours=1)))
    told = today(sam, later(days=1))
    assert (told.next.action, told.next.why) == ("met", "Demo")
    meetings.close_meeting(meeting=accepted.meetings.get(), outcome="held", by=sam, at=later(days=1))
    assert today(sam, later(days=1)).next.why == "No next step is planned"


def test_whoever_sleeps_now_stands_below_those_who_can_be_rung(sam: Any) -> None:
    for name, zone in (("Sydney", "Australia/Sydney"), ("Zurich", "Europe/Zurich")):
        cold = make_cold(sam, make_person(time_zone=zone, phone="+41445550100", last_name=name))
        cold.follow_ups.update(due_at=later(hours=-1), text=name)
    day = today(sam, TUESDAY)  # 20:00 and later in Sydney
    (asleep,) = day.sections[3].rows
    assert (day.next.why, asleep.why) == ("Zurich", "Sydney")
    assert asleep.waits.startswith("It is 20:00 there") and not day.next.waits


def test_more_than_a_days_work_is_cut_and_says_so(sam: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("prospects.day.reading.MOST", 2)
    for _n in range(4):
        make_inbound(sam)
    day = today(sam, NOON)
    assert day.to_do == 2 and day.sections[0].more
    assert [section.key for section in day.sections if section.more] == ["new"]


def test_what_comes_after_somebody(sam: Any) -> None:
    first, second = make_inbound(sam), make_inbound(sam)
    day = today(sam, NOON)
    assert day.after(first.pk).prospect == second and day.after(second.pk).prospect == first
    assert today(sam, NOON, first=second.pk).next.prospect == second


def fill(owner: Any, number: int, at: datetime, company: Any) -> None:
    """`number` of each kind of row."""
    channel = Channel.objects.first()
    for _ in range(number):
        make_inbound(owner, make_person(company=company))
        make_inbound(None)
        make_cold(owner, make_person(company=company))
        hot = pipeline.accept(prospect=make_inbound(owner), by=owner, at=at)
        follow_ups.plan_follow_up(prospect=hot, kind="call", due_at=later(days=9), by=owner, at=at)
        Touch.objects.create(person=hot.person, kind="visit", at=at, channel=channel)
        meetings.book_meeting(prospect=hot, starts_at=later(hours=1), by=owner, at=at)
        back = make_inbound(owner)
        pipeline.reject(
            prospect=back, reason=reason("not-now"), return_on=later(days=1).date(), by=owner, at=at
        )


def queries(user: Any, at: datetime) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        day = today(user, at)
        for section in day.sections:
            for row in [*section.rows, *([day.next] if day.next else [])]:
                _ = (row.grade, row.prospect.person.company, row.prospect.stage.name, row.prospect.owner)
        _ = [(row.person.company, row.stage.name) for row in day.unassigned]
    return len(seen)


def test_the_number_of_queries_does_not_grow(sam: Any, company: Any) -> None:
    fill(sam, 1, TUESDAY, company)
    pipeline.return_due(at=later(days=1))
    few = queries(sam, later(minutes=30))
    fill(sam, 5, TUESDAY, company)
    pipeline.return_due(at=later(days=1))
    assert queries(sam, later(minutes=30)) == few
    assert few <= 11
