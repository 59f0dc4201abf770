"""/staff/prospects/<id>/: the call form in place, what is missing, and each button sent twice."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prospects.models import BantAnswer, Call, FollowUp, Meeting, Note, Prospect
from prospects.qualification import answer
from prospects.tests.conftest import talk


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


def address(name: str, prospect: Prospect) -> str:
    return reverse(name, args=[prospect.pk])


def call(**more: str) -> dict[str, str]:
    return {"outcome": "conversation", "next_in": "3", "submit_key": str(uuid.uuid4()), **more}


def test_the_page_shows_stage_and_what_is_missing(rep: Client, accepted: Prospect) -> None:
    page = rep.get(address("staff-person", accepted)).content.decode()
    assert accepted.person.name in page
    assert "Missing for sales-qualified" in page
    assert "A logged conversation" in page


def test_a_call_with_all_it_taught_makes_the_next_stage_ready(rep: Client, accepted: Prospect) -> None:
    learnt = {"need": "confirmed", "authority": "claimed", "budget": "claimed", "timing": "unknown"}
    answer = rep.post(
        address("staff-call", accepted), call(note="Three percent scrap.", **learnt), follow=True
    )
    page = answer.content.decode()
    assert "Ready for sales-qualified" in page
    assert "Three percent scrap." in page
    assert {row.question for row in BantAnswer.objects.filter(prospect=accepted)} == {
        "need",
        "authority",
        "budget",
    }


def test_a_call_sent_twice_is_one_call(rep: Client, accepted: Prospect) -> None:
    once = call(note="Once.")
    for _n in range(2):
        assert rep.post(address("staff-call", accepted), once).status_code == 302
    assert Call.objects.filter(prospect=accepted).count() == 1


def test_a_call_without_an_outcome_comes_back_with_its_words(rep: Client, accepted: Prospect) -> None:
    answer = rep.post(address("staff-call", accepted), {"note": "Nearly lost words"})
    assert answer.status_code == 422
    assert "Nearly lost words" in answer.content.decode()
    assert not Call.objects.filter(prospect=accepted).exists()


def test_a_call_on_a_closed_cycle_is_refused_and_keeps_its_words(
    rep: Client, accepted: Prospect, sam: Any
) -> None:
    rep.post(address("staff-reject", accepted), {"reason": "student"})
    answer = rep.post(address("staff-call", accepted), call(note="Too late"))
    assert answer.status_code == 422
    assert not Call.objects.filter(note="Too late").exists()


def test_the_next_step_of_a_call_is_planned(rep: Client, accepted: Prospect) -> None:
    day = timezone.localdate() + timedelta(days=3)
    form = call(next_kind="mail", next_day=day.isoformat(), next_time="10:30", next_text="Send the report")
    rep.post(address("staff-call", accepted), form)
    step = FollowUp.objects.get(prospect=accepted, text="Send the report")
    assert (step.kind, timezone.localtime(step.due_at).hour) == ("mail", 10)


def test_a_blocked_move_names_the_missing_facts(rep: Client, accepted: Prospect) -> None:
    answer = rep.post(address("staff-move", accepted), {"to": "sales_qualified"})
    assert answer.status_code == 422
    assert "need, confirmed" in answer.content.decode()
    assert Prospect.objects.get(pk=accepted.pk).stage.slug == "contacting"


def test_a_move_with_the_facts_passes_and_the_second_press_is_told(
    rep: Client, accepted: Prospect, sam: Any
) -> None:
    talk(accepted, sam)
    assert rep.post(address("staff-move", accepted), {"to": "sales_qualified"}).status_code == 302
    again = rep.post(address("staff-move", accepted), {"to": "sales_qualified"})
    assert again.status_code == 409
    assert "Sales-qualified" in again.content.decode()


def test_a_note_sent_twice_is_one_note(rep: Client, accepted: Prospect) -> None:
    form = {"text": "Prefers mornings", "submit_key": str(uuid.uuid4())}
    for _n in range(2):
        rep.post(address("staff-note", accepted), form)
    assert Note.objects.filter(prospect=accepted).count() == 1


def test_the_day_they_named_is_offered_as_the_day_of_the_return(
    rep: Client, accepted: Prospect, sam: Any
) -> None:
    page, today = reverse("staff-person", args=[accepted.pk]), timezone.localdate()

    def offered() -> tuple[Any, Any]:
        shown = rep.get(page).context
        return shown["suggested_return"], shown["call_form"]["return_on"].value()

    assert offered() == (today + timedelta(days=90), None)
    for days, wanted in ((200, 200), (-3, 1)):
        answer(
            prospect=accepted, question="timing", state="claimed", on=today + timedelta(days=days), by=sam,
            at=timezone.now(),
        )  # fmt: skip
        assert offered() == (today + timedelta(days=wanted),) * 2


def test_a_follow_up_needs_a_day(rep: Client, accepted: Prospect) -> None:
    before = FollowUp.objects.count()
    answer = rep.post(address("staff-follow-up", accepted), {"next_kind": "call"})
    assert answer.status_code == 422
    assert FollowUp.objects.count() == before


def test_a_promise_is_ticked_off_once(rep: Client, cold: Prospect, sam: Any) -> None:
    promise = FollowUp.objects.get(prospect=cold)
    for _n in range(2):
        assert rep.post(reverse("staff-follow-up-done", args=[promise.pk])).status_code == 302
    promise.refresh_from_db()
    assert promise.done_by == sam


def test_a_meeting_is_booked_and_held(rep: Client, accepted: Prospect) -> None:
    day = timezone.localdate() + timedelta(days=2)
    rep.post(
        address("staff-meeting", accepted), {"day": day.isoformat(), "clock": "13:00", "subject": "Demo"}
    )
    meeting = Meeting.objects.get(prospect=accepted)
    rep.post(reverse("staff-meeting-done", args=[meeting.pk]), {"outcome": "held"})
    meeting.refresh_from_db()
    assert meeting.outcome == "held"


def test_the_story_can_show_one_side(rep: Client, accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam, note="Ours alone")
    assert "Ours alone" in rep.get(address("staff-person", accepted) + "?show=ours").content.decode()
    assert "Ours alone" not in rep.get(address("staff-person", accepted) + "?show=touches").content.decode()


def test_no_style_and_no_script_is_inline(rep: Client, accepted: Prospect) -> None:
    page = rep.get(address("staff-person", accepted)).content.decode()
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<script>" not in page


def test_a_contact_who_never_was_a_lead_is_not_said_to_return_to_nurture(rep: Client, cold: Prospect) -> None:
    where = reverse("staff-person", args=[cold.pk])
    assert "returns to nurture<" not in rep.get(where).content.decode()
    rep.post(reverse("staff-reject", args=[cold.pk]), {"reason": "no-budget"})
    page = rep.get(where).content.decode()
    assert (
        "stays a contact." in page and "Stays a contact" in page and "returns to nurture" not in page.lower()
    )


def test_a_lead_is_said_to_return_to_nurture(rep: Client, inbound: Prospect) -> None:
    where = reverse("staff-person", args=[inbound.pk])
    rep.post(reverse("staff-reject", args=[inbound.pk]), {"reason": "no-budget"})
    assert "Returns to nurture" in rep.get(where).content.decode()
