"""Reads the environment: pure functions from text to a value, each refusing what makes no sense.

Every function takes the variable's name and its text (empty: not given) and returns the value, or raises
`BadValue`, whose text is one line with the name, the value and what is allowed. Passwords are not shown.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import available_timezones

SECRETS = frozenset({"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "INBOX_URL"})
SAMPLE_KEY = "change-me"
Network = IPv4Network | IPv6Network

_SQLITE = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
    "PRAGMA journal_size_limit=27103364; PRAGMA cache_size=2000"
)


class BadValue(ValueError):
    """A variable whose value makes no sense."""

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(f"{name}={_masked(value)!r} makes no sense. Allowed: {allowed}.")


def _masked(value: str) -> str:
    """The value without the password of an address in it."""
    return re.sub(r"(://[^:/@\s]*:).*(@)", r"\1***\2", value)


def text(environ: Mapping[str, str], name: str, default: str = "", *, secret: bool = False) -> str:
    """The text of a variable; a secret may lie in the file that NAME_FILE names instead."""
    value = environ.get(name, "").strip()
    path = environ.get(f"{name}_FILE", "").strip() if secret or name in SECRETS else ""
    if value and path:
        raise BadValue(f"{name}_FILE", path, f"either {name} or {name}_FILE, not both")
    if not path:
        return value or default
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadValue(f"{name}_FILE", path, "a file of text that this process may read") from None


def boolean(name: str, value: str, default: bool = False) -> bool:
    """`true` or `false`, and the usual other spellings of the two."""
    known = {
        "true": True,
        "1": True,
        "yes": True,
        "on": True,
        "false": False,
        "0": False,
        "no": False,
        "off": False,
    }
    if not value:
        return default
    if value.lower() not in known:
        raise BadValue(name, value, "true or false")
    return known[value.lower()]


def whole_number(name: str, value: str, default: int, least: int, most: int) -> int:
    """A whole number between two bounds, both included."""
    if not value:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
        raise BadValue(name, value, f"a whole number from {least} to {most}")
    return int(value)


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """One of a few words."""
    if value.upper() not in allowed:
        raise BadValue(name, value, " or ".join(allowed))
    return value.upper()


def time_zone(name: str, value: str) -> str:
    """A zone of the zone database."""
    if value not in available_timezones():
        raise BadValue(name, value, "a zone of the zone database, such as Europe/Zurich")
    return value


def currency(name: str, value: str) -> str:
    """An ISO 4217 code."""
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise BadValue(name, value, "three capital letters (ISO 4217), such as CHF")
    return value


def address(name: str, value: str) -> str:
    """A sender: `a@b.example` or `Name <a@b.example>`."""
    local, at, domain = parseaddr(value)[1].rpartition("@")
    if not (local and at and "." in domain) or re.search(r"[\r\n\s]", domain):
        raise BadValue(name, value, "an e-mail address, alone or as Name <name@company.example>")
    return value


def bounce_address(name: str, value: str) -> str:
    """Where undeliverable mail goes: a bare address, to which the server lets us add ``+`` and a number."""
    if value and not re.fullmatch(r"[A-Za-z0-9._-]{1,30}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", value):
        raise BadValue(name, value, "a bare address without a plus, such as bounces@mail.company.example")
    return value


def filing_address(name: str, value: str) -> str:
    """Where colleagues' own mail is filed by: a bare address, to which the server lets us add ``+`` and a key."""
    if value and not re.fullmatch(r"[A-Za-z0-9._-]{1,30}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", value):
        raise BadValue(name, value, "a bare address without a plus, such as crm@in.company.example")
    return value.lower()


def words(value: str) -> list[str]:
    """A list separated by commas or blanks."""
    return [word for word in re.split(r"[,\s]+", value) if word]


def dotted_paths(name: str, value: str, default: list[str]) -> list[str]:
    """Names of classes, separated by commas; `none` for no class at all."""
    if not value:
        return default
    found = [] if value.lower() == "none" else words(value)
    if not all(re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", path) for path in found):
        raise BadValue(name, value, "names of classes such as plugins.register.Register by commas, or none")
    return found


def file_there(name: str, value: str) -> str:
    """A file that this process may read, or nothing."""
    if value and not os.access(value, os.R_OK):
        raise BadValue(name, value, "a file that this process may read")
    return value


def networks(name: str, value: str) -> tuple[Network, ...]:
    """IP addresses or networks."""
    try:
        return tuple(ip_network(word, strict=False) for word in words(value))
    except ValueError:
        raise BadValue(
            name, value, "IP addresses or networks, such as 10.0.0.0/8, separated by commas"
        ) from None


def hosts(name: str, value: str, base: SplitResult, old: str = "") -> list[str]:
    """Host names this site answers to; not given: the one of BASE_URL. `old`: those of mails sent before it moved."""
    found = words(value)
    for host in [*found, *words(old)]:
        if not re.fullmatch(r"\*|\.?[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]", host):
            raise BadValue(name, value, "host names separated by commas, without scheme and port")
    # This machine itself is always answered: health checks ask from inside.
    return list(
        dict.fromkeys(
            [*(found or [base.hostname or "localhost"]), *words(old), "localhost", "127.0.0.1", "[::1]"]
        )
    )


def base_url(name: str, value: str) -> SplitResult:
    """The address people type: scheme and host, no path."""
    parts = _split(name, value, "http://host or https://host, without a path")
    plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
        raise BadValue(name, value, "http://host or https://host, without a path")
    return parts


def _split(name: str, value: str, allowed: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port, parts.hostname
    except ValueError:
        raise BadValue(name, value, allowed) from None
    return parts


def database(name: str, value: str, data_dir: Path) -> dict[str, Any]:
    """Django's setting for one database: PostgreSQL, or SQLite (not given: a file in the data folder)."""
    allowed = "postgres://user:password@host:5432/database or sqlite:///path/to/file"
    value = value or f"sqlite:///{data_dir / 'headwater.sqlite3'}"
    parts = _split(name, value, allowed)
    path = unquote(parts.path)
    if parts.scheme in ("sqlite", "sqlite3"):
        file = path.removeprefix("/")
        if parts.netloc or not file or file.endswith("/"):
            raise BadValue(name, value, allowed)
        return _sqlite(file)
    if parts.scheme not in ("postgres", "postgresql"):
        raise BadValue(name, value, allowed)
    if not path.strip("/") or "/" in path[1:] or (parts.netloc and not parts.hostname):
        raise BadValue(name, value, allowed)
    return _postgres(parts, path[1:])


def _sqlite(file: str) -> dict[str, Any]:
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": _SQLITE}
    # Tests use a file too: an in-memory database has other locks and would prove nothing about threads.
    test = {"NAME": f"{file}.test"}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": file, "OPTIONS": options, "TEST": test}


def _postgres(parts: SplitResult, database_name: str) -> dict[str, Any]:
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    options.setdefault("connect_timeout", 5)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database_name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def redis(name: str, value: str) -> str:
    """The broker's address, or nothing."""
    if not value:
        return ""
    allowed = "redis://:password@host:6379/0 or rediss://…, with a database number from 0 to 15"
    parts = _split(name, value, allowed)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise BadValue(name, value, allowed)
    if not re.fullmatch(r"/?|/([0-9]|1[0-5])", parts.path):
        raise BadValue(name, value, allowed)
    return value


def redis_beside(url: str) -> str:
    """The next database of the same server: limits must not share one with the broker."""
    if not url:
        return ""
    parts = urlsplit(url)
    number = int(parts.path.strip("/") or 0)
    return parts._replace(path=f"/{number + 1 if number < 15 else number - 1}").geturl()


def mail(name: str, value: str, data_dir: Path) -> dict[str, Any]:
    """Django's mail settings: smtp, smtps, console or a mail folder (not given: one in the data folder)."""
    allowed = (
        "smtp://user:password@host:587?tls=1, smtps://user:password@host:465, console: or maildir:/folder"
    )
    parts = _split(name, value or f"maildir:{data_dir / 'mail'}", allowed)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme == "maildir":
        folder = unquote(parts.path) or str(data_dir / "mail")
        return {"EMAIL_BACKEND": "crm.maildir.EmailBackend", "EMAIL_FILE_PATH": folder}
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
        raise BadValue(name, value, allowed)
    query = dict(parse_qsl(parts.query))
    if not set(query) <= {"tls"} or (parts.scheme == "smtps" and query):
        raise BadValue(name, value, allowed)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": boolean(name, query.get("tls", "")),
    }


def secret_key(name: str, value: str, data_dir: Path) -> str:
    """The given key, else one made once and kept in the data folder, readable by its owner only."""
    if value:
        if SAMPLE_KEY in value or len(value) < 50 or len(set(value)) < 5:
            raise BadValue(name, "(not shown)", "at least 50 random letters, not the sample of .env.example")
        return value
    file = data_dir / "secret_key"
    if not file.exists():
        _write_once(file, secrets.token_urlsafe(64))
    return file.read_text(encoding="ascii").strip()


def _write_once(file: Path, content: str) -> None:
    """Of two processes that start at once one writes, and neither reads half a file."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(content, encoding="ascii")
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def folder(name: str, value: str, default: Path) -> Path:
    """A folder this process may write to; made when it is not there."""
    path = Path(value).expanduser().resolve() if value else default
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise BadValue(name, str(path), "a folder that this process may make and write to") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise BadValue(name, str(path), "a folder that this process may make and write to")
    return path
