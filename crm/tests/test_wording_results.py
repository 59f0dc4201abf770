"""What a test of two wordings says, and when: the figures equal a count by hand, and nobody can peek."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from campaigns import wording
from campaigns.models import PageTest
from crm.reports.wordings import FORM_WAIT, result
from leads.models import Hit, Submission, Verdict
from leads.tests.builders import NOON, a_lead, a_page

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=3)


@pytest.fixture
def test():
    test = PageTest.objects.create(page=a_page(), title="Other words", visitors_each=50)
    return wording.start(test=test, by=None, at=NOON)


def visits(test, variant, number, verdict="human", start=NOON, **columns):
    """One visit a minute."""
    first = Hit.objects.count()
    hits = Hit.objects.bulk_create(
        Hit(kind="page", test=test, variant=variant, visitor_key=f"{variant}{first + one}", page=test.page,
            at=start + timedelta(minutes=one), judged=True, **columns)
        for one in range(number)
    )  # fmt: skip
    Verdict.objects.bulk_create(Verdict(hit=hit, version=1, verdict=verdict) for hit in hits)
    return hits


def forms(test, variant, number, state="accepted", at=NOON):
    first = Submission.objects.count()
    people = [a_lead(f"{variant}{first + one}@maasland.example").person for one in range(number)]
    Submission.objects.bulk_create(
        Submission(page=test.page, test=test, variant=variant, person=person, state=state, at=at,
                   nonce=person.email_key, email_key=person.email_key)
        for person in people
    )  # fmt: skip
    return people


def test_before_both_have_their_visitors_nothing_is_said(test):
    visits(test, "a", 50)
    visits(test, "b", 49)
    forms(test, "b", 40)
    found = result(test, at=LATER)
    assert (found.words, found.winner, found.found) == ("Not enough data yet: 49 of 50 visitors.", "", None)


def test_the_figures_equal_a_count_by_hand(test):
    visits(test, "a", 50)
    visits(test, "b", 50)
    visits(test, "a", 30, verdict="machine")
    visits(test, "b", 20, verdict="unsure")
    forms(test, "a", 3)
    forms(test, "b", 12)
    forms(test, "b", 5, state="quarantined")
    found = result(test, at=LATER)
    human = Hit.objects.filter(verdicts__verdict="human", test=test)
    for side in ("a", "b"):
        sent = Submission.objects.filter(test=test, variant=side, state="accepted").count()
        assert (getattr(found, side).of, getattr(found, side).hits) == (
            human.filter(variant=side).values("visitor_key").distinct().count(),
            sent,
        )
    assert (found.winner, str(found.words)) == ("b", "B, the second wording, does better.")


def test_no_clear_difference_is_called_none(test):
    for side in "ab":
        visits(test, side, 50)
        forms(test, side, 4)
    assert str(result(test, at=LATER).words) == "No difference found."


def test_one_visitor_who_looks_often_is_one(test):
    hits = visits(test, "a", 60)
    Hit.objects.filter(pk__in=[hit.pk for hit in hits]).update(visitor_key="same")
    assert result(test, at=LATER).a.of == 1


def test_a_person_who_sends_twice_is_one(test):
    visits(test, "a", 50)
    (person,) = forms(test, "a", 1)
    Submission.objects.create(
        page=test.page, test=test, variant="a", person=person, state="accepted", at=NOON, nonce="again"
    )
    assert result(test, at=LATER).a.hits == 1


def test_the_latest_verdict_counts(test):
    hits = visits(test, "a", 50)
    Verdict.objects.bulk_create(Verdict(hit=hit, version=2, verdict="machine") for hit in hits[:10])
    assert result(test, at=LATER).a.of == 40


def test_what_comes_after_the_number_was_reached_changes_nothing(test):
    for side in "ab":
        visits(test, side, 50)
    forms(test, "a", 5)
    before = result(test, at=LATER)
    visits(test, "b", 200, start=NOON + timedelta(hours=5))
    forms(test, "b", 45, at=NOON + timedelta(hours=6))
    assert result(test, at=LATER) == before


def test_the_last_ones_have_an_hour_for_their_form(test):
    for side in "ab":
        visits(test, side, 50)
    end = NOON + timedelta(minutes=49)
    forms(test, "b", 20, at=end + timedelta(minutes=30))
    early, late = result(test, at=end + timedelta(minutes=40)), result(test, at=end + FORM_WAIT)
    assert early.found is None
    assert "waited for" in str(early.words)
    assert late.winner == "b"


def test_a_test_that_is_ended_early_has_no_result(test):
    visits(test, "a", 20)
    wording.keep(test=test, wording="a", by=None, at=LATER)
    test.refresh_from_db()
    assert result(test, at=LATER).found is None


def test_more_forms_than_visitors_is_no_more_than_all(test):
    visits(test, "a", 2)
    forms(test, "a", 3)
    assert (result(test, at=LATER).a.hits, result(test, at=LATER).a.of) == (2, 2)


def place(test, button=""):
    url = reverse("admin:campaigns_pagetest_change", args=[test.pk])
    return url.replace("change/", f"{button}/") if button else url


def press(client, test, button):
    answer = client.post(place(test, button), {"_form_submitted": "True"})
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_a_marketer_reads_the_figures_and_keeps_b(test, maya, client):
    for side in "ab":
        visits(test, side, 50)
    forms(test, "b", 20)
    client.force_login(maya)
    html = client.get(place(test)).content.decode()
    assert "B, the second wording, does better." in html
    assert "40.0%" in html
    press(client, test, "keep-b")
    test.page.refresh_from_db()
    assert test.page.title == "Other words"


def test_a_running_test_cannot_be_rewritten(test, maya, client):
    client.force_login(maya)
    client.post(place(test), {"page": test.page_id, "title": "Quite other", "visitors_each": 5000})
    test.refresh_from_db()
    assert (test.title, test.visitors_each) == ("Other words", 50)


def test_a_test_is_started_by_its_button_and_says_what_is_missing(maya, client):
    draft = PageTest.objects.create(page=a_page("other"), title="Catch it early")
    client.force_login(maya)
    assert "differs from the page" in press(client, draft, "start")
    PageTest.objects.filter(pk=draft.pk).update(title="Quite other")
    assert "The test runs." in press(client, draft, "start")


def test_each_wording_can_be_looked_at(test, maya, client):
    client.force_login(maya)
    shown = [client.get(place(test, f"wording/{which}")).content.decode() for which in "ab"]
    assert ["<h1>Other words</h1>" in html for html in shown] == [False, True]
    assert client.get(place(test, "wording/c")).status_code == 404


@pytest.mark.parametrize("who", ["sam", "sara", "nora"])
def test_nobody_else_sees_or_ends_a_test(who, test, request, client):
    client.force_login(request.getfixturevalue(who))
    assert client.get(place(test)).status_code in (302, 403)
    assert client.get(place(test, "wording/b")).status_code in (302, 403, 404)
    client.post(place(test, "keep-b"), {"_form_submitted": "True"})
    test.refresh_from_db()
    assert test.state == "running"
