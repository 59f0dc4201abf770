"""Interested but not ready, said on the phone: a lead, and their own mailbox is asked before marketing writes."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.errors import Refused
from leads import tokens
from leads.models import ConsentEvent, Lead, Message, Submission, Touch
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.person_facts import facts_of
from leads.preferences import confirm, refuse
from leads.sending import gate, letters
from leads.tests.builders import a_sequence
from prospects.calls import calling
from prospects.models import Prospect
from prospects.tests.conftest import TUESDAY, later, make_cold, make_person, reason

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def agreed(cold: Prospect, by: Any, slug: str = "not-now", **more: Any) -> Any:
    given: dict[str, Any] = {"outcome": "conversation", "reason": reason(slug), "at": TUESDAY}
    if slug == "not-now":
        given["return_on"] = later(days=90).date()
    return calling.finish_call(prospect=cold, agreed=True, by=by, **(given | more))


@pytest.mark.parametrize("slug", ["not-now", "no-need"])
def test_who_agrees_becomes_a_lead_and_is_asked_by_mail(cold: Prospect, sam: Any, slug: str) -> None:
    agreed(cold, sam, slug)
    lead = Lead.objects.get(person=cold.person)
    assert (lead.status, lead.marketing_qualified_at, lead.first_touch) == ("nurturing", None, None)
    assert not Touch.objects.exists()
    asked = ConsentEvent.objects.get()
    assert (asked.pending, asked.given, asked.by, asked.at) == (True, True, sam, TUESDAY)
    assert asked.basis == "told Sam Okafor on the phone" and asked.text is not None
    mail = Message.objects.get()
    words = letters.letter(mail, TUESDAY).text.replace("\n", " ")
    assert "you told Sam Okafor that we may write to you" in words
    assert "because you told us" in words


def test_before_the_mailbox_says_yes_no_marketing_mail_goes(cold: Prospect, sam: Any, client: Client) -> None:
    agreed(cold, sam)
    sequence = a_sequence()
    enrol(person=cold.person, sequence=sequence, at=TUESDAY)
    advance(at=TUESDAY)
    mail = Message.objects.select_related("person", "enrolment__sequence").get(kind="sequence")
    assert gate.may_send(mail, TUESDAY).reason == gate.Why.NO_CONSENT
    address = reverse("confirm", args=[tokens.confirm_token(Submission.objects.get().pk)])
    assert cold.person.email in client.get(address).content.decode()
    client.post(address, {"do": "confirm"})
    mail.due_at = TUESDAY + 400 * DAY
    assert gate.may_send(mail, mail.due_at).ground.startswith("consent of")


def test_it_was_not_me_leaves_them_alone(cold: Prospect, sam: Any) -> None:
    agreed(cold, sam)
    form = Submission.objects.get()
    refuse(submission=form, at=later(days=1))
    confirm(submission=form, at=later(days=2))
    assert ConsentEvent.objects.latest("pk").given is False


def test_a_second_press_asks_once(cold: Prospect, sam: Any) -> None:
    key = uuid.uuid4()
    agreed(cold, sam, submit_key=key)
    agreed(Prospect.objects.get(pk=cold.pk), sam, submit_key=key)
    assert Message.objects.count() == ConsentEvent.objects.count() == Submission.objects.count() == 1


@pytest.mark.parametrize(
    "more",
    [{"slug": "do-not-contact"}, {"slug": "bad-fit"}, {"outcome": "gatekeeper"}, {"reason": None}],
)
def test_where_it_cannot_be_true_nothing_is_kept(cold: Prospect, sam: Any, more: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        agreed(cold, sam, **more)
    assert not cold.calls.exists() and not Lead.objects.exists() and not Message.objects.exists()


def test_without_an_address_there_is_nobody_to_ask(sam: Any) -> None:
    prospect = make_cold(sam, make_person(email="", email_key=None, phone="1", phone_key="+41445550148"))
    with pytest.raises(Refused, match="no e-mail address"):
        agreed(prospect, sam)


def test_the_call_form_asks_it_of_cold_contacts_only(
    cold: Prospect, accepted: Prospect, sam: Any, client: Client
) -> None:
    client.force_login(sam)
    words = "send them the confirmation"
    assert words in client.get(reverse("staff-person", args=[cold.pk])).content.decode()
    assert words not in client.get(reverse("staff-person", args=[accepted.pk])).content.decode()
    answers = {"outcome": "conversation", "agreed": "on", "next_in": "3"}
    said = client.post(reverse("staff-call", args=[cold.pk]), answers)
    assert said.status_code == 422 and "with which reason they go to nurture" in said.content.decode()
    answers = {"outcome": "conversation", "agreed": "on", "reason": "no-need"}
    assert client.post(reverse("staff-call", args=[cold.pk]), answers).status_code == 302
    assert ConsentEvent.objects.get().pending


def test_what_they_were_asked_is_no_source_of_what_we_know(cold: Prospect, sam: Any) -> None:
    before = [(line.key, line.source) for line in facts_of(cold.person) if line.key == "email"]
    agreed(cold, sam)
    assert [(line.key, line.source) for line in facts_of(cold.person) if line.key == "email"] == before
