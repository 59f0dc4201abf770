"""A red bar stands on staff pages while mail is more than five minutes late, and says what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Message
from leads.tests.mail_world import a_due_mail

pytestmark = pytest.mark.django_db


def late_by(minutes: int) -> None:
    a_due_mail()
    Message.objects.update(due_at=timezone.now() - timedelta(minutes=minutes))


def bar(client: Client, user: Any, page: str) -> str:
    client.force_login(user)
    html = client.get(page).content.decode()
    return html.partition("Mail is late")[2][:300]


def test_it_says_how_late_and_what_to_do(client: Client, maya: Any, omar: Any) -> None:
    late_by(12)
    assert "12 min ago" in bar(client, maya, "/staff/leads/")
    assert "/staff/status/" in bar(client, omar, "/staff/status/")


def test_up_to_five_minutes_nothing_is_said(client: Client, maya: Any) -> None:
    late_by(4)
    assert bar(client, maya, "/staff/leads/") == ""


def test_who_can_do_nothing_about_it_is_not_told(client: Client, sam: Any) -> None:
    late_by(12)
    assert bar(client, sam, "/staff/today/") == ""


def test_a_held_mail_is_not_late(client: Client, maya: Any) -> None:
    late_by(12)
    Message.objects.update(due_at=timezone.now() + timedelta(hours=1), reason="quiet hours")
    assert bar(client, maya, "/staff/leads/") == ""
