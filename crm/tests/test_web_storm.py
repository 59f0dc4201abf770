"""The front door under a storm, through a real web server (RELIABILITY C1, C3, C8)."""

import os
import random
import signal
import threading
import time

import pytest

from crm.tests.web_storm import send_half, web

ROWS_OF_A_FORM = (
    "leads_person", "leads_submission", "leads_touch", "leads_lead", "leads_leadscore", "leads_consentevent",
    "leads_message", "leads_enrolment",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with web(tmp_path_factory.mktemp("web")) as made:
        yield made


@pytest.mark.parametrize("number", [20, 50])
def test_identical_posts_at_once_make_one_of_each_and_get_like_answers(server, number):
    email = f"same{number}@brackwerk.example"
    before = {table: server.count(table) for table in ROWS_OF_A_FORM}
    answers = server.at_once([email] * number, threads=number)
    assert {answer.shape for answer in answers} == {answers[0].shape}
    assert answers[0].status == 303
    grown = {table: server.count(table) - before[table] for table in ROWS_OF_A_FORM}
    assert grown == dict.fromkeys(ROWS_OF_A_FORM, 1)


def test_a_body_that_was_cut_is_refused_and_nothing_is_kept(server):
    before = server.count("leads_submission")
    answer = send_half(server)
    assert b" 400 " in answer.split(b"\r\n")[0]
    assert server.count("leads_submission") == before


def test_a_made_up_forwarded_address_does_not_reset_a_limit(server):
    """The proxy appends the true address; what the client wrote stands left of it and counts for nothing."""
    answers = [
        server.post(f"m{number}@limit.example", forwarded=f"198.51.100.{number}, 203.0.113.77")
        for number in range(75)
    ]
    refused = [answer for answer in answers if answer.status == 429]
    assert answers[0].status == 303 and refused
    assert int(refused[0].head["Retry-After"]) > 0
    assert "Brackwerk Paper" in refused[0].body, "what was typed stays in the page"


def test_whatever_was_answered_is_whole_after_the_server_was_killed(tmp_path):
    """RELIABILITY C1: three kills in the middle of a burst."""
    with web(tmp_path) as server:
        answered, stopped = [], threading.Event()

        def burst(client):
            number = client * 100_000
            while not stopped.is_set():
                number += 1
                email = f"n{number}@burst.example"
                if server.post(email, number).status == 303:
                    answered.append(email)
                else:
                    time.sleep(0.05)

        clients = [threading.Thread(target=burst, args=[client]) for client in range(8)]
        for client in clients:
            client.start()
        for _kill in range(3):
            time.sleep(1 + random.random())
            os.killpg(server.process.pid, signal.SIGKILL)
            server.process.wait(10)
            server.start()
        time.sleep(1)
        stopped.set()
        for client in clients:
            client.join(60)
        kept = {key for (key,) in server.rows("SELECT email_key FROM leads_person")}
        assert len(answered) > 20 and set(answered) <= kept
        assert {table: server.count(table) for table in ROWS_OF_A_FORM} == dict.fromkeys(
            ROWS_OF_A_FORM, len(kept)
        )
