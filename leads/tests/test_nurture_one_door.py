"""Nothing but the line speaks to a mail back end, so nothing gets past the gate and the ledger."""

import ast
from pathlib import Path

from django.conf import settings

DOOR = {"leads/sending/line.py", "crm/maildir.py", "leads/sending/providers.py"}  # the others are back ends
APPS = ("campaigns", "leads", "prospects", "crm")


def imported(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.update({node.module, *(f"{node.module}.{name.name}" for name in node.names)})
        elif isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
    return found


def test_no_other_file_imports_what_can_send_a_mail():
    ways = ("django.core.mail", "smtplib", "anymail.backends", "anymail.message")
    files = [
        file for app in APPS for file in (settings.BASE_DIR / app).rglob("*.py") if "tests" not in file.parts
    ]
    through = {
        file.relative_to(settings.BASE_DIR).as_posix()
        for file in files
        if any(name == way or name.startswith(f"{way}.") for name in imported(file) for way in ways)
    }
    assert through - DOOR == {"leads/sending/answers.py"}  # names smtplib's errors, sends nothing
    assert "leads/sending/line.py" in through


def test_nobody_sends_through_a_user_either():
    files = [
        file for app in APPS for file in (settings.BASE_DIR / app).rglob("*.py") if "tests" not in file.parts
    ]
    assert [file for file in files if ".email_user(" in file.read_text()] == []
