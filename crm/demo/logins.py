"""Logins of the demo: random, kept beside the data in a file that only its owner reads, shown at every start."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model

from crm.demo.company import STAFF

WORDS = [
    "amber", "anvil", "basalt", "beacon", "cedar", "cobalt", "copper", "delta", "ember", "fjord", "gantry",
    "harbor", "indigo", "juniper", "kiln", "lagoon", "maple", "nickel", "ochre", "piston", "quartz",
    "rivet", "saffron", "tundra", "umber", "valve", "willow", "yarrow", "zinc",
]  # fmt: skip


def path() -> Path:
    return Path(settings.DATA_DIR) / "logins.txt"


def password() -> str:
    """Three words and a number: over forty bits, and easy to type from another screen."""
    words = [secrets.choice(WORDS) for _n in range(4)]
    return f"{'-'.join(words)}-{secrets.randbelow(90_000) + 10_000}"


def renew() -> None:
    """Give everybody of the demo a new password and write the file, readable by its owner only."""
    lines = []
    for username, first, last, role in STAFF:
        user = get_user_model().objects.get(username=username)
        secret = password()
        user.set_password(secret)
        user.save(update_fields=["password"])
        lines.append(f"{role:<14} {username:<8} {secret:<36} {first} {last}")
    descriptor = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    path().chmod(0o600)


def shown() -> str:
    """The file's text; made anew where it is gone."""
    if not path().is_file():
        renew()
    return path().read_text(encoding="utf-8")
