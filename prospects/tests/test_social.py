"""What passes on a social network: kept once, an act of the rep; an answer there is a touch of theirs."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.errors import Refused
from leads.models import Fact, Touch
from leads.nurture.enrolment import enrol
from leads.tests.builders import a_sequence
from prospects import social
from prospects.day.today import today
from prospects.models import FollowUp, Prospect, SocialTouch
from prospects.pipeline import reject
from prospects.team_board import Span, rows_of
from prospects.tests.conftest import TUESDAY, later, reason
from prospects.timeline import timeline

pytestmark = pytest.mark.django_db


def log(prospect: Prospect, by: Any, what: str = "wrote", **more: Any) -> SocialTouch:
    given = {"network": "linkedin", "at": later(hours=1)} | more
    return social.log_social(prospect=prospect, what=what, by=by, **given)


def promised(prospect: Prospect, by: Any, **columns: Any) -> FollowUp:
    given = {"kind": "social", "due_at": TUESDAY, "owner": by, "text": "Ask to connect"} | columns
    return FollowUp.objects.create(prospect=prospect, **given)


def test_it_stops_the_clock_and_ticks_off_what_was_due(inbound: Prospect, sam: Any) -> None:
    due, ahead = promised(inbound, sam), promised(inbound, sam, due_at=later(days=2))
    call = promised(inbound, sam, kind="call")
    log(inbound, sam)
    inbound.refresh_from_db()
    assert inbound.first_acted_at == later(hours=1)
    done = set(FollowUp.objects.exclude(done_at=None).values_list("pk", flat=True))
    assert done == {due.pk} and not {ahead.pk, call.pk} & done


def test_the_first_one_brings_a_cold_contact_to_contacting(cold: Prospect, sam: Any) -> None:
    log(cold, sam, "asked")
    assert [move.new.slug for move in cold.moves.all()] == ["to_contact", "contacting"]


def test_the_next_step_goes_in_with_it(cold: Prospect, sam: Any) -> None:
    log(cold, sam, follow_up={"kind": "call", "due_at": later(days=2), "text": "Ring"})
    assert cold.follow_ups.filter(text="Ring", due_at=later(days=2), owner=sam).exists()


def test_a_twin_of_the_form_answers_with_the_first(cold: Prospect, inbound: Prospect, sam: Any) -> None:
    key = uuid.uuid4()
    first = log(cold, sam, "answered", submit_key=key)
    assert log(cold, sam, "answered", submit_key=key) == first
    assert SocialTouch.objects.count() == 1 and cold.person.touches.count() == 1
    with pytest.raises(Refused, match="somebody else"):
        log(inbound, sam, submit_key=key)


def test_an_answer_is_theirs_and_ends_what_stops_on_a_reply(cold: Prospect, sam: Any) -> None:
    walk = enrol(person=cold.person, sequence=a_sequence("cadence", audience="prospects"), at=TUESDAY)
    log(cold, sam, "wrote")
    assert not Touch.objects.exists()
    log(cold, sam, "answered", text="Send me the sheet")
    walk.refresh_from_db()
    assert (walk.state, walk.exit_reason) == ("exited", "replied")
    touch = Touch.objects.get()
    assert (touch.kind, touch.channel.slug, touch.label) == ("reply", "social", "LinkedIn")
    with pytest.raises(ObjectDoesNotExist):
        _ = cold.person.lead  # an answer alone makes no lead: what it means is the rep's to say


def test_an_answer_stands_once_on_the_timeline_with_its_words(cold: Prospect, sam: Any) -> None:
    log(cold, sam, "asked")
    log(cold, sam, "answered", text="Send me the sheet", at=later(hours=2))
    lines = [line for line in timeline(cold.person) if line.sign in ("reply", "people")]
    assert [(line.what, line.about, line.side, line.said) for line in lines] == [
        ("They answered", "on LinkedIn", "theirs", "Send me the sheet"),
        ("Asked to connect", "on LinkedIn", "ours", ""),
    ]


def test_the_team_figure_counts_what_reps_did(cold: Prospect, sam: Any) -> None:
    log(cold, sam, "asked")
    log(cold, sam, "answered")
    span = Span(later(days=1), TUESDAY, later(days=1))
    assert [row.what for row in rows_of("social", span)] == ["asked"]
    assert not rows_of("conversations", span).exists()


@pytest.mark.parametrize(("network", "what"), [("myspace", "wrote"), ("linkedin", "poked"), ("", "")])
def test_what_nobody_knows_is_refused(cold: Prospect, sam: Any, network: str, what: str) -> None:
    with pytest.raises(Refused):
        log(cold, sam, what, network=network)


def test_strangers_and_closed_cycles_are_refused(cold: Prospect, sam: Any, maya: Any) -> None:
    with pytest.raises(Refused):
        log(cold, maya)
    reject(prospect=cold, reason=reason("no-need"), by=sam, at=TUESDAY)
    with pytest.raises(Refused, match="closed"):
        log(cold, sam)
    assert not SocialTouch.objects.exists()


def test_only_an_address_of_the_web_becomes_a_link(cold: Prospect) -> None:
    for field, value in (("linkedin", "https://linkedin.example/in/ada"), ("xing", "javascript:alert(1)")):
        Fact.objects.create(person=cold.person, field=field, value=value, source="staff", at=TUESDAY)
    assert social.profiles(cold.person) == {"linkedin": "https://linkedin.example/in/ada"}


# The pages.


def sent(prospect: Prospect, **answers: str) -> dict[str, str]:
    return {"what": "wrote", "network": "xing", "submit_key": str(uuid.uuid4()), "then": "today", **answers}


def test_from_the_day_to_the_form_and_back(cold: Prospect, sam: Any, client: Client) -> None:
    cold.follow_ups.all().delete()
    promised(cold, sam)
    client.force_login(sam)
    row = next(today(sam, TUESDAY).rows())
    assert (row.action, row.why) == ("social", "Ask to connect")
    address = reverse("staff-social", args=[cold.pk])
    page = client.get(reverse("staff-today")).content.decode()
    assert f'href="{address}?then=today"' in page
    form = client.get(f"{address}?then=today").content.decode()
    assert "Ask to connect" in form and 'name="then" value="today"' in form
    answer = client.post(address, sent(cold, text="Hello <b>", next_in="3", next_kind="call"))
    assert answer["Location"] == reverse("staff-today")
    row = SocialTouch.objects.get()
    assert (row.network, row.what, row.text, row.by) == ("xing", "wrote", "Hello <b>", sam)
    assert cold.follow_ups.filter(done_at=None).get().kind == "call"


def test_what_is_missing_is_said_beside_the_field(cold: Prospect, sam: Any, client: Client) -> None:
    client.force_login(sam)
    address = reverse("staff-social", args=[cold.pk])
    answer = client.post(address, sent(cold, what="", text="kept words"))
    assert answer.status_code == 422 and "kept words" in answer.content.decode()
    inside = client.post(address, {"network": "xing"}, headers={"HX-Request": "true"})
    assert (inside.status_code, inside["HX-Retarget"]) == (422, "#social")


def test_who_may(
    cold: Prospect, sam: Any, sara: Any, maya: Any, django_user_model: Any, client: Client
) -> None:
    other = django_user_model.objects.create_user("ben", "ben@averdahl.example", "x")
    other.groups.set(sam.groups.all())
    address = reverse("staff-social", args=[cold.pk])
    for user, status in ((sam, 200), (sara, 200), (maya, 403), (other, 404)):
        client.force_login(user)
        assert client.get(address).status_code == status
        assert client.post(address, {}).status_code == (422 if status == 200 else status)
    assert not SocialTouch.objects.exists()


def test_the_api_does_the_same(cold: Prospect, sam: Any, client: Client) -> None:
    client.force_login(sam)
    address = reverse("api-prospect-social", args=[cold.pk])

    def post(key: str, **body: Any) -> Any:
        return client.post(address, body, "application/json", headers={"Idempotency-Key": key})

    step = {"kind": "call", "due_at": (timezone.now() + timedelta(days=2)).isoformat()}
    asked = {"what": "answered", "network": "linkedin", "text": "Yes", "follow_up": step}
    first, again = post("a", **asked), post("a", **asked)
    assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
    assert SocialTouch.objects.count() == Touch.objects.filter(kind="reply").count() == 1
    assert post("a", **(asked | {"text": "No"})).status_code == 422
    assert post("b", what="poked", network="linkedin").json()["error"]["fields"].keys() == {"what"}
