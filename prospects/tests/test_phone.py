"""What a phone system tells: signed, kept once, logged on the right prospect, or sorted out by hand."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.errors import Conflict
from leads.feedback.providers import sign
from leads.keyrings import keys
from prospects.calls import calling, log, phone
from prospects.models import Call, PhoneEvent, Prospect
from prospects.tests.conftest import later, make_inbound, make_person

pytestmark = pytest.mark.django_db

NUMBER = "+41446681800"


@pytest.fixture
def theirs(sam: Any) -> Prospect:
    """An open prospect of sam's whose number is known."""
    return make_inbound(sam, make_person(phone=NUMBER, phone_key=NUMBER))


def told(**more: Any) -> dict[str, Any]:
    at = (timezone.now() - timedelta(minutes=10)).isoformat()
    said = {
        "external_id": "c-1",
        "number": NUMBER,
        "direction": "out",
        "at": at,
        "seconds": 360,
        "answered": True,
    }
    return {**said, "recording": "https://pbx.example/r/1", "agent": "sam", **more}


def send(said: Any, *, key: str = "", source: str = "pbx") -> Any:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    seconds = str(int(timezone.now().timestamp()))
    signed = f"t={seconds},v1={sign(body, seconds, key or keys('hooks')[0])}"
    return Client(enforce_csrf_checks=True).post(
        reverse("hook-phone", args=[source]),
        body,
        "application/json",
        headers={"X-Headwater-Signature": signed},
    )


def test_a_call_of_the_owner_is_logged_once(theirs: Prospect, sam: Any) -> None:
    for _ in range(2):
        answer = send(told())
        assert (answer.status_code, answer.json()) == (200, {"kept": True, "logged": True})
    call = Call.objects.get()
    assert (call.prospect, call.by, call.outcome, call.minutes) == (theirs, sam, "conversation", 6)
    assert call.recording == "https://pbx.example/r/1"
    theirs.refresh_from_db()
    assert theirs.first_acted_at == call.at


@pytest.mark.parametrize(
    "said, outcome, planned",
    [
        ({"answered": False, "seconds": 0}, "no_answer", "Try 2"),
        ({"seconds": 20}, "voicemail", "Try 2"),
        ({"direction": "in", "seconds": 20}, "conversation", None),
        ({"direction": "in", "answered": False}, "no_answer", "They rang and nobody answered: call back"),
    ],
)
def test_what_a_machine_may_say_of_a_call(
    theirs: Prospect, said: dict, outcome: str, planned: str | None
) -> None:
    send(told(**said))
    step = theirs.follow_ups.filter(done_at=None).first()
    assert (Call.objects.get().outcome, step and step.text) == (outcome, planned)


def test_a_call_that_was_missed_is_no_act_of_ours(theirs: Prospect) -> None:
    send(told(direction="in", answered=False))
    theirs.refresh_from_db()
    assert theirs.first_acted_at is None and Call.objects.get().by is None


@pytest.mark.parametrize(
    "other", [{"agent": "sara"}, {"agent": "maya"}, {"agent": ""}, {"number": "+41446681899"}]
)
def test_a_strangers_prospect_gets_no_call(
    theirs: Prospect, sara: Any, maya: Any, other: dict[str, str]
) -> None:
    assert send(told(**other)).json() == {"kept": True, "logged": False}
    assert not Call.objects.exists() and PhoneEvent.objects.get().call is None


def test_what_the_rep_wrote_down_first_is_completed(theirs: Prospect, sam: Any) -> None:
    at = timezone.now() - timedelta(minutes=3)
    mine = log.log_call(prospect=theirs, outcome="gatekeeper", by=sam, at=at, note="Back at two.")
    send(told())
    mine.refresh_from_db()
    assert (Call.objects.get(), mine.outcome, mine.minutes) == (mine, "gatekeeper", 6)


@pytest.mark.parametrize("drawn_after", [True, False], ids=["the page knows", "the page is older"])
def test_the_reps_form_completes_what_the_machine_wrote(
    theirs: Prospect, sam: Any, drawn_after: bool
) -> None:
    send(told(seconds=20))
    row = calling.untold(theirs.calls.all()).get()
    words = {"note": "She was short of time.", "bant": {"need": {"state": "confirmed"}}}
    step = {"kind": "call", "due_at": timezone.now() + timedelta(days=2)}
    call = calling.finish_call(
        prospect=theirs,
        told=row if drawn_after else None,
        outcome="conversation",
        by=sam,
        at=timezone.now(),
        follow_up=step,
        **words,
    )
    assert (Call.objects.get(), call.outcome, call.minutes) == (row, "conversation", 0)
    assert not calling.untold(theirs.calls.all()).exists() and call.bant.count() == 1
    assert (
        theirs.follow_ups.get(done_at=None).due_at == step["due_at"]
    )  # what the rule had planned is done with


@pytest.mark.parametrize(
    "said, field",
    [
        (told(external_id=""), "external_id"),
        (told(direction="up"), "direction"),
        (told(at="yesterday"), "at"),
        (told(at="0001-01-01T00:00:00+14:00"), "at"),
        (told(at="2999-01-01T00:00:00Z"), "at"),
        (told(seconds=-1), "seconds"),
        (told(answered="no"), "answered"),
        (told(recording="javascript:alert(1)"), "recording"),
        (told(number="\ud800"), "number"),
        (told(number="\x00"), "number"),
        (told(at=5), "at"),
        ({}, "number"),
    ],
)
def test_errors_name_the_field(said: dict[str, Any], field: str) -> None:
    answer = send(said)
    assert answer.status_code == 400 and field in answer.json()["error"]["fields"]
    assert not PhoneEvent.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b"nothing", b'{"number": {"a": 1}}', b"[" * 20000])
def test_what_is_no_json_object_is_said_to_be_none(body: bytes) -> None:
    answer = send(body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_json")


def test_only_who_has_the_key_is_heard() -> None:
    assert send(told(), key="wrong").status_code == 403
    assert Client().post(reverse("hook-phone", args=["pbx"]), b"{}", "application/json").status_code == 403
    assert not PhoneEvent.objects.exists()


def waiting(agent: str = "sam", **more: Any) -> PhoneEvent:
    send(told(number="+41446681899", agent=agent, **more))
    return PhoneEvent.objects.latest("pk")


def test_a_person_says_whose_call_it_was(client: Client, theirs: Prospect, sam: Any) -> None:
    event = waiting()
    client.force_login(sam)
    page = client.get(reverse("staff-calls")).content.decode()
    assert "+41446681899" in page and 'href="https://pbx.example/r/1"' in page
    for _ in range(2):
        client.post(reverse("staff-call-attach", args=[event.pk]), {"prospect": theirs.pk})
    assert Call.objects.get().prospect == theirs
    assert "Nothing to sort out" in client.get(reverse("staff-calls")).content.decode()


def test_set_aside_is_done_with(client: Client, theirs: Prospect, sam: Any) -> None:
    event = waiting()
    client.force_login(sam)
    client.post(reverse("staff-call-aside", args=[event.pk]))
    assert not phone.to_sort(sam).exists()
    with pytest.raises(Conflict):
        phone.attach(event=event, prospect=theirs, by=sam, at=later())


def test_each_sees_their_own_and_a_manager_all(
    client: Client, theirs: Prospect, sam: Any, sara: Any, maya: Any
) -> None:
    event = waiting()
    waiting(agent="nobody", external_id="c-2")
    assert [phone.to_sort(user).count() for user in (sam, sara, maya)] == [1, 2, 0]  # sara is the manager
    client.force_login(maya)
    assert (
        client.post(reverse("staff-call-attach", args=[event.pk]), {"prospect": theirs.pk}).status_code == 403
    )
    client.force_login(sam)
    other = make_inbound(maya)
    assert (
        client.post(reverse("staff-call-attach", args=[event.pk]), {"prospect": other.pk}).status_code == 404
    )
    assert not Call.objects.exists()
