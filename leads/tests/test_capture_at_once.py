"""Twenty identical posts at once: one person, one lead, one submission, one mail (RELIABILITY C3, C4)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from leads.models import Lead, Message, Person, Submission
from leads.tests.builders import a_page, submitted


def _send(page, nonce):
    try:
        return submitted(page, nonce=nonce)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_twenty_identical_posts_make_one_of_each():
    page = a_page()
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: _send(page, "same"), range(20)))
    assert {result.submission.pk for result in results} == {Submission.objects.get().pk}
    assert sum(not result.twin for result in results) == 1
    assert (Person.objects.count(), Lead.objects.count(), Message.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_ten_different_forms_of_one_new_address_make_one_person():
    page = a_page()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: _send(page, f"n{number}"), range(10)))
    assert (Person.objects.count(), Lead.objects.count(), Submission.objects.count()) == (1, 1, 10)
