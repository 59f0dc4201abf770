"""A wrong password and a missing database, against the real server (only where DATABASE_URL names one)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from crm.tests.test_database_url import DOORS, lines, start


def address(*, user: str = "", password: str = "", name: str = "") -> str:
    database = settings.DATABASES["default"]
    parts = urlsplit(
        f"postgres://{user or database['USER']}:{password or database['PASSWORD']}@x/{name or 'x'}"
    )
    host = f"{database['HOST'] or '127.0.0.1'}:{database['PORT'] or 5432}"
    return parts._replace(netloc=parts.netloc.replace("@x", f"@{host}")).geturl()


@pytest.mark.parametrize("door", DOORS)
def test_no_such_database_is_one_line(door, tmp_path):
    ended = start(
        DOORS[door], tmp_path, DATABASE_URL=address(name="there_is_no_such_database"), DATABASE_WAIT="30"
    )
    assert (ended.returncode, len(lines(ended))) == (1, 1)
    assert "does not exist" in lines(ended)[0]


def test_a_wrong_password_or_role_is_one_line(tmp_path, db):
    assert connection.vendor == "postgresql"
    url = address(user="there_is_no_such_role", password="wrong", name="postgres")
    ended = start(DOORS["gunicorn"], tmp_path, DATABASE_URL=url, DATABASE_WAIT="30")
    assert (ended.returncode, len(lines(ended))) == (1, 1)
    assert "wrong" not in ended.stderr.replace("password authentication", "")
