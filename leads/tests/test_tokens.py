"""Each token opens one door only."""

import pytest
import time_machine

from leads import tokens
from leads.keyrings import _read


def test_a_download_token_names_its_submission():
    assert tokens.read_download(tokens.download_token(4711)) == 4711


def test_a_token_for_one_purpose_opens_no_other_door():
    token = tokens.thanks_token(4711)
    for read in (tokens.read_download, tokens.read_confirm, tokens.read_unsubscribe, tokens.read_click):
        with pytest.raises(tokens.BadToken):
            read(token)


def test_a_changed_token_is_refused():
    token = tokens.download_token(4711)
    with pytest.raises(tokens.BadToken):
        tokens.read_download("1" + token)


def test_an_old_download_token_says_whose_it_was():
    with time_machine.travel("2026-11-01", tick=False):
        token = tokens.download_token(4711)
    with time_machine.travel("2026-11-09", tick=False), pytest.raises(tokens.ExpiredToken) as expired:
        tokens.read_download(token)
    assert expired.value.value == 4711


def test_an_unsubscribe_link_outlives_the_secret_key_and_a_new_ring_key(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    token = tokens.unsubscribe_token(4711)
    settings.SECRET_KEY = "another"
    ring = tmp_path / "keys" / "unsubscribe"
    ring.write_text("a-new-key\n" + ring.read_text())
    _read.cache_clear()
    with time_machine.travel("2036-01-01"):
        assert tokens.read_unsubscribe(token) == tokens.WayOut(4711)


def test_a_click_token_names_message_and_link():
    token = tokens.click_token(message_id=12, person_id=7, link_id=3)
    assert tokens.read_click(token) == tokens.MailToken(12, 7, 3)


def test_a_change_of_keys_is_seen_at_the_next_token(settings):
    settings.SECRET_KEY = "the first key, long enough for a test"
    first = tokens.open_token(message_id=7, person_id=3)
    settings.SECRET_KEY = "the second key, long enough for a test"
    second = tokens.open_token(message_id=7, person_id=3)
    assert first != second
    assert tokens.read_open(second).message_id == 7
    with pytest.raises(tokens.BadToken):
        tokens.read_open(first)
    settings.SECRET_KEY_FALLBACKS = ["the first key, long enough for a test"]
    assert tokens.read_open(first).message_id == 7
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(tokens.BadToken):
        tokens.read_open(first)
