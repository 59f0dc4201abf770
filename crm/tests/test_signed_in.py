"""Who asks is read in one statement, and what a right or a role becomes holds with the next request."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client

from conftest import PASSWORD
from crm.navigation import role_of
from crm.signed_in import SignedIn
from prospects.tests.conftest import make_cold


def read(user: Any) -> Any:
    return SignedIn().get_user(user.pk)


def test_it_knows_what_django_reads_in_four_statements(
    maya: Any, sam: Any, sara: Any, omar: Any, vera: Any, nora: Any, django_assert_num_queries: Any
) -> None:
    sam.user_permissions.add(Permission.objects.get(codename="view_status"))
    make_cold(sam)
    for user in (maya, sam, sara, omar, vera, nora):
        fresh = get_user_model().objects.get(pk=user.pk)
        rights, role = fresh.get_all_permissions(), role_of(fresh)
        with django_assert_num_queries(1):
            found = read(user)
            assert found.get_all_permissions() == rights, user
            assert role_of(found) == role, user
        assert found == fresh
        assert (
            found.__dict__.items()
            >= {f.attname: getattr(fresh, f.attname) for f in fresh._meta.fields}.items()
        )
        assert found.open_prospects == (1 if user == sam else 0)


def test_a_right_or_role_taken_away_holds_with_the_next_request(client: Client, sam: Any) -> None:
    client.force_login(sam)
    assert client.get("/staff/prospects/").status_code == 200
    sam.groups.clear()
    assert client.get("/staff/prospects/").status_code == 403
    sam.user_permissions.add(Permission.objects.get(codename="work_prospects"))
    assert client.get("/staff/prospects/").status_code == 200
    Group.objects.get(name="viewer").user_set.add(sam)
    assert "Viewer" in client.get("/staff/prospects/").content.decode()


def test_who_was_switched_off_or_is_gone_is_signed_out(client: Client, sam: Any) -> None:
    client.force_login(sam)
    get_user_model().objects.filter(pk=sam.pk).update(is_active=False)
    assert client.get("/staff/prospects/").status_code == 302
    assert read(sam) is None
    assert SignedIn().get_user(10**9) is None


@pytest.mark.django_db
def test_a_superuser_may_everything() -> None:
    root = get_user_model().objects.create_superuser("root", "root@firm.example", "x" * 12)
    found = read(root)
    assert found.has_perm("prospects.manage_prospects")
    assert "prospects.manage_prospects" in found.get_all_permissions()


@pytest.mark.parametrize("number", ["-1", "0", None])
def test_a_session_that_names_nobody_is_nobodys(client: Client, sam: Any, number: Any) -> None:
    client.force_login(sam)
    session = client.session
    session["_auth_user_id"] = number
    session.save()
    assert client.get("/staff/today/").status_code == 302


def test_a_new_password_ends_the_other_sessions_and_signing_in_changes_the_key(
    client: Client, sam: Any
) -> None:
    client.get("/accounts/login/")
    planted = "a" * 32
    client.cookies["sessionid"] = planted
    client.post("/accounts/login/", {"username": sam.username, "password": PASSWORD})
    assert client.session.session_key not in (None, planted)
    assert client.get("/staff/today/").status_code == 200
    sam.set_password("another long one 4711")
    sam.save()
    assert client.get("/staff/today/").status_code == 302


def test_a_right_on_one_object_is_no_right_as_in_django(sam: Any) -> None:
    prospect, found = make_cold(sam), read(sam)
    right = "prospects.work_prospects"
    assert found.has_perm(right) and not found.has_perm(right, prospect)
    sam.user_permissions.add(Permission.objects.get(codename="view_status"))
    again, fresh = read(sam), get_user_model().objects.get(pk=sam.pk)
    for ask in ("get_user_permissions", "get_group_permissions", "get_all_permissions"):
        assert getattr(again, ask)() == getattr(fresh, ask)()
