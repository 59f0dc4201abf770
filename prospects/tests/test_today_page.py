"""/staff/today/: the next person opened, each row with its reason, verdicts in place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from leads.models import Person
from prospects.models import Meeting, Prospect
from prospects.tests.conftest import make_inbound, make_person

TODAY = "/staff/today/"


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


def test_the_most_urgent_person_stands_opened(rep: Client, inbound: Prospect) -> None:
    page = rep.get(TODAY)
    assert page.context["day"].next.prospect == inbound
    assert "Up next" in page.content.decode()
    assert inbound.person.name in page.content.decode()


def test_each_row_says_why_it_is_there(rep: Client, sam: Any) -> None:
    for _n in range(3):
        make_inbound(sam, make_person())
    assert rep.get(TODAY).content.decode().count("Asked for contact") == 3


def test_an_empty_day_offers_the_next_action(rep: Client) -> None:
    page = rep.get(TODAY).content.decode()
    assert "All done" in page
    assert reverse("staff-cold-new") in page


def test_accepting_leads_back_to_the_day(rep: Client, inbound: Prospect) -> None:
    answer = rep.post(reverse("staff-accept", args=[inbound.pk]), {"then": "today"})
    assert answer["Location"] == TODAY
    assert Prospect.objects.get(pk=inbound.pk).verdict == "accepted"


def test_htmx_gets_the_inside_of_the_page_with_the_message(rep: Client, inbound: Prospect) -> None:
    said = {"HX-Request": "true"}
    answer = rep.post(
        reverse("staff-accept", args=[inbound.pk]), {"then": "today"}, headers=said, follow=True
    )
    page = answer.content.decode()
    assert "<html" not in page
    assert 'id="toasts"' in page
    assert "is yours" in page


def test_accepting_twice_shows_the_new_state(rep: Client, inbound: Prospect) -> None:
    rep.post(reverse("staff-accept", args=[inbound.pk]), {"then": "today"})
    again = rep.post(reverse("staff-accept", args=[inbound.pk]), {"then": "today"})
    assert again.status_code == 409
    page = again.content.decode()
    assert "Contacting" in page
    assert f'href="{TODAY}"' in page


def test_a_reason_carries_its_outcome(rep: Client, inbound: Prospect) -> None:
    page = rep.get(TODAY).content.decode()
    assert "Student" in page
    rep.post(reverse("staff-reject", args=[inbound.pk]), {"reason": "student", "then": "today"})
    prospect = Prospect.objects.select_related("stage", "person__lead").get(pk=inbound.pk)
    assert prospect.stage.kind == "disqualified"
    assert prospect.person.lead.status == "disqualified"


def test_not_now_asks_for_the_day(rep: Client, inbound: Prospect) -> None:
    answer = rep.post(reverse("staff-reject", args=[inbound.pk]), {"reason": "not-now", "then": "today"})
    assert answer.status_code == 422
    assert "Say on which day this person comes back." in answer.content.decode()
    assert not Prospect.objects.get(pk=inbound.pk).verdict


def test_not_now_with_a_day_returns_on_it(rep: Client, inbound: Prospect) -> None:
    day = timezone.localdate() + timedelta(days=30)
    rep.post(reverse("staff-reject", args=[inbound.pk]), {"reason": "not-now", "return_on": day.isoformat()})
    assert Prospect.objects.get(pk=inbound.pk).return_on == day


def test_the_wrong_person_leads_to_the_question_who_is_the_right_one(rep: Client, inbound: Prospect) -> None:
    Person.objects.filter(pk=inbound.person_id).update(company_name="Works & Co")
    where = reverse("staff-reject", args=[inbound.pk])
    answer = rep.post(where, {"reason": "wrong-person", "then": "today"}, headers={"HX-Request": "true"})
    page = rep.get(answer["HX-Redirect"]).content.decode()
    assert "Who is the right one at Works &amp; Co?" in page
    asked = reverse("staff-cold-new") + "?company=Works%20%26%20Co"
    assert asked in page
    assert rep.get(asked).context["form"].initial["company"] == "Works & Co"


def test_other_reasons_ask_for_nobody(rep: Client, inbound: Prospect) -> None:
    answer = rep.post(reverse("staff-reject", args=[inbound.pk]), {"reason": "no-budget", "then": "today"})
    assert answer["Location"] == TODAY
    page = rep.get(reverse("staff-person", args=[inbound.pk])).content.decode()
    assert "Who is the right one" not in page


def test_a_long_section_shows_its_first_rows_and_all_on_asking(rep: Client, sam: Any) -> None:
    for _one in range(23):
        make_inbound(sam)
    page = rep.get(TODAY).content.decode()
    assert page.count('class="task"') == 20 and "Show all 22" in page  # the most urgent stands opened above
    page = rep.get(f"{TODAY}?show=new").content.decode()
    assert page.count('class="task"') == 22 and "Show all" not in page


def test_somebody_without_a_rep_can_be_taken_once(
    rep: Client, inbound: Prospect, sara: Any, sam: Any
) -> None:
    Prospect.objects.filter(pk=inbound.pk).update(owner=None)
    assert inbound.person.name in rep.get(TODAY).content.decode()
    assert rep.post(reverse("staff-take", args=[inbound.pk])).status_code == 302
    rep.force_login(sara)
    assert rep.post(reverse("staff-take", args=[inbound.pk])).status_code == 409
    assert Prospect.objects.get(pk=inbound.pk).owner == sam


def test_the_number_of_queries_does_not_grow(rep: Client, sam: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            rep.get(TODAY)
        return len(seen)

    make_inbound(sam, make_person())
    make_inbound(sam, make_person())
    few = queries()
    for _n in range(6):
        make_inbound(sam, make_person())
    assert queries() == few


def test_a_prospect_without_a_next_step_is_red(rep: Client, accepted: Prospect) -> None:
    page = rep.get(TODAY).content.decode()
    assert 'class="chip chip-bad"' in page and "No next step is planned" in page


def test_a_meeting_that_is_over_asks_how_it_went(rep: Client, accepted: Prospect, sam: Any) -> None:
    now = timezone.now()
    meeting = Meeting.objects.create(prospect=accepted, at=now - timedelta(days=2), by=sam)
    make_inbound(sam, make_person())
    assert "Say how the meeting went" in rep.get(TODAY).content.decode()
    rep.post(reverse("staff-meeting-done", args=[meeting.pk]), {"outcome": "no_show", "then": "today"})
    meeting.refresh_from_db()
    assert meeting.outcome == "no_show"
    assert "Say how the meeting went" not in rep.get(TODAY).content.decode()


def test_anybody_of_the_day_can_be_opened_first(rep: Client, inbound: Prospect, sam: Any) -> None:
    other = make_inbound(sam, make_person())
    for first in (inbound, other):
        assert rep.get(TODAY, {"first": first.pk}).context["day"].next.prospect == first
    assert rep.get(TODAY, {"first": "x"}).context["day"].next.prospect == inbound
