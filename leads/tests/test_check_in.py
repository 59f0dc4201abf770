"""People brought in by staff: a list of an event, one person by hand. Both go through the one front door."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from campaigns.models import Channel
from leads.check_in import read_lines
from leads.consent import MARKETING, has_consent, suppress
from leads.models import ConsentEvent, Fact, Lead, Message, Person, Submission, Touch, WorkRequest
from leads.tests.builders import NOON, a_campaign, a_lead

pytestmark = pytest.mark.django_db
LIST = """Name\tCompany\tE-mail\tPhone
Mira Castell\tBrackwerk\tmira@brackwerk.example\t+41 44 668 18 00
Jonna Aalto; Tolvar; jonna@tolvar.example
piet@maasland.example

Nobody, Somewhere"""


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def fair():
    return a_campaign("motion-fair", channel="offline-event")


def check_in(client, fair, people=LIST, **more):
    data = {"event": "Motion Fair 2026", "day": "2026-11-18", "people": people, **more}
    return client.post(reverse("staff-check-in", args=[fair.slug]), data)


def test_a_line_is_read_whatever_the_order_and_the_separator():
    found = read_lines("Mira Castell, Brackwerk, mira@brackwerk.example\n+41 44 668 18 00\tJonna Aalto")
    assert found[0].answers == {
        "email": "mira@brackwerk.example",
        "first_name": "Mira",
        "last_name": "Castell",
        "company": "Brackwerk",
    }
    assert (found[1].answers["phone"], found[1].answers["last_name"]) == ("+41 44 668 18 00", "Aalto")


def test_each_line_has_its_result_and_a_bad_one_stops_no_other(client, fair, sam):
    client.force_login(sam)
    html = check_in(client, fair).content.decode()
    assert "3 new, 0 known before, 0 in already, 1 not taken." in html
    assert "neither an e-mail address nor a phone number" in html
    assert Lead.objects.count() == 3


def test_a_check_in_is_a_touch_of_the_campaign_and_its_channel(client, fair, sam):
    client.force_login(sam)
    check_in(client, fair)
    touch = Touch.objects.get(person__email_key="mira@brackwerk.example")
    assert (touch.kind, touch.campaign, touch.channel.slug, touch.label) == (
        "event",
        fair,
        "offline-event",
        "Motion Fair 2026",
    )
    submission = Submission.objects.get(person=touch.person)
    assert (submission.door, submission.by) == ("event", sam)


def test_the_same_list_again_adds_only_who_is_new(client, fair, sam):
    client.force_login(sam)
    check_in(client, fair)
    html = check_in(client, fair, LIST + "\nNew Person, Firm, new@firm.example").content.decode()
    assert "1 new, 0 known before, 3 in already, 1 not taken." in html
    assert Touch.objects.count() == 4


def test_two_people_without_an_address_are_two(client, fair, sam):
    client.force_login(sam)
    check_in(client, fair, "Ada One, +41 44 668 18 00\nBea Two, +41 44 668 18 01")
    assert (Lead.objects.count(), Submission.objects.count()) == (2, 2)


def test_nobody_gets_mail_or_a_consent_that_was_not_stated(client, fair, sam):
    client.force_login(sam)
    check_in(client, fair)
    assert not ConsentEvent.objects.exists() and not Message.objects.exists()


def test_a_stated_consent_carries_its_source_and_day(client, fair, maya):
    client.force_login(maya)
    check_in(client, fair, agreed="on", agreed_how="signed list at the stand", agreed_on="2026-11-17")
    person = Person.objects.get(email_key="jonna@tolvar.example")
    consent = ConsentEvent.objects.get(person=person)
    assert (consent.basis, consent.by, consent.at.date().isoformat()) == (
        "signed list at the stand",
        maya,
        "2026-11-17",
    )
    assert has_consent(person=person, purpose=MARKETING)


@pytest.mark.parametrize("missing", ["agreed_how", "agreed_on"])
def test_a_consent_without_source_or_day_is_not_taken(client, fair, maya, missing):
    client.force_login(maya)
    said = {"agreed": "on", "agreed_how": "at the stand", "agreed_on": "2026-11-17"} | {missing: ""}
    response = check_in(client, fair, **said)
    assert response.status_code == 422
    assert "counts only with where it was given and when" in response.content.decode()
    assert not Lead.objects.exists()


def test_staff_cannot_undo_an_unsubscribe(client, fair, maya):
    """RELIABILITY E2: suppression wins; no mail goes out to ask either."""
    suppress(email_key="piet@maasland.example", reason="unsubscribed", at=NOON)
    client.force_login(maya)
    check_in(client, fair, agreed="on", agreed_how="at the stand", agreed_on="2026-11-17")
    person = Person.objects.get(email_key="piet@maasland.example")
    assert not has_consent(person=person, purpose=MARKETING)
    assert not Message.objects.exists()


def test_an_event_of_last_week_is_dated_last_week_and_never_tomorrow(client, fair, sam):
    client.force_login(sam)
    check_in(client, fair, day="2026-11-11")
    touch = Touch.objects.first()
    assert (NOON - touch.at, touch.recorded_at) == (timedelta(days=7, hours=1), NOON)
    assert check_in(client, fair, day="2026-11-19").status_code == 422


def test_a_known_person_gets_the_touch_and_keeps_what_they_said(client, fair, sam):
    lead = a_lead("mira@brackwerk.example", first_name="Mirabelle")
    client.force_login(sam)
    check_in(client, fair)
    person = Person.objects.get(pk=lead.person_id)
    assert (person.first_name, person.last_name) == ("Mirabelle", "Castell")
    assert Fact.objects.get(person=person, field="first_name").source == "staff"


def test_the_owner_of_a_person_with_sales_hears_of_it(client, fair, maya):
    Person.objects.create(email="mira@brackwerk.example", email_key="mira@brackwerk.example", sales_open=True)
    client.force_login(maya)
    check_in(client, fair)
    assert WorkRequest.objects.get().note == "Motion Fair 2026"


def enter(client, **said):
    data = {
        "email": "mira@brackwerk.example", "first_name": "Mira", "source": "called the switchboard",
        "day": "2026-11-18",
        "channel": Channel.objects.get(slug="referral").pk, "basis": "asked us", **said,
    }  # fmt: skip
    return client.post(reverse("staff-lead-new"), data)


def test_a_person_entered_by_hand_has_source_channel_and_legal_basis(client, maya):
    client.force_login(maya)
    assert enter(client).status_code == 302
    submission, touch = Submission.objects.get(), Touch.objects.get()
    assert (submission.door, submission.label, submission.by) == ("staff", "called the switchboard", maya)
    assert touch.channel.slug == "referral"
    assert Fact.objects.get(field="legal_basis").value == "asked us"
    assert not ConsentEvent.objects.exists()


def test_the_button_pressed_twice_enters_once(client, maya):
    client.force_login(maya)
    key = "0b0e7c6e-0000-4000-8000-000000000001"
    for _ in range(2):
        enter(client, submit_key=key)
    assert Touch.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"email": "mira@brackwerk"}, "stops too early"),
        ({"email": ""}, "e-mail address or a phone number"),
        ({"phone": "123"}, "number"),
        ({"source": ""}, "required"),
        ({"channel": ""}, "required"),
    ],
)
def test_the_same_checks_hold_for_staff(client, maya, said, words):
    client.force_login(maya)
    response = enter(client, **said)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Lead.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("maya", 200), ("sam", 200), ("sara", 200), ("nora", 403)])
def test_marketing_and_sales_may_enter_people(client, request, fair, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("staff-check-in", args=[fair.slug])).status_code == status
    assert client.get(reverse("staff-lead-new")).status_code == status
    assert enter(client).status_code == (302 if status == 200 else 403)


def test_pasted_markup_is_shown_inert(client, fair, maya):
    client.force_login(maya)
    html = check_in(client, fair, "<script>alert(1)</script>, x@y.example\n<b>no</b>").content.decode()
    assert "<script>alert" not in html and "<b>no</b>" not in html
