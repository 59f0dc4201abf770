"""The call form asks for what is missing, says what to say, and dials only where one may ring now."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Persona
from leads.models import Lead, Person
from prospects.calls import log
from prospects.clocks import calling_hours
from prospects.models import Call, Meeting, Prospect
from prospects.qualification import card
from prospects.views.call_context import call_context

pytestmark = pytest.mark.django_db
NEXT_YEAR = timezone.localdate().year + 1

NIGHT = "It is 22:10 there, from 8:00"


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


@pytest.fixture
def reachable(accepted: Prospect) -> Prospect:
    Person.objects.filter(pk=accepted.person_id).update(phone="+41 44 668 18 00", phone_key="+41446681800")
    return accepted


def page_of(rep: Client, prospect: Prospect, query: str = "") -> str:
    return rep.get(reverse("staff-person", args=[prospect.pk]) + query).content.decode()


def send(rep: Client, prospect: Prospect, **more: str) -> Any:
    said = {"outcome": "conversation", "submit_key": str(uuid.uuid4()), **more}
    return rep.post(reverse("staff-call", args=[prospect.pk]), said)


def test_what_is_confirmed_is_folded_and_what_is_missing_asked(
    rep: Client, accepted: Prospect, sam: Any
) -> None:
    bant = {"need": {"state": "confirmed"}, "budget": {"state": "claimed"}}
    log.log_call(prospect=accepted, outcome="conversation", bant=bant, by=sam, at=timezone.now())
    page = page_of(rep, accepted)
    assert "Need: confirmed. Change" in page.replace("</summary>", "")
    assert page.index('name="budget"') < page.index('name="need"')  # the folded one stands last


def test_the_personas_talking_points_stand_beside_the_form(rep: Client, accepted: Prospect) -> None:
    persona = Persona.objects.create(
        name="Plant manager", slug="plant", talking_points="Stopped hours?\n\nAudit?"
    )
    Lead.objects.filter(person=accepted.person).update(persona=persona)
    page = page_of(rep, accepted)
    assert "<li>Stopped hours?</li><li>Audit?</li>" in page


def test_it_says_which_try_this_is_and_offers_the_end_after_five(
    rep: Client, accepted: Prospect, sam: Any
) -> None:
    for _ in range(2):
        log.log_call(prospect=accepted, outcome="no_answer", by=sam, at=timezone.now())
    assert "Try 3 of 5" in page_of(rep, accepted)
    for _ in range(3):
        log.log_call(prospect=accepted, outcome="no_answer", by=sam, at=timezone.now())
    assert "5 tries in 14 days without an answer" in page_of(rep, accepted)


def test_at_night_the_number_is_no_link_until_the_rep_insists(
    rep: Client, reachable: Prospect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling_hours, "outside", lambda person, at: NIGHT)
    monkeypatch.setattr("prospects.calls.calling.outside", lambda person, at: NIGHT)
    page = page_of(rep, reachable)
    assert NIGHT in page and "+41 44 668 18 00" in page and "tel:" not in page
    page = page_of(rep, reachable, "?anyway=1")
    assert 'href="tel:+41446681800"' in page and 'name="anyway"' in page
    send(rep, reachable, anyway="1", next_in="3")
    assert NIGHT in Call.objects.get().note


def test_by_day_it_is_a_link(rep: Client, reachable: Prospect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling_hours, "outside", lambda person, at: "")
    assert 'href="tel:+41446681800"' in page_of(rep, reachable)


def test_a_conversation_without_a_next_step_comes_back_with_its_words(
    rep: Client, accepted: Prospect
) -> None:
    answer = send(rep, accepted, note="Three percent scrap.", need="confirmed")
    page = answer.content.decode()
    assert answer.status_code == 422 and "What comes next?" in page and "Three percent scrap." in page
    assert not Call.objects.exists()


def test_one_press_qualifies_and_books(rep: Client, inbound: Prospect) -> None:
    learnt = {"need": "confirmed", "authority": "claimed", "budget": "claimed", "verdict": "sales_qualified"}
    meeting = {"meet_day": f"{NEXT_YEAR}-05-04", "meet_clock": "10:00", "meet_place": "Hall 4"}
    assert send(rep, inbound, **learnt, **meeting).status_code == 302
    inbound.refresh_from_db()
    assert (inbound.stage.slug, Meeting.objects.get().place) == ("sales_qualified", "Hall 4")


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"recording": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"meet_day": f"{NEXT_YEAR}-05-04"}, "A meeting needs a day and a time."),
        (
            {"meet_day": "2020-05-04", "meet_clock": "10:00"},
            "A meeting lies ahead: choose a later day or time.",
        ),
        ({"reason": "not-now"}, "Say on which day this person comes back."),
        ({"verdict": "won"}, ""),
    ],
)
def test_what_cannot_be_is_refused(
    rep: Client, accepted: Prospect, wrong: dict[str, str], words: str
) -> None:
    answer = send(rep, accepted, next_in="3", **wrong)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Call.objects.exists()


def test_the_form_costs_three_questions(accepted: Prospect, django_assert_num_queries: Any) -> None:
    prospect = Prospect.objects.for_person_page().get(pk=accepted.pk)
    answers = card(prospect)
    with django_assert_num_queries(3):
        call_context(prospect, answers, timezone.now())
