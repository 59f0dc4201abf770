"""What machines and operators ask: is the process up, is it ready, what waits, what failed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from crm import lease
from crm.models import JobRun
from crm.status import status


def test_healthz_asks_nobody(client):
    assert client.get("/healthz").status_code == 200  # a test without `db` may not ask the database


def test_readyz_is_ready_on_a_migrated_database(client, db):
    assert client.get("/readyz").json() == {"status": "ok"}


def test_readyz_is_not_ready_while_a_migration_is_missing(client, db, monkeypatch):
    monkeypatch.setattr("crm.health.MigrationExecutor.migration_plan", lambda self, targets: ["0009"])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "not migrated")


def test_readyz_is_not_ready_without_a_database(client, monkeypatch):
    def away(connection):
        raise OperationalError

    monkeypatch.setattr("crm.health.MigrationExecutor", away)
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize(
    ("error", "code"),
    [(OperationalError("canceling statement due to statement timeout"), 503), (ValueError(), 500)],
)
def test_a_database_that_is_away_or_too_slow_is_503_with_retry_after(error, code, monkeypatch, db):
    def broken(*args, **kwargs):
        raise error

    monkeypatch.setattr("crm.health.status", broken)
    monkeypatch.setattr("django.contrib.auth.models.AnonymousUser.has_perms", lambda *a, **k: True)
    monkeypatch.setattr("django.contrib.auth.models.AnonymousUser.is_authenticated", True)
    answer = Client(raise_request_exception=False).get("/staff/status/")
    assert answer.status_code == code
    assert (answer.get("Retry-After") == "5") is (code == 503)


@pytest.mark.parametrize(("name", "code"), [("omar", 200), ("maya", 403), ("sam", 403), ("nora", 403)])
def test_the_status_page_is_for_operators(name, code, client, request):
    client.force_login(request.getfixturevalue(name))
    assert client.get("/staff/status/").status_code == code


def test_an_empty_house_has_no_dispatcher_and_its_jobs_are_late(db):
    found = status(at=timezone.now())
    assert (found.due, found.unknown, found.oldest_due) == (0, 0, None)
    assert not found.dispatching and not found.good
    assert all(job.late for job in found.jobs if job.job.every)


def test_a_failed_job_is_shown_with_its_error(db):
    at = timezone.now()
    lease.hold(at=at)
    JobRun.objects.create(
        name="deliver", period="latest", state="failed", started_at=at, error="ValueError: no"
    )
    deliver = next(job for job in status(at=at + timedelta(seconds=5)).jobs if job.job.name == "deliver")
    assert (deliver.failed, deliver.late, deliver.good) == (True, False, False)
    lease.release()


def test_the_admin_login_is_the_one_login(client, db):
    answer = client.get("/admin/login/?next=/admin/crm/")
    assert answer.headers["Location"] == "/accounts/login/?next=/admin/crm/"


def test_signing_out_needs_a_post(client, sam):
    client.force_login(sam)
    assert client.get("/accounts/logout/").status_code == 405
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session
