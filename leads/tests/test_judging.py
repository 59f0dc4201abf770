"""Human or machine, with reasons; only human acts become touches (RELIABILITY T3)."""

from datetime import timedelta

import pytest

from leads.judging import judge_due
from leads.models import Hit, Touch, Verdict
from leads.tests.builders import NOON, a_campaign, a_lead, a_page, an_asset
from leads.tests.judging_world import LATER, a_click, a_hit, a_message, verdict_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def message():
    return a_message()


def judged(**counts: int) -> dict[str, int]:
    nothing = dict.fromkeys(("human", "machine", "unsure", "touches", "removed", "again"), 0)
    return nothing | counts


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_a_person_who_clicks_leaves_a_touch_with_the_target(message):
    a_click(message)
    assert judge_due(at=LATER) == judged(human=1, touches=1)
    touch = Touch.objects.get()
    assert (touch.kind, touch.channel.slug, touch.label) == ("click", "email", "https://averdahl.example/a")


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"method": "HEAD"}, "HEAD request"),
        ({"agent": ""}, "no agent"),
        ({"agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}, "address in the agent"),
        ({"agent": "Barracuda Sentinel (EE)"}, "not a browser's name"),
        ({"agent": "python-requests/2.32"}, "names itself a program"),
        ({"agent": "Mozilla/5.0"}, "not a browser's name"),
    ],
)
def test_a_machine_is_told_with_its_reason_and_leaves_no_touch(message, columns, reason):
    hit = a_click(message, **columns)
    judge_due(at=LATER)
    assert verdict_of(hit) == f"machine: {reason}"
    assert not Touch.objects.exists()


def test_all_links_at_once_is_a_scanner(message):
    for position in (1, 2, 3):
        a_click(message, position=position, at=NOON + seconds(3 * position))
    assert judge_due(at=LATER)["machine"] == 3


def test_a_reader_who_opens_some_of_many_links_in_tabs_is_a_person():
    message = a_message(links=8)
    for position in (1, 4, 5):
        a_click(message, position=position, at=NOON + seconds(2.5 * position))
    assert judge_due(at=LATER) == judged(human=3, touches=3)


def test_two_links_within_half_a_second_are_no_hands_work(message):
    for position, when in ((1, 0), (2, 0.3)):
        a_click(message, position=position, at=NOON + seconds(when))
    assert judge_due(at=LATER)["machine"] == 2


def test_the_same_link_twice_is_a_double_click(message):
    for when in (0, 0.2, 0.4):
        a_click(message, at=NOON + seconds(when))
    assert judge_due(at=LATER)["human"] == 3


def test_after_a_scan_the_person_who_reads_the_mail_still_counts(message):
    for position in (1, 2, 3):
        a_click(message, position=position, at=NOON + seconds(position), visitor_key="scanner")
    own = a_click(message, at=NOON + timedelta(minutes=30), visitor_key="piet")
    judge_due(at=NOON + timedelta(hours=1))
    assert verdict_of(own) == "human"
    assert [touch.hit for touch in Touch.objects.all()] == [own]


@pytest.mark.parametrize(("after", "kind"), [(1, "machine"), (-2, "machine"), (3, "unsure"), (20, "human")])
def test_nobody_clicks_a_mail_that_has_just_been_handed_over(message, after, kind):
    a_click(message, at=message.ended_at + seconds(after))
    assert judge_due(at=LATER)[kind] == 1
    assert Touch.objects.count() == (kind == "human")


def test_a_click_waits_until_its_neighbours_can_be_seen(message):
    a_click(message)
    assert judge_due(at=NOON + seconds(3)) == judged()
    assert judge_due(at=NOON + seconds(13))["human"] == 1


def test_judging_twice_adds_nothing(message):
    a_click(message)
    judge_due(at=LATER)
    assert judge_due(at=LATER) == judged()
    assert Touch.objects.count() == Verdict.objects.count() == 1


def test_a_trap_makes_a_machine_of_what_was_followed_beside_it(message):
    beside = a_click(message, visitor_key="a")
    trap = a_hit(kind="trap", message=message, person=message.person, at=NOON + seconds(30), visitor_key="b")
    judge_due(at=LATER)
    assert (verdict_of(beside), verdict_of(trap)) == ("machine: beside a trap link", "machine: trap link")
    assert not Touch.objects.exists()


def test_a_trap_that_is_followed_late_takes_back_what_was_judged_before(message):
    beside = a_click(message)
    assert judge_due(at=NOON + seconds(13)) == judged(human=1, touches=1)
    a_hit(kind="trap", message=message, person=message.person, at=NOON + seconds(40))
    assert judge_due(at=NOON + seconds(42)) == judged(machine=1, again=1)
    assert judge_due(at=NOON + seconds(44)) == judged(machine=1, removed=1)
    assert verdict_of(beside) == "machine: beside a trap link"
    assert not Touch.objects.exists()


def test_a_crawler_that_calls_itself_a_browser_is_known_by_the_trap_on_the_page():
    before, other = a_hit(visitor_key="crawler"), a_hit(visitor_key="somebody else")
    a_hit(kind="trap", visitor_key="crawler", at=NOON + seconds(5))
    tomorrow = a_hit(visitor_key="crawler", at=NOON + timedelta(days=1))
    judge_due(at=LATER)
    assert verdict_of(before) == "machine: same browser as a scanner"
    assert verdict_of(other) == verdict_of(tomorrow) == "human"


def test_a_download_counts_once_a_day_however_many_ranges_it_takes():
    person, asset = a_lead().person, an_asset()
    for minute in (0, 1, 600):
        page = a_page(f"p{minute}")
        a_hit(kind="download", person=person, asset=asset, page=page, at=NOON + timedelta(minutes=minute))
    judge_due(at=NOON + timedelta(days=1))
    assert Touch.objects.count() == 1


def test_an_earlier_download_that_is_written_later_takes_the_place_of_the_first():
    person, asset = a_lead().person, an_asset()
    late = a_hit(kind="download", person=person, asset=asset, at=NOON)
    judge_due(at=LATER)
    early = a_hit(kind="download", person=person, asset=asset, at=NOON - timedelta(hours=3))
    assert judge_due(at=LATER) == judged(human=1, touches=1, removed=1)
    assert [touch.hit for touch in Touch.objects.all()] == [early] != [late]


def test_an_anonymous_visit_gets_a_verdict_and_no_touch():
    a_hit()
    assert judge_due(at=LATER) == judged(human=1)


def test_a_touch_keeps_all_that_the_hit_says_of_its_way():
    lead, campaign = a_lead(), a_campaign("spring")
    said = {
        "utm_source": "linkedin", "utm_medium": "paid-social", "utm_campaign": "spring", "utm_content": "cut-b",
        "referrer": "https://www.linkedin.com/feed/", "click_id_kind": "li_fat_id", "click_id": "x1",
    }  # fmt: skip
    a_hit(person=lead.person, page=a_page(), campaign=campaign, **said)
    judge_due(at=LATER)
    touch = Touch.objects.get()
    assert {name: getattr(touch, name) for name in said} == said
    assert (touch.channel.slug, touch.campaign) == ("paid-social", campaign)


def test_first_and_last_touch_follow_the_time_of_the_act():
    lead = a_lead()
    for minute in (5, 0, 9):
        a_hit(person=lead.person, page=a_page(f"p{minute}"), at=NOON + timedelta(minutes=minute))
        judge_due(at=NOON + timedelta(hours=1))
    lead.refresh_from_db()
    assert (lead.first_touch.at, lead.last_touch.at) == (NOON, NOON + timedelta(minutes=9))
    assert Hit.objects.filter(judged=False).count() == 0
