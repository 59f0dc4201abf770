"""The queue of privacy requests: operators see it with its age and finish one with a note; nobody else does."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from leads import requests
from leads.models import PrivacyRequest
from leads.tests.builders import NOON, a_lead

pytestmark = pytest.mark.django_db
LIST = reverse("admin:leads_privacyrequest_changelist")


@pytest.fixture
def asked():
    found = requests.ask(person=a_lead().person, kind="export", at=NOON)
    return requests.confirm(request=found, at=NOON)


def done_url(asked):
    return reverse("admin:leads_privacyrequest_mark_done", args=[asked.pk])


@pytest.mark.parametrize(("who", "may"), [("omar", True), ("maya", False), ("sam", False), ("nora", False)])
def test_only_operators_see_and_finish(client, request, asked, who, may):
    client.force_login(request.getfixturevalue(who))
    assert (client.get(LIST).status_code == 200) is may
    client.post(done_url(asked), {"_form_submitted": "on", "note": "sent by mail"})
    asked.refresh_from_db()
    assert bool(asked.done_at) is may


def test_a_note_is_asked_for(client, omar, asked):
    client.force_login(omar)
    assert "What was done" in client.get(done_url(asked)).content.decode()
    client.post(done_url(asked), {"_form_submitted": "on", "note": ""})
    asked.refresh_from_db()
    assert asked.done_at is None


def test_the_done_one_says_who_and_what(client, omar, asked):
    client.force_login(omar)
    client.post(done_url(asked), {"_form_submitted": "on", "note": "sent by mail"})
    html = client.get(reverse("admin:leads_privacyrequest_change", args=[asked.pk])).content.decode()
    assert "sent by mail" in html
    assert "omar" in html


@pytest.mark.parametrize(("days", "word"), [(3, "to do"), (31, "late")])
def test_the_queue_says_how_long_somebody_waits(client, omar, asked, days, word):
    client.force_login(omar)
    with time_machine.travel(NOON + timedelta(days=days)):
        client.force_login(omar)
        html = client.get(LIST).content.decode()
    assert asked.receipt in html
    assert word in html
    assert ("3\xa0days" if days == 3 else "1\xa0month") in html


@pytest.mark.parametrize(("state", "found"), [("to_do", 1), ("unconfirmed", 0), ("done", 0)])
def test_the_queue_can_be_narrowed(client, omar, asked, state, found):
    client.force_login(omar)
    assert client.get(LIST, {"state": state}).content.decode().count(asked.receipt) == found


def test_nothing_here_can_be_added_changed_or_deleted(client, omar, asked):
    client.force_login(omar)
    assert client.get(f"{LIST}add/").status_code == 403
    client.post(reverse("admin:leads_privacyrequest_change", args=[asked.pk]), {"receipt": "X"})
    assert client.post(reverse("admin:leads_privacyrequest_delete", args=[asked.pk])).status_code == 403
    assert PrivacyRequest.objects.get().receipt == asked.receipt
