"""The files of imports: below DATA_DIR/imports, never served by address, deleted after a while."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings

from campaigns.errors import Refused
from crm.models import ImportRun

DAYS = 30
LARGEST = 50 * 1024 * 1024


class Upload(Protocol):
    """What Django hands on of an uploaded file."""

    name: str | None
    size: int | None

    def chunks(self) -> Iterator[bytes]: ...


def folder() -> Path:
    path = Path(settings.DATA_DIR) / "imports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(run: ImportRun) -> Path | None:
    """The file of the run; None once it was deleted."""
    if not run.path:
        return None
    path = folder() / run.path  # a whole path stays what it is
    return path if path.is_file() else None


def errors_path(run: ImportRun) -> Path:
    return folder() / f"{run.pk}-stayed-out.csv"


def keep(upload: Upload) -> str:
    """Store an upload under a name of our own; the ending is only what it calls itself. Raises Refused."""
    if (upload.size or 0) > LARGEST:
        raise Refused(
            f"The file is larger than {LARGEST // 1024 // 1024} MB. Split it, or import it on the server."
        )
    name = f"{uuid.uuid4().hex}{_ending(upload.name or '')}"
    with os.fdopen(os.open(folder() / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return name


def _ending(name: str) -> str:
    ending = Path(name).suffix.lower()
    return ending if ending in (".csv", ".xlsx", ".xls", ".txt", ".tsv") else ".csv"


def forget_old(*, at: datetime) -> dict[str, int]:
    """Delete uploaded files and lists of refused rows that are older than DAYS: they hold people's data."""
    old = at - timedelta(days=DAYS)
    runs = ImportRun.objects.filter(started_at__lt=old).exclude(path="", error_bytes=0)
    forgotten = 0
    for run in runs:
        if run.path and not Path(run.path).is_absolute():
            (folder() / run.path).unlink(missing_ok=True)
        errors_path(run).unlink(missing_ok=True)
        forgotten += ImportRun.objects.filter(pk=run.pk).update(path="", error_bytes=0)
    return {"forgotten": forgotten}
