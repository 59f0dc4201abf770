"""A mailing from its one screen to its live view: who is held is told first, it starts once, it can be cancelled."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import EmailTemplate
from leads import consent
from leads.models import Enrolment, Mailing, Pause, Segment, SegmentCondition
from leads.tests.mail_world import a_reader

pytestmark = pytest.mark.django_db
NEW = "/staff/mailings/new/"


@pytest.fixture
def marketer(client: Client, maya: Any) -> Client:
    client.force_login(maya)
    return client


@pytest.fixture
def everybody() -> Segment:
    """Three leads: one may get it, one said no, one asked for a pause."""
    segment = Segment.objects.create(name="Everybody new")
    SegmentCondition.objects.create(segment=segment, field="status", value="new")
    people = [a_reader(f"reader{one}@maasland.example") for one in range(3)]
    consent.record_consent(person=people[1], purpose=consent.MARKETING, given=False, at=timezone.now())
    Pause.objects.create(person=people[2], until=timezone.now() + timedelta(days=9))
    return segment


def typed(segment: Segment, **more: Any) -> dict[str, Any]:
    template, _ = EmailTemplate.objects.get_or_create(
        slug="news", defaults={"name": "News", "subject": "One reading moves first", "body": "<p>Hello</p>"}
    )
    return {
        "submit_key": uuid.uuid4(), "name": "November news", "kind": "newsletter", "template": template.pk,
        "segment": segment.pk, "audience": "leads", "when": "now", "send_on": "", "send_at": "", **more,
    }  # fmt: skip


def made(marketer: Client, segment: Segment, **more: Any) -> Mailing:
    assert marketer.post(NEW, typed(segment, **more)).status_code == 302
    return Mailing.objects.get()


def send(marketer: Client, mailing: Mailing) -> Any:
    return marketer.post(f"/staff/mailings/{mailing.pk}/send/", looked_at(marketer, mailing), follow=True)


def looked_at(marketer: Client, mailing: Mailing) -> dict[str, str]:
    page = marketer.get(f"/staff/mailings/{mailing.pk}/")
    reasons = re.findall(r'name="(reason:[^"]+)"', page.content.decode())
    return {"seen": page.context["seen"], **dict.fromkeys(reasons, "known")}


def test_before_it_goes_out_one_sees_who_is_held_and_why(marketer: Client, everybody: Segment) -> None:
    mailing = made(marketer, everybody)
    seen = marketer.get(f"/staff/mailings/{mailing.pk}/").context["forecast"]
    assert (seen.people, seen.gets) == (3, 1)
    assert [(one.words, one.for_good, one.people) for one in seen.reasons] == [
        ("no consent to marketing mail", True, 1),
        ("the person asked for a pause", False, 1),
    ]
    assert not Enrolment.objects.exists()


def test_sending_starts_it_once_and_shows_what_becomes_of_it(marketer: Client, everybody: Segment) -> None:
    mailing = made(marketer, everybody)
    page = send(marketer, mailing)
    assert page.context["sums"].entered == 3
    marketer.post(f"/staff/mailings/{mailing.pk}/send/")
    assert Enrolment.objects.count() == 3


def test_what_was_changed_in_another_tab_is_looked_at_before_it_is_sent(
    marketer: Client, everybody: Segment
) -> None:
    mailing = made(marketer, everybody)
    form = looked_at(marketer, mailing)
    EmailTemplate.objects.update(subject="Something else")
    answer = marketer.post(f"/staff/mailings/{mailing.pk}/send/", form)
    assert answer.status_code == 409
    assert "have changed since you looked" in answer.content.decode()
    assert not Enrolment.objects.exists()


def test_a_form_sent_twice_is_one_mailing(marketer: Client, everybody: Segment) -> None:
    form = typed(everybody)
    marketer.post(NEW, form)
    marketer.post(NEW, form)
    assert Mailing.objects.count() == 1


def test_a_day_needs_its_time_and_may_not_be_over(marketer: Client, everybody: Segment) -> None:
    answer = marketer.post(NEW, typed(everybody, when="at", send_on="2020-01-01"))
    assert (answer.status_code, answer.context["form"].errors) == (422, {"send_at": ["At what time?"]})
    answer = marketer.post(NEW, typed(everybody, when="zones", send_on="2020-01-01", send_at="09:00"))
    assert answer.context["form"].errors == {"send_on": ["This time lies in the past."]}


def test_what_is_not_sent_can_be_changed_and_thrown_away(marketer: Client, everybody: Segment) -> None:
    mailing = made(marketer, everybody)
    url = f"/staff/mailings/{mailing.pk}"
    assert 'value="November news"' in marketer.get(f"{url}/change/").content.decode()
    marketer.post(f"{url}/change/", typed(everybody, name="December news"))
    mailing.sequence.refresh_from_db()
    assert mailing.sequence.name == "December news"
    marketer.post(f"{url}/cancel/")
    assert not marketer.get("/staff/mailings/").context["mailings"]


def test_a_mailing_that_waits_can_be_cancelled_for_those_who_have_not_got_it(
    marketer: Client, everybody: Segment
) -> None:
    day = (timezone.localdate() + timedelta(days=20)).isoformat()
    mailing = made(marketer, everybody, when="at", send_on=day, send_at="09:00")
    send(marketer, mailing)
    page = marketer.post(f"/staff/mailings/{mailing.pk}/cancel/", follow=True)
    assert "3 people who had not got it will not" in page.content.decode()
    assert page.context["standing"][1] == "cancelled"
    assert page.context["sums"].balanced


def test_the_form_counts_the_segment_while_one_types(marketer: Client, everybody: Segment) -> None:
    assert (
        "3 people are in it now"
        in marketer.get(f"/staff/mailings/count/?segment={everybody.pk}").content.decode()
    )
    assert marketer.get("/staff/mailings/count/?segment=x").content.decode().strip() == ""


def test_managers_look_marketing_sends_others_do_not_see_it(
    client: Client, everybody: Segment, maya: Any, sara: Any, sam: Any, nora: Any
) -> None:
    client.force_login(maya)
    mailing = made(client, everybody)
    for user, sees, writes in ((maya, 200, 200), (sara, 200, 403), (sam, 403, 403), (nora, 403, 403)):
        client.force_login(user)
        assert client.get("/staff/mailings/").status_code == sees, user
        assert client.get(f"/staff/mailings/{mailing.pk}/").status_code == sees, user
        assert client.get(NEW).status_code == writes, user
        if writes == 403:
            assert client.post(f"/staff/mailings/{mailing.pk}/send/").status_code == 403, user
