"""/staff/doubles/: who may look, what is shown, and that a press does what it says, once."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leads.models import Merge, Person, PrivacyRequest, Twin
from leads.tests.builders import NOON, a_lead
from leads.twins.finding import find_all

pytestmark = pytest.mark.django_db
QUEUE = "staff-doubles"


@pytest.fixture
def twins():
    one = a_lead("anna@acme.example", first_name="Anna", last_name="Keller", company_name="Acme").person
    two = a_lead("a.keller@acme.example", first_name="Ana", last_name="Keller", company_name="Acme").person
    find_all(at=NOON)
    return one, two


def address(twins, name="staff-double"):
    return reverse(name, args=[twins[0].pk, twins[1].pk])


def posted(twins, **more):
    return {"keep": twins[0].pk, "submit_key": uuid4(), **more}


@pytest.mark.parametrize(
    ("who", "status"), [("maya", 200), ("sara", 200), ("sam", 403), ("vera", 403), ("omar", 403), ("nora", 403)]
)  # fmt: skip
def test_marketing_and_managers_look_at_doubles(client, twins, request, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(QUEUE)).status_code == status
    assert client.get(address(twins)).status_code == status


@pytest.mark.parametrize(("who", "merges"), [("maya", 1), ("sara", 1), ("sam", 0), ("vera", 0), ("nora", 0)])
def test_nobody_else_changes_anything(client, twins, request, who, merges):
    client.force_login(request.getfixturevalue(who))
    client.post(address(twins), posted(twins))
    assert Merge.objects.count() == merges
    client.post(reverse("staff-merge-undo", args=[Merge.objects.first().pk if merges else 1]))
    assert Merge.objects.exclude(undone_at=None).count() == merges


def test_both_stand_beside_each_other(client, maya, twins):
    client.force_login(maya)
    assert "Ana Keller" in client.get(reverse(QUEUE)).content.decode()
    page = client.get(address(twins)).content.decode()
    assert "anna@acme.example" in page
    assert "a.keller@acme.example" in page


def test_the_values_of_the_chosen_side_stay(client, maya, twins):
    client.force_login(maya)
    answer = client.post(address(twins), posted(twins, first_name=twins[1].pk, email=twins[0].pk))
    assert answer.status_code == 302
    kept = Person.objects.get(pk=twins[0].pk)
    assert (kept.first_name, kept.email_key) == ("Ana", "anna@acme.example")
    assert "Take back" in client.get(answer["Location"]).content.decode()


def test_a_second_press_merges_nothing_more(client, maya, twins):
    client.force_login(maya)
    data = posted(twins)
    client.post(address(twins), data)
    assert client.post(address(twins), data).status_code == 302
    assert Merge.objects.count() == 1
    assert client.post(address(twins), posted(twins)).status_code == 409


def test_what_was_changed_since_is_named_at_the_undo(client, maya, twins):
    client.force_login(maya)
    client.post(address(twins), posted(twins, first_name=twins[1].pk))
    Person.objects.filter(pk=twins[0].pk).update(first_name="Annegret")
    answer = client.post(reverse("staff-merge-undo", args=[Merge.objects.get().pk]), follow=True)
    assert "first name (1)" in answer.content.decode()
    assert client.post(reverse("staff-merge-undo", args=[Merge.objects.get().pk])).status_code == 409


def test_a_refusal_says_why_and_keeps_the_page(client, maya, twins):
    PrivacyRequest.objects.create(person=twins[1], kind="erasure", receipt="R1")
    client.force_login(maya)
    answer = client.post(address(twins), posted(twins))
    assert answer.status_code == 422
    assert "privacy request" in answer.content.decode()


@pytest.mark.parametrize("wrong", [{"keep": "999"}, {"keep": ""}, {"submit_key": "x"}, {"email": "999"}])
def test_what_nobody_can_have_chosen_is_refused(client, maya, twins, wrong):
    client.force_login(maya)
    assert client.post(address(twins), posted(twins) | wrong).status_code == 422
    assert not Merge.objects.exists()


def test_two_people_leave_the_queue_and_can_come_back(client, maya, twins):
    client.force_login(maya)
    differs = address(twins, "staff-double-differs")
    client.post(differs)
    assert Twin.objects.get().state == "different"
    assert "Ana Keller" not in client.get(reverse(QUEUE)).content.decode()
    client.post(differs, {"again": "1"})
    assert Twin.objects.get().state == "open"
    assert client.get(differs).status_code == 405


def test_an_unknown_or_erased_person_is_not_found(client, maya, twins):
    client.force_login(maya)
    assert client.get(reverse("staff-double", args=[twins[0].pk, 9999])).status_code == 404
    assert client.get(reverse("staff-double", args=[twins[0].pk, twins[0].pk])).status_code == 404
    Person.objects.filter(pk=twins[1].pk).update(erased_at=NOON)
    assert client.get(address(twins)).status_code == 404


def test_a_merged_person_is_in_no_list_and_their_address_leads_on(client, maya, twins):
    client.force_login(maya)
    client.post(address(twins), posted(twins))
    listed = client.get(reverse("staff-leads")).content.decode()
    assert listed.count("Keller</a>") == 1
    answer = client.get(reverse("staff-lead", args=[twins[1].pk]))
    assert answer["Location"] == reverse("staff-lead", args=[twins[0].pk])


def statements(client) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse(QUEUE))
    return len(asked)


def test_the_queue_costs_the_same_however_long(client, maya, twins):
    client.force_login(maya)
    client.get(reverse(QUEUE))  # what is kept in memory is read once
    one_pair = statements(client)
    for number in range(12):
        a_lead(f"p{number}@acme.example", first_name="Ana", last_name="Keller", company_name="Acme")
    find_all(at=NOON)
    assert statements(client) == one_pair
