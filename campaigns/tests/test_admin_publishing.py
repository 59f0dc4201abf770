"""The publish buttons call verbs; a verb that says no is a message, not an error page."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from campaigns.models import FormField, LandingPage, PageState


@pytest.fixture
def draft(db):
    return LandingPage.objects.create(slug="ask", title="Ask an engineer", inquiry="contact")


def press(client, page, button, **headers):
    url = reverse("admin:campaigns_landingpage_change", args=[page.pk])
    return client.post(url.replace("change/", f"{button}/"), {"_form_submitted": "True"}, headers=headers)


def said(answer):
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_a_page_without_an_address_field_is_not_published(maya, client, draft):
    client.force_login(maya)
    answer = press(client, draft, "publish")
    draft.refresh_from_db()
    assert draft.state == PageState.DRAFT
    assert "a form field for the e-mail address" in said(answer)


def test_a_whole_page_is_published_and_the_version_is_kept(maya, client, draft):
    FormField.objects.create(page=draft, maps_to="email")
    client.force_login(maya)
    press(client, draft, "publish")
    draft.refresh_from_db()
    assert draft.state == PageState.PUBLISHED
    assert draft.history.first().history_user == maya


def test_pressing_twice_says_so_and_changes_nothing(maya, client, draft):
    FormField.objects.create(page=draft, maps_to="email")
    client.force_login(maya)
    press(client, draft, "publish")
    assert "Somebody was faster" in said(press(client, draft, "publish"))


def test_asking_first_changes_nothing(maya, client, draft):
    FormField.objects.create(page=draft, maps_to="email")
    client.force_login(maya)
    url = reverse("admin:campaigns_landingpage_change", args=[draft.pk]).replace("change/", "publish/")
    assert client.get(url).status_code == 200
    draft.refresh_from_db()
    assert draft.state == PageState.DRAFT


@pytest.mark.parametrize("who", ["sam", "sara", "nora"])
def test_nobody_else_may_press_it(who, request, client, draft):
    client.force_login(request.getfixturevalue(who))
    assert press(client, draft, "publish").status_code in (302, 403)
    draft.refresh_from_db()
    assert draft.state == PageState.DRAFT


def test_a_dialog_is_sent_on_to_the_page(maya, client, draft):
    client.force_login(maya)
    answer = press(client, draft, "put-away", **{"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].endswith(f"/{draft.pk}/change/")
