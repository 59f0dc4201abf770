"""A custom field of a person: asked by forms, kept as a fact, shown with its label, written into mails."""

import pytest
from django.urls import reverse

from campaigns.mail import merge
from campaigns.mail.checks import check_template
from campaigns.models import CustomField, FormField
from leads.models import Fact, Message
from leads.nurture.enrolment import enrol
from leads.person_facts import facts_of
from leads.sending.letters import letter
from leads.tests.builders import NOON, a_lead, a_page, a_sequence

pytestmark = pytest.mark.django_db
WORDS = '<p>Your {{ person.custom_plant | default: "plant" }}</p>'


@pytest.fixture
def plant():
    return CustomField.objects.create(entity="person", key="plant", label="Plant", kind="text")


@pytest.fixture
def piet():
    return a_lead().person


def a_letter(person, body):
    sequence = a_sequence(mails=1)
    sequence.versions.last().steps.get().words.update(body=body)
    run = enrol(person=person, sequence=sequence, at=NOON)
    message = Message(
        key="k",
        message_id="<k@x>",
        kind="sequence",
        person=person,
        enrolment=run,
        step=run.version.steps.first(),
    )
    return letter(message, NOON).text


def test_a_mail_says_the_answer_or_its_default(plant, piet):
    words = '<p>Your {{ person.custom_plant | default: "plant" }}</p><p><a href="https://averdahl.example/a">x</a></p>'
    assert "Your plant" in a_letter(piet, words)


def test_a_mail_says_what_the_person_answered(plant, piet):
    Fact.objects.create(person=piet, field="custom_plant", value="Paper <mill>", source="said", at=NOON)
    words = '<p>Your {{ person.custom_plant | default: "plant" }}</p><p><a href="https://averdahl.example/a">x</a></p>'
    assert "Your Paper <mill>" in a_letter(piet, words)


def test_a_template_may_name_custom_fields_that_there_are(plant):
    assert check_template("Hello", WORDS) == []
    wrong = check_template("Hello", WORDS.replace("plant |", "planet |"))
    assert "there is no field “person.custom_planet”" in wrong[0]


def test_a_custom_field_needs_a_default_like_any_other():
    found = merge.problems("{{ person.custom_plant }}", html=False, custom=["plant"])
    assert "may be empty" in found[0]


def test_the_lead_page_names_it_by_its_label(plant, piet):
    Fact.objects.create(person=piet, field="custom_plant", value="Paper mill", source="said", at=NOON)
    assert ("Plant", "Paper mill") in [(str(line.label), line.value) for line in facts_of(piet)]


def test_the_key_of_a_new_field_is_a_word_of_mails_and_imports(client, maya):
    client.force_login(maya)
    typed = {"entity": "person", "label": "Plant size", "key": "Plant-Size", "kind": "number", "choices": ""}
    client.post(reverse("admin:campaigns_customfield_add"), typed)
    assert CustomField.objects.get().key == "plant_size"


def test_a_list_without_choices_is_told_so(client, maya):
    client.force_login(maya)
    typed = {"entity": "person", "label": "Plant", "key": "plant", "kind": "choice", "choices": " "}
    response = client.post(reverse("admin:campaigns_customfield_add"), typed)
    assert "A list needs its choices" in response.content.decode()


def test_kind_and_key_stay_once_answers_may_hang_on_them(client, maya, plant):
    client.force_login(maya)
    change = reverse("admin:campaigns_customfield_change", args=[plant.pk])
    client.post(change, {"label": "Works", "kind": "number", "key": "x", "entity": "company", "choices": ""})
    plant.refresh_from_db()
    assert (plant.label, plant.kind, plant.key, plant.entity) == ("Works", "text", "plant", "person")


def test_only_marketing_defines_fields(client, maya, sam, nora):
    for user, status in ((maya, 200), (sam, 302), (nora, 302)):  # the admin sends others to its login
        client.force_login(user)
        assert client.get(reverse("admin:campaigns_customfield_add")).status_code == status, user


def test_a_form_field_names_its_custom_field(plant):
    page = a_page()
    FormField.objects.create(page=page, maps_to="custom", custom_field=plant, required=False, order=9)
    from leads.forms import CaptureForm

    assert CaptureForm(page=page)["custom_plant"].label == "Plant"
