"""The table of roles: each entry names a real permission, and each role has what it should and no more."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from crm.roles import ROLES, set_up_roles

MAY = {
    "maya": ["campaigns.change_campaign", "leads.view_lead", "prospects.see_outcomes", "crm.view_reports"],
    "sam": ["prospects.work_prospects", "crm.view_reports"],
    "sara": ["leads.view_lead", "prospects.manage_prospects", "prospects.see_outcomes"],
    "omar": ["crm.change_user", "crm.view_status", "crm.operate_jobs", "leads.import_history"],
    "vera": ["crm.view_reports"],
    "nora": [],
}
MAY_NOT = {
    "maya": ["prospects.work_prospects", "crm.change_user", "crm.view_status", "leads.import_history"],
    "sam": ["leads.view_lead", "campaigns.change_campaign", "prospects.manage_prospects", "crm.change_user"],
    "sara": ["campaigns.change_campaign", "crm.change_user", "crm.operate_jobs"],
    "omar": ["campaigns.change_campaign", "prospects.work_prospects", "leads.change_lead"],
    "vera": ["leads.view_lead", "prospects.work_prospects", "prospects.see_outcomes", "crm.view_status"],
    "nora": ["crm.view_reports", "leads.view_lead", "prospects.work_prospects"],
}


@pytest.mark.parametrize("name", MAY)
def test_each_role_may_do_its_own_work_and_not_that_of_others(name, request):
    user = request.getfixturevalue(name)
    assert [permission for permission in MAY[name] if not user.has_perm(permission)] == []
    assert [permission for permission in MAY_NOT[name] if user.has_perm(permission)] == []


def test_every_entry_of_the_table_names_a_permission(db):
    assert set_up_roles() == []


def test_setting_up_twice_changes_nothing(db):
    call_command("setup_roles", verbosity=0)
    before = {group.name: set(group.permissions.all()) for group in Group.objects.all()}
    call_command("setup_roles", verbosity=0)
    assert {group.name: set(group.permissions.all()) for group in Group.objects.all()} == before
    assert set(before) == set(ROLES)


def test_a_permission_given_by_hand_to_a_role_is_taken_back(db, django_user_model):
    set_up_roles()
    viewer = Group.objects.get(name="viewer")
    viewer.permissions.set(Group.objects.get(name="operator").permissions.all())
    set_up_roles()
    assert [str(permission.codename) for permission in viewer.permissions.all()] == ["view_reports"]


def test_nobody_may_delete_rows_that_reports_count(db):
    set_up_roles()
    assert not Group.objects.filter(permissions__codename__startswith="delete_").exists()
