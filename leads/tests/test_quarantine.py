"""What looks like a machine's form is kept aside and causes nothing, until a person lets it in (RELIABILITY C10)."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from campaigns.errors import Conflict
from leads.capture import release
from leads.models import (
    ConsentEvent,
    Lead,
    LeadScore,
    Message,
    Person,
    Submission,
    Touch,
    WorkRequest,
)
from leads.tests.builders import NOON, a_page, a_sequence, submitted

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=2)


@pytest.fixture
def trapped():
    return submitted(a_page(sequence=a_sequence()), suspicions=["honeypot"], first_name="Piet").submission


def test_it_causes_no_mail_no_lead_no_score(trapped):
    for model in (Person, Lead, LeadScore, Touch, Message, ConsentEvent, WorkRequest):
        assert not model.objects.exists(), model
    assert trapped.judged_at == NOON


def test_a_released_form_is_in_as_of_the_time_it_was_sent(trapped, maya):
    result = release(submission=trapped, by=maya, at=LATER)
    lead, touch = Lead.objects.get(), Touch.objects.get()
    assert (result.submission.pk, result.submission.state) == (trapped.pk, "accepted")
    assert (lead.created_at, touch.at) == (NOON, NOON)
    assert (lead.recorded_at, touch.recorded_at, result.submission.released_at) == (LATER, LATER, LATER)
    assert Submission.objects.get().by == maya


def test_what_was_ticked_counts_from_its_own_day(trapped, maya):
    release(submission=trapped, by=maya, at=LATER)
    consent = ConsentEvent.objects.get()
    assert (consent.at, consent.text.purpose, consent.by) == (NOON, "marketing", None)
    assert Person.objects.get().enrolments.get().started_at == LATER
    assert Message.objects.get(kind="download").due_at == LATER


def test_it_is_released_once(trapped, maya):
    release(submission=trapped, by=maya, at=LATER)
    with pytest.raises(Conflict):
        release(submission=trapped, by=maya, at=LATER)
    assert Touch.objects.count() == Message.objects.count() == 1


def test_the_first_touch_is_the_older_form_that_came_in_later(trapped, maya):
    page = trapped.page
    submitted(page, nonce="n2", at=NOON + timedelta(hours=5))
    release(submission=trapped, by=maya, at=LATER)
    lead = Lead.objects.get()
    assert lead.first_touch.submission == trapped
    assert lead.last_touch.at == NOON + timedelta(hours=5)


def test_a_released_inquiry_waits_for_its_verdict(maya):
    trapped = submitted(a_page(inquiry="demo"), suspicions=["too fast"]).submission
    release(submission=trapped, by=maya, at=LATER)
    assert Submission.objects.get().judged_at is None


def test_the_same_form_again_stays_aside(trapped):
    again = submitted(trapped.page, suspicions=["honeypot"])
    assert again.twin and again.quarantined
    assert Submission.objects.count() == 1


def test_the_page_lists_reasons_with_their_numbers_and_lets_in_with_one_press(client, trapped, maya):
    client.force_login(maya)
    html = client.get(reverse("staff-quarantine")).content.decode()
    assert "Honeypot" in html and "piet@maasland.example" in html
    with time_machine.travel(LATER):
        client.post(reverse("staff-release", args=[trapped.pk]))
    assert Lead.objects.count() == 1
    assert "Nothing is in quarantine" in client.get(reverse("staff-quarantine")).content.decode()


def test_a_reason_narrows_the_list(client, trapped, maya):
    submitted(trapped.page, email="fast@maasland.example", nonce="n2", suspicions=["too fast"])
    client.force_login(maya)
    html = client.get(reverse("staff-quarantine") + "?reason=too+fast").content.decode()
    assert "fast@maasland.example" in html and "piet@maasland.example" not in html


def test_pressing_twice_says_so_and_changes_nothing(client, trapped, maya):
    client.force_login(maya)
    for _ in range(2):
        response = client.post(reverse("staff-release", args=[trapped.pk]), follow=True)
    assert "in already" in response.content.decode()
    assert Touch.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("maya", 200), ("sam", 403), ("nora", 403)])
def test_marketing_sees_the_quarantine_and_others_do_not(client, request, trapped, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("staff-quarantine")).status_code == status
    if status == 403:
        assert client.post(reverse("staff-release", args=[trapped.pk])).status_code == 403
        assert Submission.objects.get().state == "quarantined"


def test_what_a_machine_wrote_is_shown_inert(client, maya):
    submitted(
        a_page(), suspicions=["honeypot"], first_name="<script>alert(1)</script>", message="<img src=x>"
    )
    client.force_login(maya)
    html = client.get(reverse("staff-quarantine")).content.decode()
    assert "<script>alert" not in html and "<img src=x>" not in html


def test_a_list_of_many_costs_few_queries(client, maya, django_assert_max_num_queries):
    page = a_page()
    for number in range(12):
        submitted(page, nonce=f"n{number}", suspicions=["honeypot"])
    client.force_login(maya)
    with django_assert_max_num_queries(14, connection=connection):
        client.get(reverse("staff-quarantine"))


@pytest.mark.parametrize("by_link", [True, False])
def test_nobody_is_let_in_who_was_erased_meanwhile(client, maya, trapped, by_link):
    """Erasure blanks the answers; a form by a personal link also names the tombstone."""
    gone = Person.objects.create(created_at=NOON, erased_at=NOON) if by_link else None
    Submission.objects.filter(pk=trapped.pk).update(answers={}, email_key="", person=gone)
    client.force_login(maya)
    answer = client.post(reverse("staff-release", args=[trapped.pk]), follow=True)
    assert "erased on request" in answer.content.decode()
    assert Submission.objects.get().state == "quarantined"
