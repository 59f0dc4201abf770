"""Starting a sequence by hand, as it is done in the admin."""

import pytest
from django.urls import reverse

from campaigns.models import Sequence
from leads.models import Enrolment
from leads.tests.builders import a_lead, a_sequence

pytestmark = pytest.mark.django_db


def start(client, *people: int, **more):
    given = {"action": "start_sequence", "_selected_action": people, **more}
    return client.post(reverse("admin:leads_lead_changelist"), given)


def test_a_sequence_is_started_for_ticked_leads_with_a_word_for_each(client, maya):
    anna, sequence = a_lead("anna@x.example", first_name="Anna"), a_sequence()
    client.force_login(maya)
    assert "guide-series" in start(client, anna.pk).content.decode()
    assert not Enrolment.objects.exists()
    page = start(client, anna.pk, sequence=sequence.pk).content.decode()
    assert "Anna" in page and "begins now" in page
    assert Enrolment.objects.get().by == maya
    assert "is on it already" in start(client, anna.pk, sequence=sequence.pk).content.decode()


def test_only_what_is_live_can_be_started(client, maya):
    anna, sequence = a_lead("anna@x.example"), a_sequence()
    Sequence.objects.update(state="paused")
    client.force_login(maya)
    start(client, anna.pk, sequence=sequence.pk)
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize("who", ["sam", "nora"])
def test_others_start_nothing(client, request, who):
    anna, sequence = a_lead("anna@x.example"), a_sequence()
    client.force_login(request.getfixturevalue(who))
    assert start(client, anna.pk, sequence=sequence.pk).status_code in (302, 403)
    assert not Enrolment.objects.exists()
