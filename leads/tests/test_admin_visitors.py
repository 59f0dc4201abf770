"""Whose browser it was, in the admin: read by whoever sees leads, taken apart by whoever may change them."""

import pytest

from leads.models import Visitor, VisitorLink
from leads.tests.builders import NOON, a_lead

pytestmark = pytest.mark.django_db
LIST = "/admin/leads/visitorlink/"
PRESSED = {"_form_submitted": "True"}


@pytest.fixture
def link():
    visitor = Visitor.objects.create(first_seen_at=NOON)
    for name in ("anna", "ben"):
        person = a_lead(f"{name}@x.example", first_name=name.title()).person
        made = VisitorLink.objects.create(visitor=visitor, person=person, evidence="form", at=NOON)
    return made


def test_a_shared_browser_shows_its_people(client, maya, link):
    client.force_login(maya)
    html = client.get(LIST).content.decode()
    assert "Anna" in html
    assert "Ben" in html


def test_marketing_takes_it_apart(client, maya, link):
    client.force_login(maya)
    client.post(f"{LIST}{link.pk}/take-apart/", PRESSED)
    link.refresh_from_db()
    assert (link.unlinked_by, link.unlinked_at is not None) == (maya, True)


def test_nobody_adds_changes_or_deletes_a_link(client, maya, link):
    client.force_login(maya)
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{link.pk}/delete/").status_code == 403


def test_others_may_not(client, sam, nora, link):
    for user in (sam, nora):
        client.force_login(user)
        assert client.get(LIST).status_code in (302, 403)
        assert client.post(f"{LIST}{link.pk}/take-apart/", PRESSED).status_code in (302, 403)
    link.refresh_from_db()
    assert link.unlinked_at is None
