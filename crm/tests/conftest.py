"""Tests on real exports need the exports: their licences do not allow to ship them."""

import os
from pathlib import Path
from typing import Any

REAL_DATA = os.environ.get("REAL_DATA", "")
NEED_IT = [
    "test_import_real_accounts.py",
    "test_import_real_data.py",
    "test_import_real_opportunities.py",
    "test_import_torture.py",
    "test_import_files.py",
]
collect_ignore = [] if REAL_DATA and Path(REAL_DATA).is_dir() else NEED_IT


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if collect_ignore:
        terminalreporter.write_line(
            f"Left out: crm/tests/{', '.join(collect_ignore)}, because REAL_DATA names no folder with the real exports."
        )
