"""Tests on real exports need the exports: their licences do not allow to ship them."""

import os
from pathlib import Path
from typing import Any

REAL_DATA = os.environ.get("REAL_DATA", "")
collect_ignore = [] if REAL_DATA and Path(REAL_DATA).is_dir() else ["test_import_real_data.py"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if collect_ignore:
        terminalreporter.write_line(
            "Left out: crm/tests/test_import_real_data.py, because REAL_DATA names no folder with the real exports."
        )
