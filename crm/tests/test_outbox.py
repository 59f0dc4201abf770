"""/staff/outbox/: mails kept instead of sent, for those who may read them, and only while mail is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

OUTBOX = "/staff/outbox/"


@pytest.fixture
def kept(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "crm.maildir.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    mail = EmailMultiAlternatives(
        "Your paper", "Read it here", "hello@averdahl.example", ["ada@works.example"]
    )
    mail.attach_alternative(
        "<html><head></head><body><script>1</script><p>Read it</p></body></html>", "text/html"
    )
    mail.send()


def test_kept_mail_is_for_those_who_see_leads_or_run_the_place(
    kept: None, client: Client, maya: Any, omar: Any, sam: Any, nora: Any
) -> None:
    for user, status in ((maya, 200), (omar, 200), (sam, 403), (nora, 403)):
        client.force_login(user)
        assert client.get(OUTBOX).status_code == status, user


def test_a_mail_is_listed_and_read(kept: None, client: Client, maya: Any) -> None:
    client.force_login(maya)
    page = client.get(OUTBOX)
    assert "Your paper" in page.content.decode()
    key = page.context["mails"][0].key
    assert "Read it here" in client.get(f"{OUTBOX}{key}/").content.decode()


def test_the_html_part_runs_no_script_and_has_no_origin(kept: None, client: Client, maya: Any) -> None:
    client.force_login(maya)
    key = client.get(OUTBOX).context["mails"][0].key
    answer = client.get(f"{OUTBOX}{key}/html/")
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "script-src 'none'" in policy
    assert "default-src 'none'" in policy


def test_a_mail_that_is_not_there_is_not_found(kept: None, client: Client, maya: Any) -> None:
    client.force_login(maya)
    assert client.get(f"{OUTBOX}no-such-mail/").status_code == 404


def test_there_is_no_outbox_with_a_mail_server(client: Client, maya: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    client.force_login(maya)
    assert client.get(OUTBOX).status_code == 404
