"""Screens of staff are English; what visitors read follows their browser."""

import pytest

pytestmark = pytest.mark.django_db
GERMAN = {"headers": {"accept-language": "de"}}


def test_staff_with_a_german_browser_read_english(client, maya):
    client.force_login(maya)
    for address in ("/staff/", "/admin/campaigns/landingpage/add/"):
        answer = client.get(address, **GERMAN)
        assert answer["Content-Language"] == "en"
        assert '<html lang="de' not in answer.content.decode()


def test_a_visitor_with_a_german_browser_reads_german(client):
    answer = client.get("/privacy/", **GERMAN)
    assert answer["Content-Language"] == "de"
    assert "Datenschutz" in answer.content.decode()


def test_english_for_staff_does_not_stay_for_the_next_visitor(client, maya):
    client.force_login(maya)
    client.get("/staff/", **GERMAN)
    client.logout()
    assert "Datenschutz" in client.get("/privacy/", **GERMAN).content.decode()
