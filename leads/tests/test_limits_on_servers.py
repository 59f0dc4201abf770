"""Limits counted together in a real Redis: two processes see one count (RELIABILITY C8)."""

import os

import pytest
import redis

from leads import limits
from leads.limits import Limit, Store
from leads.tests.builders import NOON


@pytest.fixture
def url():
    found = os.environ["REDIS_URL"]
    with redis.Redis.from_url(found) as store:
        for key in store.scan_iter("limit:t:*"):
            store.delete(key)
    return found


def test_two_processes_have_one_count(url):
    one, other, limit = Store(url), Store(url), [Limit("address", "t:192.0.2.7", 4)]
    found = [store.count(limit, 100, 1.0) for store in (one, other, one, other, one, other)]
    assert found == [0, 0, 0, 0, 1, 1]


def test_the_store_and_a_process_alone_count_alike(url):
    store, alone = Store(url), limits.Counter()
    asked = [Limit("address", "t:a", 6), Limit("mailbox", "t:m", 4), Limit("form", "t:f", 9)]
    steps = [(100, 0.9)] * 5 + [(101, 0.8)] * 3 + [(102, 0.25)] * 8
    assert [store.count(asked, *step) for step in steps] == [alone.count(asked, *step) for step in steps]


def test_no_address_lies_readable_in_the_store(url, settings):
    settings.LIMITS_REDIS_URL = url
    limits.allow(page_id=None, ip=None, email_key="secret@x.example", at=NOON)
    with redis.Redis.from_url(url) as store:
        keys = list(store.scan_iter("limit:*"))
    assert keys and not any(b"secret" in key for key in keys)
    with redis.Redis.from_url(url) as store:
        store.delete(*keys)
