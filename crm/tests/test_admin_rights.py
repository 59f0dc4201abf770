"""Who reaches which page of the admin. What nobody should reach by guessing an address is asked here."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

PAGES = {
    "maya": {
        "campaigns.campaign",
        "campaigns.landingpage",
        "campaigns.sequence",
        "leads.scoringmodel",
        "leads.lead",
        "leads.message",
        "leads.mailevent",
    },
    "sara": {
        "prospects.stage",
        "prospects.reason",
        "prospects.assignmentrule",
        "prospects.team",
        "prospects.rep",
        "prospects.absence",
        "prospects.holiday",
        "leads.scoringmodel",
        "leads.lead",
        "leads.message",
        "leads.mailevent",
    },
    "omar": {"leads.privacyrequest", "leads.inbound", "crm.user", "crm.jobrun", "crm.importrun"},
    "sam": set(),
    "vera": set(),
    "nora": set(),
}
ASKED = sorted(set().union(*PAGES.values()))


def page(label: str, name: str = "changelist") -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{name}")


@pytest.mark.parametrize("label", ASKED)
@pytest.mark.parametrize("who", PAGES)
def test_each_role_reaches_its_own_lists_and_no_other(who, label, request, client):
    client.force_login(request.getfixturevalue(who))
    answer = client.get(page(label))
    if label in PAGES[who]:
        assert answer.status_code == 200
    else:
        assert answer.status_code in (302, 403)


@pytest.mark.parametrize("who", ["maya", "sara"])
def test_only_an_operator_lets_people_in(who, request, client):
    client.force_login(request.getfixturevalue(who))
    assert client.get(page("crm.user", "add")).status_code == 403


def test_roles_are_no_groups_to_edit():
    assert "auth.group" not in {model._meta.label_lower for model in admin.site._registry}


@pytest.mark.parametrize("who", ["maya", "sara", "omar"])
def test_no_page_offers_to_delete(who, request, rf):
    asked = rf.get("/admin/")
    asked.user = request.getfixturevalue(who)
    assert not [page for page in admin.site._registry.values() if page.has_delete_permission(asked)]


def test_rows_that_verbs_write_have_no_add_or_change_page(maya, client):
    client.force_login(maya)
    for label in ("leads.lead", "leads.person", "leads.message", "leads.submission", "leads.consentevent"):
        assert client.get(page(label, "add")).status_code == 403


def test_an_operator_neither_sees_nor_makes_superusers(omar, client, django_user_model):
    boss = django_user_model.objects.create_superuser("boss")
    client.force_login(omar)
    url = reverse("admin:crm_user_change", args=[boss.pk])
    assert client.get(url).status_code == 302  # "does not exist"
    own = reverse("admin:crm_user_change", args=[omar.pk])
    assert b"is_superuser" not in client.get(own).content


@pytest.mark.parametrize(("who", "word"), [("maya", b"Whom we want"), ("sara", b"How sales work")])
def test_the_first_page_stands_in_the_order_of_work(who, word, request, client):
    client.force_login(request.getfixturevalue(who))
    assert word in client.get(reverse("admin:index")).content


def test_every_page_of_the_admin_opens(admin_client):
    for model in admin.site._registry:
        label = model._meta.label_lower
        # steps and other parts lead to the page of what they belong to
        assert admin_client.get(page(label), follow=True).status_code == 200, label
        assert admin_client.get(page(label, "add")).status_code in (200, 403), label
