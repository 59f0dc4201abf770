"""Hits and their verdicts in the admin: seen by marketing, edited by nobody."""

import pytest
from django.urls import reverse

from leads.models import Verdict
from leads.tests.builders import NOON
from leads.tests.judging_world import a_hit

pytestmark = pytest.mark.django_db
LIST = "admin:leads_hit_changelist"


@pytest.fixture
def hit():
    found = a_hit(path="/p/guide/", at=NOON)
    for version, verdict in enumerate(("human", "machine"), 1):
        Verdict.objects.create(hit=found, version=version, verdict=verdict, reasons=f"as {version} saw it")
    return found


def test_marketing_sees_them_and_others_do_not(client, hit, maya, sam, nora, omar):
    for user, status in ((maya, 200), (sam, 302), (nora, 302), (omar, 403)):
        client.force_login(user)
        assert client.get(reverse(LIST)).status_code == status, user


def test_the_latest_verdict_is_shown_and_the_earlier_one_kept(client, hit, maya):
    client.force_login(maya)
    page = client.get(reverse(LIST)).content.decode()
    assert "as 2 saw it" in page and "as 1 saw it" not in page
    assert "as 1 saw it" in client.get(reverse("admin:leads_hit_change", args=[hit.pk])).content.decode()


def test_the_list_is_narrowed_by_the_latest_verdict(client, hit, maya):
    client.force_login(maya)
    for verdict, many in (("machine", 1), ("human", 0), ("none", 0)):
        found = client.get(reverse(LIST), {"verdict": verdict})
        assert found.context["cl"].result_count == many, verdict


def test_nobody_edits_a_verdict(client, hit, admin_user):
    client.force_login(admin_user)
    client.post(reverse("admin:leads_hit_change", args=[hit.pk]), {"path": "/changed/"})
    hit.refresh_from_db()
    assert hit.path == "/p/guide/"
    assert client.get(reverse("admin:leads_hit_add")).status_code == 403
