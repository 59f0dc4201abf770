"""Reads the environment's mail: by which provider it leaves, and in which mailbox answers come in. Pure.

As in `crm.environment`: a value that makes no sense is refused with its name and what is allowed; keys are not shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from crm import environment
from crm.environment import BadValue

# Provider → the back end, and the settings of django-anymail that hold its keys, in the order of EMAIL_URL.
PROVIDERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "brevo": ("leads.sending.providers.Brevo", ("BREVO_API_KEY",)),
    "mailersend": ("anymail.backends.mailersend.EmailBackend", ("MAILERSEND_API_TOKEN",)),
    "mailgun": ("anymail.backends.mailgun.EmailBackend", ("MAILGUN_API_KEY",)),
    "mailjet": ("anymail.backends.mailjet.EmailBackend", ("MAILJET_API_KEY", "MAILJET_SECRET_KEY")),
    "mandrill": ("anymail.backends.mandrill.EmailBackend", ("MANDRILL_API_KEY",)),
    "postmark": ("anymail.backends.postmark.EmailBackend", ("POSTMARK_SERVER_TOKEN",)),
    "resend": ("leads.sending.providers.Resend", ("RESEND_API_KEY",)),
    "sparkpost": ("anymail.backends.sparkpost.EmailBackend", ("SPARKPOST_API_KEY",)),
}
PREFIX = "ANYMAIL_"
# Mail goes out as it was written: a provider neither counts opens nor rewrites links (no one agreed to that).
HOUSE = {"IGNORE_UNSUPPORTED_FEATURES": True, "SEND_DEFAULTS": {"track_opens": False, "track_clicks": False}}
INBOXES = "imaps://user:password@host:993/INBOX?move=Done, imap://user:password@host:143/INBOX?tls=1 or maildir:/folder"


def provider_keys(environ: Mapping[str, str]) -> dict[str, Any]:
    """ANYMAIL_… of the environment, each also as ANYMAIL_…_FILE, as django-anymail's settings."""
    found: dict[str, Any] = {}
    for name in environ:
        if name.startswith(PREFIX) and environ[name].strip():
            plain = name.removesuffix("_FILE")
            found[plain.removeprefix(PREFIX)] = environment.text(environ, plain, secret=True)
    return found | HOUSE


def mail(name: str, value: str, data_dir: Path, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Django's mail settings: a provider's (`anymail+<name>:`), or those of `environment.mail`."""
    if not value.startswith("anymail+"):
        return environment.mail(name, value, data_dir) | {"ANYMAIL": dict(keys)}
    provider, _colon, rest = value.removeprefix("anymail+").partition(":")
    shown = f"anymail+{provider}:…"
    if provider not in PROVIDERS or not _colon:
        raise BadValue(name, shown, f"anymail+<name>: with one of {', '.join(PROVIDERS)}")
    backend, needed = PROVIDERS[provider]
    given, at, domain = rest.removeprefix("//").rpartition("@")
    secrets = [unquote(one) for one in (given if at else domain).split(":") if one]
    if len(secrets) not in (0, len(needed)):
        raise BadValue(name, shown, f"{len(needed)} keys by colons: {', '.join(needed)}")
    found = dict(keys) | dict(zip(needed, secrets, strict=False))
    if at and domain:
        found[f"{provider.upper()}_SENDER_DOMAIN"] = domain
    missing = [PREFIX + one for one in needed if not found.get(one)]
    if missing:
        raise BadValue(
            name, shown, f"the key in it (anymail+{provider}:KEY), or {' and '.join(missing)} beside it"
        )
    return {"EMAIL_BACKEND": backend, "ANYMAIL": found}


def inbox(name: str, value: str) -> dict[str, Any]:
    """The mailbox that answers come to; empty where none is named."""
    if not value:
        return {}
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
        query = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:
        raise BadValue(name, value, INBOXES) from None
    if parts.scheme == "maildir" and not host and parts.path.strip("/") and not query:
        return {"kind": "maildir", "folder": unquote(parts.path)}
    complete = host and parts.username and parts.password
    if parts.scheme not in ("imap", "imaps") or not complete or not set(query) <= {"move", "tls"}:
        raise BadValue(name, value, INBOXES)
    if "tls" in query and parts.scheme == "imaps":
        raise BadValue(name, value, INBOXES)
    return {
        "kind": "imap",
        "host": host,
        "port": port or (993 if parts.scheme == "imaps" else 143),
        "ssl": parts.scheme == "imaps",
        "starttls": environment.boolean(name, query.get("tls", "")),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "folder": _folder(name, value, unquote(parts.path.strip("/")) or "INBOX"),
        "move": _folder(name, value, query.get("move", "")),
    }


def _folder(name: str, value: str, folder: str) -> str:
    """IMAP takes a folder's name between quotes on one line."""
    if re.search(r'[\r\n"\\\x00]', folder):
        raise BadValue(name, value, INBOXES)
    return folder
