"""Addresses stay out of the logs; kept mails are whole files."""

from __future__ import annotations

import logging
import mailbox

import pytest
from django.core.mail import EmailMessage

from crm.logs import AddressFreeFormatter, without_addresses
from crm.maildir import EmailBackend


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("sent to ada.l@averdahl.example.", "sent to …@averdahl.example."),
        ("<ada@a.example>, bob+x@b.example", "<…@a.example>, …@b.example"),
        ("postgres://crm:secret@db/crm", "postgres://crm:secret@db/crm"),
        ("at 10:00 @ home", "at 10:00 @ home"),
        ("key=jürg@müller.example", "key=…@müller.example"),
    ],
)
def test_an_address_is_cut_to_its_domain(line, kept):
    assert without_addresses(line) == kept


def test_a_traceback_shows_no_address_either():
    try:
        raise ValueError("ada@averdahl.example is taken")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "f", 1, "oh", None, (ValueError, error, error.__traceback__)
        )
    assert "ada@" not in AddressFreeFormatter().format(record)


def test_each_mail_is_kept_as_a_file(tmp_path):
    backend = EmailBackend(file_path=str(tmp_path / "mail"))
    mails = [EmailMessage(f"No. {n}", "Grüezi", "a@a.example", [f"b{n}@b.example"]) for n in range(3)]
    assert backend.send_messages([*mails, EmailMessage("to nobody", "", "a@a.example", [])]) == 3
    kept = mailbox.Maildir(tmp_path / "mail", create=False)
    assert sorted(message["Subject"] for message in kept) == ["No. 0", "No. 1", "No. 2"]
