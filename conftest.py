"""People every permission test asks: who may (maya, sam), and who may not (nora)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from campaigns.kept import forget_everything
from crm import roles
from leads import hits, limits
from leads.views import kept_pages

# Tests against PostgreSQL, Redis and real Celery processes; tools/tests.sh says when there are none.
collect_ignore_glob = [] if os.environ.get("REDIS_URL") else ["*_on_servers.py"]


pytest_plugins = ["crm.tests.pace"]

# A shared machine stalls: how long an example takes says nothing about the code. `make check` says the same of the same
# commit each time; `make test` looks at other examples in each run.
hypothesis_settings.register_profile(
    "here",
    deadline=None,
    derandomize=os.environ.get("REQUIRE_ALL") == "1",
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("here")

PASSWORD = "correct horse battery staple"


def _person(username: str, role: str, **names: str) -> Any:
    return roles.make_user(
        username=username, role=role, password=PASSWORD, email=f"{username}@averdahl.example", **names
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file: in memory, threads share one cache, which refuses instead of waiting its turn."""
    database = connections["default"].settings_dict
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """The real hasher takes a tenth of a second for each user of each test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def own_files(settings: Any, data_folder: Path) -> None:
    """Keys, files and mails of tests lie apart; static files need no manifest, whatever the broker."""
    settings.DATA_DIR = data_folder
    settings.MEDIA_ROOT = data_folder / "media"
    settings.EMAIL_FILE_PATH = str(data_folder / "mail")
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.WHITENOISE_AUTOREFRESH = True  # or each test's client would list all static files first


@pytest.fixture(autouse=True)
def hits_at_once(settings: Any) -> None:
    """A test reads what it caused; the writing thread would come a second late."""
    settings.HIT_SECONDS = 0
    settings.KEEP_SECONDS = 0
    forget_everything()  # rows that the test before had, and that went with it
    kept_pages.forget()
    hits._waiting.clear()


@pytest.fixture(autouse=True)
def limits_anew(settings: Any) -> None:
    """Each test counts its own forms, and in this process: the store is shared with whoever else tests."""
    settings.LIMITS_REDIS_URL = ""
    limits.own.forget()


@pytest.fixture
def maya(db: None) -> Any:
    """Marketing."""
    return _person("maya", roles.MARKETING, first_name="Maya", last_name="Brunner")


@pytest.fixture
def sam(db: None) -> Any:
    """Sales."""
    return _person("sam", roles.SALES, first_name="Sam", last_name="Okafor")


@pytest.fixture
def sara(db: None) -> Any:
    """Sales manager."""
    return _person("sara", roles.SALES_MANAGER, first_name="Sara", last_name="Lindqvist")


@pytest.fixture
def omar(db: None) -> Any:
    """Operator."""
    return _person("omar", roles.OPERATOR, first_name="Omar", last_name="Haddad")


@pytest.fixture
def vera(db: None) -> Any:
    """Viewer."""
    return _person("vera", roles.VIEWER, first_name="Vera", last_name="Rossi")


@pytest.fixture
def nora(db: None) -> Any:
    """Signed in, without any role."""
    return get_user_model().objects.create_user(
        "nora", "nora@averdahl.example", PASSWORD, first_name="Nora", last_name="Weiss"
    )
