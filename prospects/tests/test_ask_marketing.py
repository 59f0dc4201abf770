"""Ask marketing: an item on their list, of the person only what they may see; one answer, and the rep hears it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.errors import Conflict, Refused
from prospects.feedback import requests
from prospects.models import MarketingRequest, Notice, Prospect
from prospects.tests.conftest import TUESDAY, later, make_inbound


def ask(prospect: Prospect, by: Any, **more: Any) -> MarketingRequest:
    asked = {"kind": "content", "text": "A sheet on coolant prices", **more}
    return requests.ask(prospect=prospect, by=by, at=TUESDAY, **asked)


def test_asked_twice_with_one_key_is_one_item(inbound: Prospect, sam: Any) -> None:
    key = uuid.uuid4()
    assert ask(inbound, sam, submit_key=key).pk == ask(inbound, sam, submit_key=key).pk


def test_an_empty_question_and_a_stranger_are_refused(inbound: Prospect, sam: Any, vera: Any) -> None:
    for by, text in ((sam, "  "), (vera, "Why?")):
        with pytest.raises(Refused):
            ask(inbound, by, text=text)
    assert not MarketingRequest.objects.exists()


def test_an_answer_reaches_the_rep_once_and_the_second_colleague_sees_the_first(
    inbound: Prospect, sam: Any, maya: Any
) -> None:
    asked = ask(inbound, sam)
    requests.answer(request=asked, state="done", words="It is in the library", by=maya, at=later(hours=1))
    with pytest.raises(Conflict) as lost:
        requests.answer(request=asked, state="declined", words="No", by=maya, at=later(hours=2))
    assert "done by Maya Brunner" in lost.value.now
    told = Notice.objects.get(kind=Notice.Kind.ANSWERED)
    assert told.user == sam
    assert "It is in the library" in told.text


def test_declining_needs_a_why(inbound: Prospect, sam: Any, maya: Any) -> None:
    with pytest.raises(Refused):
        requests.answer(request=ask(inbound, sam), state="declined", words=" ", by=maya, at=TUESDAY)


def test_marketing_sees_its_leads_but_no_cold_contact(
    inbound: Prospect, cold: Prospect, sam: Any, maya: Any, client: Client
) -> None:
    ask(inbound, sam, text="About the lead")
    ask(cold, sam, text="About the cold one")
    client.force_login(maya)
    page = client.get(reverse("staff-asked")).content.decode()
    assert "About the lead" in page
    assert "About the cold one" in page
    assert inbound.person.name in page
    assert cold.person.last_name not in page


def test_the_panel_shows_what_was_asked_and_answered(
    inbound: Prospect, sam: Any, maya: Any, client: Client
) -> None:
    client.force_login(sam)
    address = reverse("staff-ask-marketing", args=[inbound.pk])
    form = {"kind": "wrong_fact", "field": "company_size", "text": "They are 40 people"}
    assert client.post(address, form).status_code == 302
    requests.answer(
        request=MarketingRequest.objects.get(), state="done", words="Mended", by=maya, at=later(hours=1)
    )
    page = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "They are 40 people" in page
    assert "Mended" in page
    assert "Company size" in page


def test_who_may_ask_and_who_may_answer(
    inbound: Prospect, sam: Any, sara: Any, maya: Any, vera: Any, client: Client
) -> None:
    theirs = make_inbound(sara)
    asked = ask(inbound, sam)
    address = reverse("staff-ask-marketing", args=[inbound.pk])
    others = reverse("staff-ask-marketing", args=[theirs.pk])
    for user, status, of_others, of_list in (
        (sam, 200, 404, 403), (sara, 200, 200, 403), (maya, 403, 403, 200), (vera, 403, 403, 403),
    ):  # fmt: skip
        client.force_login(user)
        assert client.get(address).status_code == status, user
        assert client.get(others).status_code == of_others, user
        assert client.get(reverse("staff-asked")).status_code == of_list, user
        if user != maya:
            answer = client.post(reverse("staff-asked-answer", args=[asked.pk]), {"state": "done"})
            assert answer.status_code == 403, user
    asked.refresh_from_db()
    assert asked.state == "open"


def test_marketing_answers_from_the_list(inbound: Prospect, sam: Any, maya: Any, client: Client) -> None:
    asked = ask(inbound, sam)
    client.force_login(maya)
    address = reverse("staff-asked-answer", args=[asked.pk])
    assert client.post(address, {"state": "declined", "words": ""}).status_code == 422
    assert client.post(address, {"state": "done", "words": "Here"}).status_code == 302
    assert client.post(address, {"state": "done", "words": "Again"}).status_code == 409
