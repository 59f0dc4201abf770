"""Who may do what: one table, role to permission strings.

A role is a Django group of the same name. Code asks for a permission and never for a role. Which rows a
permission opens (own prospects, all leads) is said in the querysets beside the models.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group, Permission
from django.db import transaction
from django.db.models import Q

MARKETING = "marketing"
SALES = "sales"
SALES_MANAGER = "sales_manager"
OPERATOR = "operator"
VIEWER = "viewer"

# Roles whose people also work in the admin.
ADMIN_ROLES = frozenset({MARKETING, SALES_MANAGER, OPERATOR})

# "app.model: verbs" stands for Django's own permissions of that model, "app.*: verbs" for each model of the app.
# Nobody holds delete: rows that reports count are archived.
ROLES: dict[str, tuple[str, ...]] = {
    MARKETING: (
        "campaigns.*: view add change",
        "leads.view_lead",
        "leads.change_lead",
        "leads.enter_leads",
        "leads.import_leads",
        "leads.export_leads",
        "leads.scoringmodel: view add change",
        "leads.segment: view add change",
        "leads.entryrule: view add change",
        "prospects.see_outcomes",
        "prospects.answer_requests",
        "leads.merge_people",
        "crm.view_reports",
    ),
    SALES: (
        "leads.enter_leads",
        "prospects.work_prospects",
        "crm.view_reports",
    ),
    SALES_MANAGER: (
        "leads.view_lead",
        "leads.view_scoringmodel",
        "leads.change_lead",
        "leads.enter_leads",
        "leads.export_leads",
        "prospects.work_prospects",
        "prospects.manage_prospects",
        "prospects.see_outcomes",
        "prospects.*: view add change",
        "prospects.import_prospects",
        "leads.merge_people",
        "crm.view_reports",
    ),
    OPERATOR: (
        "crm.user: view add change",
        "crm.jobrun: view",
        "crm.importrun: view",
        "crm.importline: view",
        "crm.view_status",
        "leads.privacyrequest: view change",
        "leads.inbound: view",
        "crm.operate_jobs",
        "leads.import_leads",
        "leads.import_history",
    ),
    VIEWER: ("crm.view_reports",),
}


def _wanted(entry: str) -> Q:
    """The permissions one entry of the table names."""
    target, _, verbs = entry.partition(": ")
    app, name = target.split(".")
    if not verbs:
        return Q(content_type__app_label=app, codename=name)
    if name == "*":
        prefixes = [f"^({'|'.join(verbs.split())})_"]
        return Q(content_type__app_label=app, codename__regex=prefixes[0])
    return Q(content_type__app_label=app, codename__in=[f"{verb}_{name}" for verb in verbs.split()])


def set_up_role(role: str) -> tuple[Group, list[str]]:
    """Make the group of `role` hold exactly what the table says.

    Returns the group and the entries of the table that name no permission of this installation.
    """
    found: set[Permission] = set()
    missing: list[str] = []
    for entry in ROLES[role]:
        permissions = set(Permission.objects.filter(_wanted(entry)))
        found |= permissions
        if not permissions:
            missing.append(entry)
    with transaction.atomic():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(found)
    return group, missing


def set_up_roles() -> list[str]:
    """Make all groups; running it twice changes nothing. Returns the entries that name no permission."""
    return [f"{role}: {entry}" for role in ROLES for entry in set_up_role(role)[1]]


def make_user(*, username: str, role: str, password: str | None = None, **fields: Any) -> AbstractUser:
    """Make a user who holds one role. Without a password nobody can sign in as this user."""
    user = get_user_model().objects.create_user(
        username=username, password=password, is_staff=role in ADMIN_ROLES, **fields
    )
    user.groups.add(Group.objects.filter(name=role).first() or set_up_role(role)[0])
    return user
