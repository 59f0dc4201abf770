"""Two wordings of a page: who sees which, and how a test begins and ends."""

from datetime import UTC, datetime

import pytest

from campaigns import wording
from campaigns.errors import Conflict, Refused
from campaigns.models import LandingPage, PageState, PageTest
from campaigns.pages import find_page, page_context

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@pytest.fixture
def page():
    return LandingPage.objects.create(slug="paper", title="Catch it early", state=PageState.PUBLISHED)


@pytest.fixture
def test(page):
    return PageTest.objects.create(page=page, title="Catch it six weeks early")


def running(test):
    return wording.start(test=test, by=None, at=NOW)


def test_without_a_test_everybody_reads_the_page(page):
    assert wording.choose(page, "k1") == ("", None)


def test_half_of_the_visitors_read_b_and_each_the_same_all_day(page, test):
    running(test)
    seen = [wording.choose(page, f"visitor {number}")[0] for number in range(2000)]
    assert 900 < seen.count("b") < 1100
    assert {wording.choose(page, "visitor 7")[0] for _ in range(5)} == {seen[7]}


def test_another_test_mixes_the_visitors_anew(page, test):
    first = [wording.choose(page, str(number))[0] for number in range(200) if running_once(test)]
    wording.keep(test=test, wording="a", by=None, at=NOW)
    running(PageTest.objects.create(page=page, button="Go"))
    again = [wording.choose(page, str(number))[0] for number in range(200)]
    assert 60 < sum(a == b for a, b in zip(first, again, strict=True)) < 140


def running_once(test):
    if test.state == "draft":
        wording.start(test=test, by=None, at=NOW)
        test.refresh_from_db()
    return True


def test_b_shows_its_own_words_and_the_pages_where_it_has_none(page, test):
    LandingPage.objects.filter(pk=page.pk).update(lead_text="31 bearings.")
    running(test)
    shown = page_context(find_page("paper", at=NOW), variant="b")["page"]
    assert (shown.title, shown.lead_text) == ("Catch it six weeks early", "31 bearings.")
    assert page_context(find_page("paper", at=NOW), variant="a")["page"].title == "Catch it early"


def test_a_page_without_a_test_costs_no_query_more(page, django_assert_num_queries):
    found = find_page("paper", at=NOW)
    with django_assert_num_queries(0):
        assert wording.choose(found, "k") == ("", None)


def test_a_test_without_other_words_or_without_a_public_page_does_not_start(page):
    page.state = PageState.DRAFT
    page.save()
    with pytest.raises(Refused) as no:
        running(PageTest.objects.create(page=page, title="Catch it early"))
    assert len(no.value.missing) == 2


def test_one_test_at_a_time(page, test):
    running(test)
    with pytest.raises(Refused, match="Another test"):
        running(PageTest.objects.create(page=page, button="Go"))


def test_a_test_starts_once(page, test):
    running(test)
    with pytest.raises(Conflict):
        running(test)


def test_keeping_b_makes_its_words_the_pages_own_with_history(page, test, maya):
    running(test)
    ended = wording.keep(test=test, wording="b", by=maya, at=NOW)
    page.refresh_from_db()
    assert page.title == "Catch it six weeks early"
    assert page.history.first().history_user == maya
    assert (ended.state, ended.kept, ended.ended_at) == ("done", "b", NOW)


def test_keeping_a_leaves_the_page_as_it_was(page, test):
    running(test)
    wording.keep(test=test, wording="a", by=None, at=NOW)
    page.refresh_from_db()
    assert page.title == "Catch it early"
    with pytest.raises(Conflict):
        wording.keep(test=test, wording="b", by=None, at=NOW)
