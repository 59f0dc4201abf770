"""Trying a form tells what would happen and keeps nothing of it."""

import pytest
from django.apps import apps
from django.urls import reverse

from campaigns.models import ConsentText
from leads.models import Message, Person, Submission
from leads.tests.builders import a_lead, a_page, a_sequence

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return a_page(sequence=a_sequence(), free_mailboxes="mark")


def send(client, page, **typed):
    typed = {"email": "mira@brackwerk.example", "consent": "on", **typed}
    return client.post(reverse("staff-form-trial", args=[page.pk]), typed)


def told(response):
    return {str(line.about): line.says for line in response.context["lines"]}


def rows():
    """Row counts of every table but those of the session."""
    models = [
        model for model in apps.get_models() if model._meta.app_label in ("campaigns", "leads", "prospects")
    ]
    return {model.__name__: model._default_manager.count() for model in models}


def test_a_trial_says_who_how_and_what_follows(client, maya, page):
    client.force_login(maya)
    said = told(send(client, page, came_with="utm_source=google&utm_medium=cpc&gclid=x"))
    assert said["Person"] == "new"
    assert said["Channel"] == "Paid search"
    assert said["Campaign"] == "bearing-paper"
    assert "guide-series begins" in said["Sequence"]
    assert "counts at once" in said["Consent"]
    assert "download" in said["Mail"]


def test_nothing_of_a_trial_is_kept(client, maya, page, mailoutbox):
    client.force_login(maya)
    before = rows()
    assert told(send(client, page))
    assert rows() == before
    assert not (
        Person.objects.exists() or Submission.objects.exists() or Message.objects.exists() or mailoutbox
    )


def test_somebody_known_is_found_and_marks_are_told(client, maya, page):
    a_lead("piet@gmail.com", first_name="Piet")
    client.force_login(maya)
    said = told(send(client, page, email="piet@gmail.com"))
    assert said["Person"] == "found: Piet"
    assert said["Mark"] == "free mailbox"


def test_a_consent_that_waits_says_so_and_starts_no_sequence(client, maya, page):
    page.double_opt_in = True
    page.save(update_fields=["double_opt_in"])
    client.force_login(maya)
    said = told(send(client, page))
    assert "waits for the mailbox" in said["Consent"]
    assert "does not begin" in said["Sequence"]


def test_a_filled_trap_is_told_as_quarantine(client, maya, page):
    client.force_login(maya)
    assert "honeypot" in told(send(client, page, website="x"))["Quarantine"]


def test_a_wrong_answer_comes_back_with_its_error(client, maya, page):
    client.force_login(maya)
    response = send(client, page, email="mira@brackwerk")
    assert response.status_code == 422
    assert "stops too early" in response.content.decode()


def test_a_page_in_another_language_is_tried_in_it(client, maya):
    words = ConsentText.objects.create(purpose="marketing", language="de", text="Ja, gern.")
    page = a_page("seite", language="de", consent_text=words)
    client.force_login(maya)
    html = client.get(reverse("staff-form-trial", args=[page.pk])).content.decode()
    assert '<div lang="de">' in html
    assert "Vorname" in html


def test_only_marketing_tries_forms(client, maya, sam, nora, page):
    for user, status in ((maya, 200), (sam, 403), (nora, 403)):
        client.force_login(user)
        assert client.get(reverse("staff-form-trial", args=[page.pk])).status_code == status, user


def test_the_editor_leads_to_the_trial_and_to_the_price_of_its_fields(client, maya, page):
    client.force_login(maya)
    change = reverse("admin:campaigns_landingpage_change", args=[page.pk])
    html = client.get(change).content.decode()
    assert "Try the form" in html
    assert "Price of its fields" in html
    trial = client.get(change.replace("change/", "try-form/"))
    assert trial["Location"] == reverse("staff-form-trial", args=[page.pk])
    price = client.get(change.replace("change/", "field-prices/"))
    assert price["Location"] == f"{reverse('staff-forms')}?page={page.slug}"


def test_the_country_of_phone_numbers_is_chosen_by_its_name(client, maya, page):
    client.force_login(maya)
    html = client.get(reverse("admin:campaigns_landingpage_change", args=[page.pk])).content.decode()
    assert ">Switzerland</option>" in html
