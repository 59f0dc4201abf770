"""Whose rows a merge holds: also those of people who were merged into one of the two before."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import OperationalError, connection, transaction

from leads.merging import merge
from leads.merging.merge import lock_both
from leads.models import Person
from leads.tests.builders import NOON

pytestmark = pytest.mark.django_db(transaction=True)


def test_whoever_was_merged_into_one_of_them_is_held_too(maya):
    first, second, third = (
        Person.objects.create(email=f"p{n}@x.example", email_key=f"p{n}@x.example") for n in range(3)
    )
    merge(keep=second, gone=first, at=NOON - timedelta(days=1), by=maya)
    held, seen = Event(), Event()

    def hold() -> bool:
        try:
            with transaction.atomic():
                lock_both(third.pk, second.pk)
                held.set()
                return seen.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        try:
            assert held.wait(10)
            with pytest.raises(OperationalError), transaction.atomic():
                Person.objects.select_for_update(nowait=True, no_key=True).get(pk=first.pk)
        finally:
            seen.set()
    assert holding.result()
