"""Keys that outlive the SECRET_KEY: one file each under ``DATA_DIR/keys``, newest line first.

Unsubscribe links and suppression hashes must work for ever (RFC 8058; RELIABILITY E1), so a new SECRET_KEY
must not break them. A new key is put on top of the file; the old ones stay and are still read.
"""

import os
import secrets
from functools import cache
from pathlib import Path

from django.conf import settings


def keys(name: str) -> list[str]:
    """The keys of a ring, newest first; the ring is made at its first use. Raises OSError if it cannot be written."""
    return list(_read(_path(str(settings.DATA_DIR), name)))


@cache
def _path(folder: str, name: str) -> Path:
    return Path(folder) / "keys" / name


@cache
def _read(path: Path) -> tuple[str, ...]:
    if not path.exists():
        _make(path)
    return tuple(line.strip() for line in path.read_text().splitlines() if line.strip())


def _make(path: Path) -> None:
    """Written beside and linked into place: of two processes that start at once, one file wins, whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48) + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
