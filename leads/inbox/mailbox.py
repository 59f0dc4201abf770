"""Fetches our own mailbox (INBOX_URL): bounces, complaints and replies that come as mail.

A mail is stored first, and only after that commit marked as read (or moved) there. So a crash in between fetches it
twice, which its Message-ID makes one. What is wrong with the mailbox is said in one line on the status page.
"""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from leads.inbox.intake import MOST_BYTES, keep_mail

MOST = 200  # mails a run
SECONDS = 15  # for each word of the dialogue


class MailboxBroken(Exception):
    """The mailbox cannot be read now; the text is for the operator and names no password."""


def fetch(*, at: datetime) -> dict[str, int]:
    """Job: store what is new in the mailbox. Raises MailboxBroken; the job's line on the status page shows it."""
    inbox = settings.INBOX
    if not inbox:
        return {}
    return {"fetched": _of_folder(inbox, at) if inbox["kind"] == "maildir" else _of_server(inbox, at)}


def _of_folder(inbox: dict[str, Any], at: datetime) -> int:
    folder = Path(inbox["folder"])
    if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
        raise MailboxBroken(f"INBOX_URL: {folder} is no mail folder (Maildir)")
    try:
        unread = [
            file for name in ("new", "cur") for file in sorted((folder / name).iterdir()) if _is_unread(file)
        ]
        for file in unread[:MOST]:
            with file.open("rb") as mail:
                keep_mail(mail.read(MOST_BYTES), at=at)
            file.rename(folder / "cur" / f"{file.name.partition(':2,')[0]}:2,S")
    except OSError as error:
        raise MailboxBroken(f"INBOX_URL: {error.strerror}: {error.filename}") from None
    return len(unread[:MOST])


def _is_unread(file: Path) -> bool:
    """A mail program marks what was read with the flag S behind the name."""
    return not file.name.startswith(".") and "S" not in file.name.partition(":2,")[2]


def _of_server(inbox: dict[str, Any], at: datetime) -> int:
    with _signed_in(inbox) as server:
        _ok(server.select(_quoted(inbox["folder"])), f"there is no folder {inbox['folder']}")
        wanted = "ALL" if inbox["move"] else "UNSEEN"
        found = (
            _ok(server.uid("SEARCH", wanted), "it cannot be searched")[0] or b""
        )  # None: it had nothing to say
        numbers = found.split()[:MOST]
        for number in numbers:
            raw = _mail(server, number.decode())
            if raw is None:
                continue
            keep_mail(raw, at=at)
            _settle(server, number.decode(), inbox["move"])
        return len(numbers)


@contextmanager
def _signed_in(inbox: dict[str, Any]) -> Iterator[imaplib.IMAP4]:
    """Whatever goes wrong in the dialogue is a broken mailbox; the server is always let go of."""
    where = f"INBOX_URL: {inbox['user']} at {inbox['host']}"
    server: imaplib.IMAP4 | None = None
    try:
        kind = imaplib.IMAP4_SSL if inbox["ssl"] else imaplib.IMAP4
        server = kind(inbox["host"], inbox["port"], timeout=SECONDS)
        if inbox["starttls"]:
            server.starttls()
        server.login(inbox["user"], inbox["password"])
        yield server
    except (imaplib.IMAP4.error, OSError) as error:
        said = f"{error}".replace(inbox["password"], "***")
        raise MailboxBroken(f"{where}: {said or type(error).__name__}"[:300]) from None
    except MailboxBroken as error:
        raise MailboxBroken(f"{where}: {error}") from None
    finally:
        if server is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()


def _mail(server: imaplib.IMAP4, number: str) -> bytes | None:
    """The first megabyte of one mail, without marking it; None where it is gone."""
    parts = _ok(server.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST_BYTES}>)"), "a mail cannot be fetched")
    return next((part[1] for part in parts if isinstance(part, tuple)), None)


def _settle(server: imaplib.IMAP4, number: str, move: str) -> None:
    if not move:
        _ok(server.uid("STORE", number, "+FLAGS", "(\\Seen)"), "a mail cannot be marked as read")
        return
    _ok(server.uid("COPY", number, _quoted(move)), f"nothing can be moved to {move}")
    _ok(server.uid("STORE", number, "+FLAGS", "(\\Deleted)"), "a mail cannot be moved")
    server.expunge()


def _quoted(folder: str) -> str:
    return f'"{folder}"'


def _ok(answer: tuple[str, list[Any]], otherwise: str) -> list[Any]:
    if answer[0] != "OK":
        raise MailboxBroken(otherwise)
    return answer[1]
