"""The front door while Redis or the database is slow, away or emptied (RELIABILITY C2, fault matrix)."""

import statistics
import threading
import time
from contextlib import contextmanager

import psycopg
import pytest
import redis

from crm.environment import redis_beside
from crm.tests.web_storm import web


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with web(tmp_path_factory.mktemp("web")) as made:
        made.usual = p95([made.post(f"usual{n}@brackwerk.example", n) for n in range(40)])
        yield made


def p95(answers):
    assert {answer.status for answer in answers} == {303}
    return statistics.quantiles([answer.seconds for answer in answers], n=20)[-1]


@contextmanager
def with_redis(server, mode):
    server.redis.set(mode)
    try:
        yield
    finally:
        server.redis.set("passing")


@pytest.mark.parametrize("mode", ["stopped", "hung", "slow"])
def test_forms_do_not_wait_for_redis(server, mode):
    before = server.count("leads_message")
    with with_redis(server, mode):
        answers = [server.post(f"{mode}{n}@brackwerk.example", 1000 + n) for n in range(60)]
    assert p95(answers) <= server.usual + 0.5
    assert server.count("leads_message") == before + 60, "the mails are due and go out later"


def test_an_emptied_redis_loses_no_form_and_no_mail(server):
    before = server.count("leads_message")
    stop = threading.Event()

    def empty():
        limits = redis.Redis.from_url(redis_beside(server.environment["REDIS_URL"]))
        with redis.Redis.from_url(server.environment["REDIS_URL"]) as broker, limits:
            while not stop.wait(0.05):
                broker.flushdb()
                for key in limits.scan_iter("limit:*"):
                    limits.delete(key)

    emptying = threading.Thread(target=empty)
    emptying.start()
    answers = [server.post(f"flushed{n}@brackwerk.example", 2000 + n) for n in range(40)]
    stop.set()
    emptying.join()
    assert p95(answers) <= server.usual + 0.5
    assert server.count("leads_message") == before + 40


def test_without_the_database_the_answer_is_503_and_keeps_what_was_typed(server):
    server.postgres.set("stopped")
    try:
        answer = server.post("away@brackwerk.example", 3000)
        assert answer.status == 503
        assert int(answer.head["Retry-After"]) > 0
        assert "away@brackwerk.example" in answer.body and "Brackwerk Paper" in answer.body
    finally:
        server.postgres.set("passing")


def test_connections_that_were_cut_are_replaced_and_no_form_is_lost(server):
    """A failover: every connection of the pool is dead at once."""
    with psycopg.connect(server.database, autocommit=True) as admin:
        for number in range(6):
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            time.sleep(0.2)
            answers = [server.post(f"cut{number}-{n}@brackwerk.example", 4000 + n) for n in range(4)]
            assert {answer.status for answer in answers} == {303}
