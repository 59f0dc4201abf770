"""The walk itself, without a database: every kind of step, jumps, waits, outages, and walks of every shape."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import PublishedStep, StepKind
from leads.nurture.walk import Walk, mail_ended, mail_refused, started, step_on

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HERE = ZoneInfo("Europe/Brussels")
MAIL, WAIT, FOR, IF, ASK, CHANGE, END = "mail", "wait", "wait_for", "branch", "follow_up", "change", "end"


def steps(*said) -> dict[int, PublishedStep]:
    """A kind, or a kind and its columns."""
    rows = [(one, {}) if isinstance(one, str) else one for one in said]
    return {
        number: PublishedStep(position=number, kind=kind, **more)
        for number, (kind, more) in enumerate(rows, 1)
    }


def take(walk, path, at=NOON, holds=False) -> list[str]:
    return [
        f"{act.kind} {act.step.position}"
        for act in step_on(walk, path, at=at, zone=HERE, holds=lambda *_: holds)
    ]


def passed(bits: int) -> list[int]:
    return [number for number in range(62) if bits >> number & 1]


def test_a_mail_stops_the_walk_and_its_end_begins_the_next_distance():
    walk, path = Walk(due_at=NOON), steps(MAIL, (MAIL, {"delay_hours": 24}))
    assert (take(walk, path), walk.due_at, walk.next_position) == (["mail 1"], None, 1)
    mail_ended(walk, path, ended_at=NOON + HOUR, zone=HERE)
    assert (walk.position, walk.next_position, walk.due_at) == (1, 2, NOON + HOUR + DAY)
    assert take(walk, path, NOON + HOUR + DAY) == ["mail 2"]
    mail_ended(walk, path, ended_at=NOON + 2 * DAY, zone=HERE)
    assert (walk.state, walk.ended_at, passed(walk.entered)) == ("finished", NOON + 2 * DAY, [1, 2])


def test_waits_follow_ups_and_changes_pass_in_one_go_and_keep_their_times():
    walk, path = Walk(due_at=NOON), steps(WAIT, (ASK, {"delay_hours": 2}), (CHANGE, {"delay_hours": 1}), MAIL)
    acts = step_on(walk, path, at=NOON + DAY, zone=HERE, holds=lambda *_: False)
    assert [(act.kind, act.at) for act in acts] == [
        ("follow_up", NOON + 2 * HOUR), ("change", NOON + 3 * HOUR), ("mail", NOON + 3 * HOUR),
    ]  # fmt: skip


def test_a_question_after_a_change_waits_until_the_change_is_made():
    walk, path = Walk(due_at=NOON), steps(CHANGE, IF, MAIL)
    assert (take(walk, path), walk.next_position, walk.due_at) == (["change 1"], 2, NOON)
    assert take(walk, path, holds=True) == ["mail 3"]


def test_a_branch_goes_its_way_and_remembers_which():
    path = steps((IF, {"otherwise_position": 3}), MAIL, (MAIL, {"delay_hours": 1}))
    first, other = Walk(due_at=NOON), Walk(due_at=NOON)
    assert (take(first, path, holds=True), passed(first.went_first_way)) == (["mail 2"], [1])
    assert (take(other, path), other.next_position, other.due_at) == ([], 3, NOON + HOUR)
    assert (passed(other.entered), passed(other.went_first_way)) == ([1], [])


def test_a_branch_without_another_way_ends_the_walk_and_a_jump_skips():
    over = Walk(due_at=NOON)
    assert (take(over, steps(IF, MAIL)), over.state, over.ended_at) == ([], "finished", NOON)
    jump = Walk(due_at=NOON)
    assert take(jump, steps((IF, {"then_position": 3}), MAIL, MAIL), holds=True) == ["mail 3"]
    done, path = Walk(due_at=NOON), steps((MAIL, {"then_position": 3}), MAIL, END)
    take(done, path)
    mail_ended(done, path, ended_at=NOON, zone=HERE)
    assert (take(done, path), done.state, done.position, passed(done.entered)) == ([], "finished", 3, [1, 3])


def test_a_wait_for_something_looks_every_hour_and_ends_when_it_is_seen():
    walk, path = Walk(due_at=NOON), steps((FOR, {"limit_hours": 48}), (MAIL, {"delay_hours": 1}))
    assert take(walk, path) == []
    assert (walk.waits_since, walk.waits_until, walk.due_at) == (NOON, NOON + 2 * DAY, NOON + HOUR)
    assert take(walk, path, NOON + HOUR, holds=True) == []
    assert (walk.position, walk.due_at, walk.waits_until, passed(walk.went_first_way)) == (
        1,
        NOON + 2 * HOUR,
        None,
        [1],
    )


def test_a_wait_that_ran_out_goes_the_other_way_from_its_limit_on():
    walk, path = Walk(due_at=NOON), steps((FOR, {"limit_hours": 2, "otherwise_position": 3}), MAIL, MAIL)
    take(walk, path)
    assert take(walk, path, NOON + DAY) == ["mail 3"]
    assert (walk.position, passed(walk.went_first_way)) == (1, [])


def test_what_was_waited_for_and_seen_late_still_counts():
    walk, path = Walk(due_at=NOON), steps((FOR, {"limit_hours": 2}), (MAIL, {"delay_hours": 24}))
    take(walk, path)
    assert take(walk, path, NOON + 3 * DAY, holds=True) == ["mail 2"]
    assert passed(walk.went_first_way) == [1]


def test_after_three_days_of_outage_one_mail_is_due_and_the_next_keeps_its_distance():
    walk, path = Walk(due_at=NOON), steps(*[(MAIL, {"delay_hours": 24}), (WAIT, {"delay_hours": 12})] * 4)
    late = NOON + 3 * DAY
    assert take(walk, path, late) == ["mail 1"]
    mail_ended(walk, path, ended_at=late, zone=HERE)
    assert (take(walk, path, late), walk.due_at) == ([], late + 12 * HOUR)


def test_a_mail_that_an_outage_carries_into_the_weekend_waits_for_its_day():
    friday, saturday = NOON + 2 * DAY, NOON + 3 * DAY
    path = steps((MAIL, {"weekdays": "12345"}))
    times = [
        step_on(Walk(due_at=friday), path, at=at, zone=HERE, holds=lambda *_: False)[0].at
        for at in (friday, friday + 5 * HOUR, saturday, saturday + 7 * DAY)
    ]
    assert times == [friday, friday, NOON + 5 * DAY, friday]


def test_a_mail_held_back_for_good_ends_the_walk_and_one_too_late_is_passed_over():
    path = steps(MAIL, (MAIL, {"delay_hours": 24}))
    held, late = started(path, at=NOON, zone=HERE), started(path, at=NOON, zone=HERE)
    for walk in (held, late):
        take(walk, path)
    mail_refused(held, path, reason="complained", at=NOON, zone=HERE)
    mail_refused(late, path, reason="too late", at=NOON + 8 * DAY, zone=HERE)
    assert (held.state, held.exit_reason, held.due_at) == ("exited", "complained", None)
    assert (late.state, late.position, late.due_at) == ("active", 1, NOON + 9 * DAY)


def test_a_step_that_is_not_there_ends_the_walk():
    walk = Walk(due_at=NOON, next_position=9)
    assert (take(walk, steps(MAIL)), walk.state) == ([], "finished")


@st.composite
def paths(draw) -> dict[int, PublishedStep]:
    """Up to sixty steps of any kind, with jumps forward to anywhere, days, hours and limits."""
    number = draw(st.integers(1, 60))
    found = {}
    for position in range(1, number + 1):
        ahead = st.none() | st.integers(position + 1, number) if position < number else st.none()
        found[position] = PublishedStep(
            position=position,
            kind=draw(st.sampled_from(StepKind.values)),
            delay_hours=draw(st.integers(0, 100)),
            weekdays=draw(st.sampled_from(["", "", "12345", "6", "17"])),
            at_time=draw(st.none() | st.times()),
            limit_hours=draw(st.integers(1, 400)),
            then_position=draw(ahead),
            otherwise_position=draw(ahead),
        )
    return found


@given(paths(), st.randoms(use_true_random=False), st.sampled_from(["Europe/Brussels", "Pacific/Chatham"]))
def test_every_walk_ends_and_takes_each_step_of_its_way_once(path, chance, zone):
    """Whatever is answered, however late and unevenly the clock ticks, and although it jumps back an hour."""
    walk, now, taken, mails = Walk(due_at=NOON), NOON, [], []
    while walk.state == "active":
        for act in step_on(walk, path, at=now, zone=ZoneInfo(zone), holds=lambda *_: chance.random() < 0.3):
            assert act.at <= now or act.kind == MAIL
            taken.append(act.step.position)
        if walk.due_at is None and walk.state == "active":
            mails.append(now)
            mail_ended(walk, path, ended_at=now, zone=ZoneInfo(zone))
        now += chance.choice([HOUR, DAY, 3 * DAY, 30 * DAY, -HOUR])
        assert now < NOON + timedelta(days=60 * 60)
    assert taken == sorted(set(taken))
    ways = [number for number in passed(walk.entered) if path[number].kind in (MAIL, ASK, CHANGE)]
    assert taken == ways
    assert leads_somewhere(path, passed(walk.entered), passed(walk.went_first_way))


def leads_somewhere(path, entered: list[int], first: list[int]) -> bool:
    """Each step entered is where the one before leads: nobody skipped one."""
    at = 1
    for position in entered:
        step = path[position]
        asks = step.kind in (IF, FOR)
        other = asks and position not in first
        if position != at:
            return False
        at = (step.otherwise_position or 0) if other else (step.then_position or position + 1)
        if step.kind == END:
            at = 0
    return at not in path
