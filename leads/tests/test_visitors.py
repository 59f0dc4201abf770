"""Browsers that agreed to be remembered: cookie, link with evidence, and their visits as touches (RELIABILITY T5)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import ConsentText
from leads import tokens, visitors
from leads.consent import TRACKING, record_consent
from leads.judging import judge_due
from leads.judging.sweep import VERSION
from leads.models import Hit, Submission, Touch, Verdict, Visitor, VisitorLink
from leads.tests.builders import NOON, a_lead, a_page, an_asset, submitted
from leads.visitors import link_due

pytestmark = pytest.mark.django_db
BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
)
LATER = NOON + timedelta(days=2)


@pytest.fixture
def page():
    return a_page(tracking_text=ConsentText.objects.get(purpose="tracking"))


@pytest.fixture
def browser():
    return Visitor.objects.create(first_seen_at=NOON - timedelta(days=9), due_at=NOON)


def post(client, page, email="piet@maasland.example", headers=None, **answers):
    headers = {"User-Agent": BROWSER, **(headers or {})}
    return client.post(f"/p/{page.slug}/", {"email": email, **answers}, headers=headers)


def visit(browser, minutes, kind="page", verdict="human", **columns):
    """A judged visit, so many minutes from noon."""
    when = NOON + timedelta(minutes=minutes)
    hit = Hit.objects.create(
        kind=kind, at=when, visitor=browser, visitor_key="k", agent=BROWSER, judged=True, **columns
    )
    Verdict.objects.create(hit=hit, version=VERSION, verdict=verdict)
    return hit


def came_forward(browser, minutes, email, agrees=True):
    """Somebody sends a form on this browser."""
    when = NOON + timedelta(minutes=minutes)
    form = submitted(a_page(f"p{minutes}".replace("-", "m")), email=email, at=when, nonce=f"n{minutes}")
    Submission.objects.filter(pk=form.submission.pk).update(visitor=browser)
    if agrees:
        record_consent(person=form.person, purpose=TRACKING, given=True, at=when)
    return form.person


def given(person):
    """The visits that became this person's, by minutes from noon."""
    visits = Touch.objects.filter(person=person, hit__isnull=False)
    return sorted(round((touch.at - NOON).total_seconds() / 60) for touch in visits)


def test_without_the_box_no_cookie_is_set_and_nothing_is_remembered(client, page):
    assert not post(client, page).cookies
    assert not Visitor.objects.exists()


def test_with_the_box_ticked_a_signed_cookie_is_kept_for_half_a_year(client, page):
    cookie = post(client, page, tracking="on").cookies["visitor"]
    assert tokens.read_visitor(cookie.value) == Visitor.objects.get().pk
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 180 * 86400)
    assert Submission.objects.get().visitor == Visitor.objects.get()


def test_a_form_sent_again_keeps_the_row_of_its_browser(client, page):
    for where in (page, a_page("second", tracking_text=page.tracking_text)):
        post(client, where, tracking="on")
    assert Visitor.objects.count() == 1


def test_a_forged_cookie_is_no_browser(client, page):
    client.cookies["visitor"] = tokens.visitor_token(1)[:-2] + "xx"
    client.get(f"/p/{page.slug}/", headers={"User-Agent": BROWSER})
    assert Hit.objects.get().visitor is None


@pytest.mark.parametrize("header", [{"Sec-GPC": "1"}, {"DNT": "1"}])
def test_a_browser_that_asks_not_to_be_tracked_is_not_remembered(client, page, header):
    assert not post(client, page, tracking="on", headers=header).cookies
    assert not Visitor.objects.exists()


def test_pages_after_it_carry_the_browser_and_become_touches_of_the_person(client, page):
    post(client, page, tracking="on")
    client.get("/", headers={"User-Agent": BROWSER})
    now = timezone.now() + timedelta(minutes=1)
    judge_due(at=now)
    assert link_due(at=now) == {"visitors": 1, "links": 1, "touches": 1}
    touch = Touch.objects.get(kind="visit")
    assert (touch.person, touch.hit.visitor) == (Submission.objects.get().person, Visitor.objects.get())
    assert VisitorLink.objects.get().evidence == "form"


def test_somebody_else_who_does_not_tick_the_box_is_not_remembered_on_this_browser(client, page):
    post(client, page, tracking="on")
    post(client, page)  # pressed twice
    assert client.cookies["visitor"].value
    response = post(client, page, email="rosa@other.example")
    assert response.cookies["visitor"].value == ""
    assert Visitor.objects.get().ended_at


def test_the_same_person_who_does_not_tick_it_again_has_taken_nothing_back(client, page):
    post(client, page, tracking="on")
    assert not post(client, a_page("second", tracking_text=page.tracking_text)).cookies
    assert Visitor.objects.get().ended_at is None


def test_dont_count_me_ends_it(client, page):
    post(client, page, tracking="on")
    assert client.post("/dont-count-me/").cookies["visitor"].value == ""
    assert Visitor.objects.get().ended_at


def test_taking_tracking_back_on_ones_own_page_ends_it(client, page):
    post(client, page, tracking="on")
    person = Submission.objects.get().person
    answer = client.post(f"/u/{tokens.unsubscribe_token(person.pk)}/", {"do": "untrack"})
    assert answer.cookies["visitor"].value == ""
    assert Visitor.objects.get().ended_at


def test_earlier_visits_become_touches_once_and_the_first_touch_follows(browser):
    visit(browser, -3000), visit(browser, -20), visit(browser, 5)
    person = came_forward(browser, 0, "piet@maasland.example")
    for _ in range(2):
        Visitor.objects.update(due_at=LATER)
        link_due(at=LATER)
    assert given(person) == [-3000, -20, 5]
    person.lead.refresh_from_db()
    assert person.lead.first_touch.at == NOON - timedelta(minutes=3000)
    assert person.lead.last_touch.at == NOON + timedelta(minutes=5)


@pytest.mark.parametrize("verdict", ["machine", "unsure"])
def test_only_human_visits_count(browser, verdict):
    visit(browser, 5, verdict=verdict)
    person = came_forward(browser, 0, "piet@maasland.example")
    link_due(at=LATER)
    assert given(person) == []


def test_without_their_consent_there_is_no_link_and_no_touch(browser):
    visit(browser, 5)
    person = came_forward(browser, 0, "piet@maasland.example", agrees=False)
    link_due(at=LATER)
    assert given(person) == []
    assert not VisitorLink.objects.exists()


def test_after_a_withdrawal_the_link_is_ignored_and_the_time_between_stays_out(browser):
    person = came_forward(browser, 0, "piet@maasland.example")
    record_consent(person=person, purpose=TRACKING, given=False, at=NOON + timedelta(minutes=10))
    visit(browser, 5), visit(browser, 60)
    link_due(at=LATER)
    assert given(person) == []
    record_consent(person=person, purpose=TRACKING, given=True, at=NOON + timedelta(minutes=100))
    visit(browser, 200)
    Visitor.objects.update(due_at=LATER, settled_at=None)
    link_due(at=LATER)
    assert given(person) == [5, 200]


def test_a_shared_browser_keeps_its_people_apart(browser):
    anna = came_forward(browser, 0, "anna@maasland.example")
    ben = came_forward(browser, 60, "ben@other.example")
    for minutes in (-100, 10, 50, 70, 300):
        visit(browser, minutes)
    link_due(at=LATER)
    assert (given(anna), given(ben)) == ([-100, 10], [70])
    assert VisitorLink.objects.count() == 2
    assert anna.merged_into is None
    assert ben.merged_into is None


def test_a_click_in_ones_own_mail_links_the_browser(browser):
    person = a_lead().person
    record_consent(person=person, purpose=TRACKING, given=True, at=NOON - timedelta(days=1))
    visit(browser, 0, kind="click", person=person), visit(browser, 3)
    link_due(at=LATER)
    assert VisitorLink.objects.get().evidence == "click"
    assert given(person) == [3]


def test_a_scanners_click_links_nothing(browser):
    person = a_lead().person
    record_consent(person=person, purpose=TRACKING, given=True, at=NOON - timedelta(days=1))
    visit(browser, 0, kind="click", person=person, verdict="machine")
    link_due(at=LATER)
    assert not VisitorLink.objects.exists()


def test_a_visit_waits_for_its_sitting_and_for_its_verdict(browser):
    person = came_forward(browser, 0, "piet@maasland.example")
    visit(browser, 100)
    late = Hit.objects.create(kind="page", at=NOON + timedelta(minutes=5), visitor=browser, agent=BROWSER)
    link_due(at=NOON + timedelta(minutes=101))
    assert given(person) == []
    judge_due(at=NOON + timedelta(minutes=102))
    link_due(at=NOON + timedelta(minutes=102))
    assert given(person) == [5]
    link_due(at=NOON + timedelta(minutes=131))
    assert given(person) == [5, 100]
    assert late.pk in Touch.objects.values_list("hit", flat=True)


def test_taken_apart_by_hand_the_visits_go_back_and_the_link_is_not_made_again(browser, maya):
    person = came_forward(browser, 0, "piet@maasland.example")
    visit(browser, 5)
    link_due(at=LATER)
    assert visitors.unlink(link=VisitorLink.objects.get(), by=maya, at=LATER) == 1
    Visitor.objects.update(due_at=LATER, settled_at=None)
    link_due(at=LATER)
    assert given(person) == []
    assert VisitorLink.objects.get().unlinked_by == maya
    person.lead.refresh_from_db()
    assert person.lead.first_touch.kind == "form"


def test_a_visit_found_to_be_a_machines_later_is_taken_back(browser):
    person = came_forward(browser, 0, "piet@maasland.example")
    hit = visit(browser, 5)
    link_due(at=LATER)
    Hit.objects.filter(pk=hit.pk).update(judged=False, agent="curl/8.1")
    judge_due(at=LATER)
    assert given(person) == []


def test_an_anonymous_browser_is_settled_without_anybody(browser):
    visit(browser, 5)
    assert link_due(at=LATER) == {"visitors": 1, "links": 0, "touches": 0}
    assert Visitor.objects.get().due_at is None
    assert not Touch.objects.exists()


def test_a_reading_on_a_remembered_browser_has_its_time_and_depth(browser):
    piece = an_asset("article", gated=False)
    person = came_forward(browser, 0, "piet@maasland.example")
    visit(browser, 5, kind="read", asset=piece)
    visit(browser, 6, kind="view", asset=piece, seconds=40, depth=30)
    visit(browser, 9, kind="view", asset=piece, seconds=60, depth=95)
    link_due(at=LATER)
    touch = Touch.objects.get(kind="read")
    assert (touch.person, touch.seconds, touch.depth) == (person, 100, 95)
