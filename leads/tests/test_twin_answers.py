"""A cached page gives many people one nonce: who sends it with somebody's address learns nothing of theirs (C6)."""

import pytest

from leads import tokens
from leads.models import Submission
from leads.nonce import make
from leads.tests.builders import a_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def nonce(time_machine_at):
    return make()


@pytest.fixture
def time_machine_at():
    """The form is read for a minute."""
    import time_machine

    with time_machine.travel("2026-11-18T12:00:00Z", tick=False) as clock:
        yield clock


def send(client, nonce, **answers):
    data = {"email": "piet@maasland.example", "nonce": nonce, **answers}
    return client.post("/p/bearing-paper/", data, follow=True).content.decode()


def test_a_twin_with_other_answers_is_not_shown_the_first_ones(client, nonce, time_machine_at):
    a_page()
    time_machine_at.shift(60)
    assert "Thank you, Piet" in send(client, nonce, first_name="Piet")
    assert "Thank you, Piet" not in send(client, nonce, first_name="Mallory")
    assert Submission.objects.count() == 1


def test_the_same_form_twice_is_answered_alike(client, nonce, time_machine_at):
    a_page()
    time_machine_at.shift(60)
    pages = {send(client, nonce, first_name="Piet") for _ in range(3)}
    assert len(pages) == 1


def test_the_two_tokens_are_not_each_other():
    assert tokens.read_thanks(tokens.thanks_token(7, as_sent=False)) == 7
    assert not tokens.is_as_sent(tokens.thanks_token(7, as_sent=False))
    assert tokens.is_as_sent(tokens.thanks_token(7))
