"""A form that would reach nobody, or asks twice, is refused before visitors see it; consent texts get versions."""

import pytest
from django.urls import reverse

from campaigns.consent_texts import new_version
from campaigns.errors import Refused
from campaigns.form_checks import form_problems
from campaigns.models import Asset, AssetKind, ConsentText, CustomField, FormField, LandingPage


@pytest.fixture
def ask(db):
    """A page for questions, without any field yet."""
    return LandingPage.objects.create(slug="ask", title="Ask an engineer", inquiry="contact")


def with_fields(page, *names, **columns):
    for order, name in enumerate(names):
        FormField.objects.create(page=page, maps_to=name, order=order, **columns)
    return form_problems(page)


def test_a_form_without_address_and_number_reaches_nobody(ask):
    assert with_fields(ask, "first_name") == ["a form field for the e-mail address or the phone number"]


def test_a_question_may_be_asked_with_a_number_alone(ask):
    assert with_fields(ask, "phone", "message") == []


def test_a_piece_that_is_mailed_needs_the_address(ask):
    ask.asset = Asset.objects.create(slug="a", title="A", kind=AssetKind.objects.first())
    assert with_fields(ask, "phone") == ["a form field for the e-mail address"]


def test_one_of_the_two_must_be_required(ask):
    assert "is required" in with_fields(ask, "email", "phone", required=False)[0]


def test_an_address_asked_later_is_none(ask):
    assert with_fields(ask, "email", later=True) == [
        "a form field for the e-mail address or the phone number"
    ]


def test_the_same_custom_field_twice_is_told(ask):
    custom = CustomField.objects.create(entity="person", key="plant", label="Plant")
    problems = with_fields(ask, "email") or with_fields(ask, "custom", "custom", custom_field=custom)
    assert problems == ["one field less for “Plant”: it is asked 2 times"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"entity": "company"}, "a custom field of a person"),
        ({"kind": "choice"}, "the choices of"),
    ],
)
def test_a_custom_field_that_does_not_fit_a_form_is_told(ask, columns, said):
    custom = CustomField.objects.create(**{"entity": "person", "key": "k", "label": "Plant"} | columns)
    FormField.objects.create(page=ask, maps_to="email")
    assert said in with_fields(ask, "custom", custom_field=custom)[0]


def test_a_line_without_its_custom_field_is_told(ask):
    FormField.objects.create(page=ask, maps_to="email")
    assert "the custom field of the line" in with_fields(ask, "custom")[0]


def test_words_of_consent_are_in_the_language_of_the_page(ask):
    ask.language, ask.consent_text = "de", ConsentText.objects.filter(language="en").first()
    assert "in the language of the page" in with_fields(ask, "email")[0]


def lines(*fields):
    """The posted table of fields."""
    data = {"fields-TOTAL_FORMS": len(fields), "fields-INITIAL_FORMS": 0}
    for number, field in enumerate(fields):
        data |= {f"fields-{number}-{name}": value for name, value in field.items()}
        data[f"fields-{number}-order"] = number
    return data


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (({"maps_to": "email"}, {"maps_to": "email"}), "The form asks this already"),
        (({"maps_to": "custom"},), "Choose a custom field"),
    ],
)
def test_the_editor_tells_lines_that_contradict_each_other(ask, client, maya, fields, said):
    client.force_login(maya)
    change = reverse("admin:campaigns_landingpage_change", args=[ask.pk])
    response = client.post(change, {"title": "Ask", "slug": "ask", "language": "en", **lines(*fields)})
    assert said in response.content.decode()


# Consent texts


def test_new_words_are_a_new_version_on_the_same_pages(ask, maya):
    old = ConsentText.objects.get(purpose="marketing")
    LandingPage.objects.filter(pk=ask.pk).update(consent_text=old)
    new = new_version(text=old, words="Other words.", by=maya, at=old.created_at)
    ask.refresh_from_db()
    old.refresh_from_db()
    assert (new.version, new.purpose, new.language) == (old.version + 1, old.purpose, old.language)
    assert (ask.consent_text, old.text == "Other words.") == (new, False)
    assert ask.history.first().history_user == maya


def test_the_same_words_are_no_version(ask, maya):
    old = ConsentText.objects.get(purpose="marketing")
    with pytest.raises(Refused):
        new_version(text=old, words=f" {old.text} ", by=maya, at=old.created_at)


def test_saving_a_text_in_the_admin_never_rewrites_it(client, maya, ask):
    old = ConsentText.objects.get(purpose="marketing")
    words = old.text
    client.force_login(maya)
    client.post(reverse("admin:campaigns_consenttext_change", args=[old.pk]), {"text": "Other words."})
    old.refresh_from_db()
    assert old.text == words
    assert ConsentText.objects.get(version=2, purpose="marketing").text == "Other words."


def test_a_text_says_on_which_pages_it_stands(client, maya, ask):
    old = ConsentText.objects.get(purpose="marketing")
    LandingPage.objects.filter(pk=ask.pk).update(consent_text=old)
    client.force_login(maya)
    html = client.get(reverse("admin:campaigns_consenttext_change", args=[old.pk])).content.decode()
    assert "Ask an engineer" in html


def test_a_second_text_of_a_purpose_gets_the_next_number(client, maya, ask):
    client.force_login(maya)
    client.post(
        reverse("admin:campaigns_consenttext_add"),
        {"purpose": "marketing", "language": "en", "text": "Third."},
    )
    assert ConsentText.objects.get(text="Third.").version == 2
