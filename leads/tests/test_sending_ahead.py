"""The next mail is made ahead: only for its own message, only while it is fresh, and a failure is told in its turn."""

import pytest

from leads.models import Message
from leads.sending.ahead import Ahead

FIRST, SECOND = Message(pk=1), Message(pk=2)


def counting():
    made: list[int] = []

    def make(message: Message) -> str:
        made.append(message.pk)
        return f"mail {message.pk}, try {len(made)}"

    return made, Ahead(make)


def test_a_mail_made_ahead_is_given_once_to_its_own_message():
    made, ahead = counting()
    ahead.look(SECOND)
    assert ahead.take(SECOND) == "mail 2, try 1"
    assert ahead.take(SECOND) == "mail 2, try 2"
    assert made == [2, 2]


def test_a_mail_of_another_message_is_given_to_nobody():
    made, ahead = counting()
    ahead.look(SECOND)
    assert ahead.take(FIRST) == "mail 1, try 2"
    assert made == [2, 1]


def test_a_mail_that_waited_long_is_made_anew(monkeypatch):
    made, ahead = counting()
    ahead.look(SECOND)
    monkeypatch.setattr("leads.sending.ahead.WAITS_SECONDS", 0)
    assert ahead.take(SECOND) == "mail 2, try 2"
    assert made == [2, 2]


def test_a_mail_that_cannot_be_made_says_so_in_its_turn_and_not_before():
    def fails(message: Message) -> str:
        raise ValueError("no words")

    ahead = Ahead(fails)
    ahead.look(FIRST)
    with pytest.raises(ValueError, match="no words"):
        ahead.take(FIRST)


def test_after_the_last_message_nothing_is_made():
    made, ahead = counting()
    ahead.look(None)
    assert made == []
