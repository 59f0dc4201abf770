"""Servers behind a link that mean ill with whoever asks them."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from campaigns.preflight import fetch

HERE = {"127.0.0.1"}


@pytest.mark.parametrize("address", ["http://host.example:99999999/", "http://[half/"])
def test_an_address_that_is_none_is_said_to_be_none(address):
    with pytest.raises(fetch.Unreachable, match="no web address"):
        fetch.ask(address)


@pytest.fixture
def server():
    """Answers each call with what `say` does to its line."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(10)
    yield listening, f"http://127.0.0.1:{listening.getsockname()[1]}/"
    listening.close()


def answer(listening, say):
    def serve():
        line, _whose = listening.accept()
        with line:
            line.recv(9000)
            say(line)

    threading.Thread(target=serve, daemon=True).start()


@pytest.mark.parametrize("to", ["http://[half/", "http://host.example:99999999/"])
def test_a_redirect_to_no_address_is_a_dead_link_and_no_error_of_ours(server, to):
    listening, address = server
    answer(listening, lambda line: line.sendall(f"HTTP/1.1 302 x\r\nLocation: {to}\r\n\r\n".encode()))
    with pytest.raises(fetch.Unreachable):
        fetch.ask(address, allowed=HERE)


def test_a_server_that_sends_a_letter_now_and_then_is_left(server, monkeypatch):
    monkeypatch.setattr(fetch, "WHOLE_SECONDS", 1)
    listening, address = server

    def drip(line):
        with suppress(OSError):  # until it is left
            for _letter in range(80):
                line.send(b"H")
                time.sleep(0.1)

    answer(listening, drip)
    begun = time.monotonic()
    with pytest.raises(fetch.Unreachable):
        fetch.ask(address, allowed=HERE)
    assert time.monotonic() - begun < 4
