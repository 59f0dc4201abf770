"""Every variable of the environment: what is taken, and what is refused with name, value and what is allowed."""

from __future__ import annotations

import stat
import threading
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crm import environment as read
from crm.environment import BadValue

HERE = Path("/data")


@pytest.mark.parametrize(
    ("parse", "value"),
    [
        (read.boolean, "maybe"),
        (read.time_zone, "Mars/Olympus"),
        (read.currency, "chf"),
        (read.address, "nobody"),
        (read.address, "a@b"),
        (read.filing_address, "crm+x@in.company.example"),
        (read.filing_address, "crm"),
        (read.filing_address, "CRM <crm@in.company.example>"),
        (read.networks, "10.0.0.0/99"),
        (read.base_url, "crm.example"),
        (read.base_url, "https://crm.example/path"),
        (read.base_url, "ftp://crm.example"),
        (read.redis, "http://localhost"),
        (read.redis, "redis://localhost:6379/99"),
        (read.redis, "redis://localhost:port/0"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name_with_what_is_allowed(parse, value):
    with pytest.raises(BadValue) as refused:
        parse("SOME_NAME", value)
    assert str(refused.value).startswith(f"SOME_NAME='{value}' makes no sense. Allowed: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "value",
    [
        "postgres://",
        "postgres://localhost",
        "postgres://localhost/",
        "postgres://localhost:port/crm",
        "postgres://localhost/a/b",
        "mysql://localhost/crm",
        "crm.sqlite3",
        "sqlite://crm.sqlite3",
        "sqlite:///",
        "http://[::1/crm",
    ],
)
def test_a_malformed_database_address_is_refused(value):
    with pytest.raises(BadValue, match="DATABASE_URL='"):
        read.database("DATABASE_URL", value, HERE)


def test_a_refusal_does_not_show_the_password():
    with pytest.raises(BadValue) as refused:
        read.database("DATABASE_URL", "mysql://crm:s3cret@localhost/crm", HERE)
    assert "s3cret" not in str(refused.value)


def test_postgresql_is_read_with_its_odd_letters_and_options():
    url = "postgres://crm%40a:p%2Fw@db.example:6432/crm%20one?sslmode=require"
    database = read.database("DATABASE_URL", url, HERE)
    assert (database["USER"], database["PASSWORD"], database["NAME"]) == ("crm@a", "p/w", "crm one")
    assert (database["HOST"], database["PORT"]) == ("db.example", "6432")
    assert database["OPTIONS"]["sslmode"] == "require"
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (0, True)


def test_sqlite_takes_the_write_lock_at_once_and_writes_ahead():
    database = read.database("DATABASE_URL", "", HERE)
    assert database["NAME"] == "/data/headwater.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]


def test_an_absolute_sqlite_path_has_four_slashes():
    assert read.database("DATABASE_URL", "sqlite:////srv/crm.db", HERE)["NAME"] == "/srv/crm.db"


def test_limits_use_another_redis_database_than_the_broker():
    assert read.redis_beside("redis://:pw@r.example:6379/0") == "redis://:pw@r.example:6379/1"
    assert read.redis_beside("redis://r.example/15") == "redis://r.example/14"
    assert read.redis_beside("") == ""


@pytest.mark.parametrize(
    "value", ["anymail+mailgun:", "smtp://", "smtp://h/path", "smtps://h?tls=1", "smtp://h?x=1"]
)
def test_a_mail_address_that_makes_no_sense_is_refused(value):
    with pytest.raises(BadValue, match="EMAIL_URL='"):
        read.mail("EMAIL_URL", value, HERE)


def test_mail_by_smtp_with_and_without_tls():
    plain = read.mail("EMAIL_URL", "smtp://user%40x:pw@m.example:587?tls=1", HERE)
    assert (plain["EMAIL_HOST"], plain["EMAIL_PORT"], plain["EMAIL_USE_TLS"]) == ("m.example", 587, True)
    assert plain["EMAIL_HOST_USER"] == "user@x"
    wrapped = read.mail("EMAIL_URL", "smtps://m.example", HERE)
    assert (wrapped["EMAIL_PORT"], wrapped["EMAIL_USE_SSL"], wrapped["EMAIL_USE_TLS"]) == (465, True, False)


def test_mail_is_kept_in_the_data_folder_when_nothing_is_said():
    assert read.mail("EMAIL_URL", "", HERE)["EMAIL_FILE_PATH"] == "/data/mail"
    assert read.mail("EMAIL_URL", "maildir:/srv/mail", HERE)["EMAIL_FILE_PATH"] == "/srv/mail"
    assert read.mail("EMAIL_URL", "console:", HERE)["EMAIL_BACKEND"].endswith("console.EmailBackend")


@pytest.mark.parametrize("value", ["short", "change-me" * 9, "a" * 60])
def test_a_weak_or_sample_key_is_refused_and_not_shown(value, tmp_path):
    with pytest.raises(BadValue) as refused:
        read.secret_key("SECRET_KEY", value, tmp_path)
    assert value not in str(refused.value)


def test_a_key_is_made_once_and_kept_for_its_owner_only(tmp_path):
    first = read.secret_key("SECRET_KEY", "", tmp_path)
    assert len(first) >= 50
    assert read.secret_key("SECRET_KEY", "", tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_of_two_first_starts_at_once_both_get_the_same_key(tmp_path):
    keys: set[str] = set()
    starts = [
        threading.Thread(target=lambda: keys.add(read.secret_key("SECRET_KEY", "", tmp_path)))
        for _ in range(8)
    ]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len(keys) == 1


def test_a_secret_may_lie_in_a_file(tmp_path):
    (tmp_path / "key").write_text("from the file\n")
    assert read.text({"SECRET_KEY_FILE": str(tmp_path / "key")}, "SECRET_KEY") == "from the file"


def test_a_secret_given_twice_or_in_no_file_is_refused(tmp_path):
    with pytest.raises(BadValue, match="SECRET_KEY_FILE"):
        read.text({"SECRET_KEY": "a", "SECRET_KEY_FILE": "b"}, "SECRET_KEY")
    with pytest.raises(BadValue, match="SECRET_KEY_FILE"):
        read.text({"SECRET_KEY_FILE": str(tmp_path / "nowhere")}, "SECRET_KEY")


def test_the_site_answers_to_its_own_name_and_always_to_this_machine():
    base = urlsplit("https://crm.example:8443")
    assert read.hosts("ALLOWED_HOSTS", "", base) == ["crm.example", "localhost", "127.0.0.1", "[::1]"]
    assert read.hosts("ALLOWED_HOSTS", "a.example, b.example", base)[:2] == ["a.example", "b.example"]
    with pytest.raises(BadValue):
        read.hosts("ALLOWED_HOSTS", "https://a.example", base)


def test_proxies_are_addresses_or_networks():
    assert read.networks("TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1") == (
        ip_network("10.0.0.0/8"),
        ip_network("192.0.2.1/32"),
    )


@pytest.mark.parametrize("value", ["-1", "3.5", "4000", "many"])
def test_a_number_out_of_bounds_is_refused(value):
    with pytest.raises(BadValue, match="from 0 to 3600"):
        read.whole_number("DATABASE_WAIT", value, 60, 0, 3600)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadValue, match="DATA_DIR"):
        read.folder("DATA_DIR", str(tmp_path / "file" / "below"), tmp_path)


def test_the_address_for_filing_is_kept_in_small_letters():
    assert read.filing_address("FILING_ADDRESS", "CRM@In.Company.Example") == "crm@in.company.example"
    assert read.filing_address("FILING_ADDRESS", "") == ""
