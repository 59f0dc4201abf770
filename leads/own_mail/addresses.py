"""A colleague's private address for filing: `crm+<key>@in.example.com`; `crm@in.example.com` is FILING_ADDRESS."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from email.message import Message
from typing import Any

from django.conf import settings

from leads.feedback.parts import MOST_HEADER, addresses
from leads.models import FilingAddress

LETTERS = (
    "abcdefghijkmnpqrstuvwxyz23456789"  # one case, for servers write addresses small; none that look alike
)
LENGTH = 24  # 119 bits
CAME_BY = (
    "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To", "Cc", "Bcc",
)  # fmt: skip
MOST_RECEIVED = 10
_FOR = re.compile(r"\bfor\s+<?([^\s<>;]{3,120}@[^\s<>;]{3,120})>?", re.IGNORECASE)


def is_set_up() -> bool:
    """Whether this installation has an address to file by, and a mailbox that is read."""
    return bool(settings.FILING_ADDRESS and settings.INBOX)


def address_of(user: Any) -> str:
    """The private address, or nothing where this user has none that works."""
    row = FilingAddress.objects.filter(user=user, off_at=None).first() if settings.FILING_ADDRESS else None
    return _written(row.key) if row else ""


def renew(*, user: Any, at: datetime) -> str:
    """A fresh address; the one before files nothing from now on."""
    key = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    FilingAddress.objects.update_or_create(user=user, defaults={"key": key, "made_at": at, "off_at": None})
    return _written(key)


def switch_off(*, user: Any, at: datetime) -> bool:
    """The colleague leaves: nothing is filed by it any more. The key is kept, so that this can be taken back."""
    return bool(FilingAddress.objects.filter(user=user, off_at=None).update(off_at=at))


def _written(key: str) -> str:
    local, _at, domain = settings.FILING_ADDRESS.rpartition("@")
    return f"{local}+{key}@{domain}"


def keys_in(mail: Message) -> list[str]:
    """The keys of private addresses that this mail came in by, each once: by its envelope, or as To, Cc or Bcc."""
    if not settings.FILING_ADDRESS:
        return []
    received = [str(value)[:MOST_HEADER] for value in mail.get_all("Received", [])[:MOST_RECEIVED]]
    named = [
        *addresses(mail, *CAME_BY),
        *(found[1].lower() for one in received for found in _FOR.finditer(one)),
    ]
    return list(dict.fromkeys(filter(None, map(key_of, named))))


def key_of(address: str) -> str:
    """The key in a private address; empty where it is none of ours."""
    local, _at, domain = settings.FILING_ADDRESS.lower().rpartition("@")
    name, _at, host = address.lower().rpartition("@")
    key = name.removeprefix(f"{local}+") if domain and host == domain and name.startswith(f"{local}+") else ""
    return key if 0 < len(key) <= 32 else ""


def holders(keys: Iterable[str]) -> list[FilingAddress]:
    """Whose they are, in the order given."""
    wanted = list(keys)
    rows = FilingAddress.objects.filter(key__in=wanted).select_related("user") if wanted else []
    return sorted(rows, key=lambda row: wanted.index(row.key))
