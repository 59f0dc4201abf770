"""docker-compose.yml says what runs in production; it is held to the commands and variables that are there."""

from __future__ import annotations

import re

import pytest
import yaml

from crm.management.commands.serve import commands
from crm.tests.source import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("web", "worker", "mailer", "beat")
UNITS = {"s": 1, "m": 60}


def seconds(text: str) -> int:
    return int(text[:-1]) * UNITS[text[-1]]


def test_the_parts_are_all_there_and_each_has_a_health_check():
    assert set(SERVICES) == {*OURS, "postgres", "redis"}
    assert [name for name, service in SERVICES.items() if not service.get("healthcheck")] == []


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_parts_is_given_time_to_end(name):
    least = {"web": 25, "worker": 40, "mailer": 40, "beat": 10}[name]  # gunicorn's, a mail's, none
    assert seconds(SERVICES[name]["stop_grace_period"]) >= least


@pytest.mark.parametrize("name", OURS)
def test_each_variable_is_one_that_the_settings_read(name):
    read = (ROOT / "crm" / "settings.py").read_text()
    assert [var for var in SERVICES[name]["environment"] if f'"{var}"' not in read] == []


def test_no_password_stands_in_the_file():
    text = (ROOT / "docker-compose.yml").read_text()
    assert re.findall(r"PASSWORD: (?!\$\{)", text) == []


def test_every_queue_has_a_worker():
    listened = {
        queue
        for service in ("worker", "mailer")
        for queue in SERVICES[service]["command"][SERVICES[service]["command"].index("-Q") + 1].split(",")
    }
    from crm.schedule import BULK, JOBS, MAIL

    assert listened == {JOBS, MAIL, BULK}


@pytest.mark.parametrize("name", ["worker", "mailer", "beat"])
def test_make_serve_starts_the_same_parts(name):
    own = commands(bind="127.0.0.1:8000")[name]
    assert {"-A", "crm"} <= set(own)
    options = [own[own.index(flag) + 1] for flag in ("-Q", "-c") if flag in own]
    assert [option for option in options if option not in SERVICES[name]["command"]] == []


def test_the_image_runs_as_somebody_without_rights():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    user = max(number for number, line in enumerate(lines) if line.startswith("USER "))
    assert lines[user] == "USER headwater"
    assert user < next(number for number, line in enumerate(lines) if line.startswith("CMD "))


def test_redis_never_throws_messages_away():
    assert "noeviction" in SERVICES["redis"]["command"]
