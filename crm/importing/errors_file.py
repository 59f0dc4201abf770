"""The rows that stayed out, in their own columns and with the reason, to be put right and imported again.

The file grows with each batch; `run.error_bytes` says how much of it is committed, so a crash leaves no half row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from leads.spreadsheet_cells import BOM, inert

LINE, REASON = "Line", "Why it stayed out"


def add(
    path: Path, header: Sequence[str], rows: Iterable[tuple[int, Sequence[str], str]], *, start: int
) -> int:
    """Write (line, cells, reason) from byte `start` on, where the last committed batch ended. Returns the new end."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    if start == 0:
        text.write(BOM)
        writer.writerow([*map(inert, header), LINE, REASON])
    for line, cells, reason in rows:
        whole = [*cells, *[""] * (len(header) - len(cells))]
        writer.writerow([*map(inert, whole), line, inert(reason)])
    with path.open("r+b" if path.exists() else "w+b") as file:
        path.chmod(0o600)
        file.seek(start)
        file.truncate()
        file.write(text.getvalue().encode())
        return file.tell()
