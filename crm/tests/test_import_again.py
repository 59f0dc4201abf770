"""A crash, a twin at the same moment, a refused sale: run it again and it is as if nothing had happened."""

import pytest
from django.db import IntegrityError

from crm.importing import work
from crm.models import ImportRun
from crm.tests.importing import a_file, a_mapping, read
from leads.models import Lead, Person, Touch

pytestmark = pytest.mark.django_db
ROWS = [f"{n},2025-03-0{n},web,p{n}@corp.example,P,{n},{'sold' if n == 2 else ''}" for n in range(1, 6)]


def failing(calls, error):
    """`enter` that raises `error` at the calls whose number stands in `calls`."""
    real, count = work.enter, iter(range(1, 99))

    def enter(*args):
        if next(count) in calls:
            raise error
        return real(*args)

    return enter


def test_a_crash_keeps_whole_batches_and_the_next_run_finishes(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "BATCH", 2)
    path = a_file(tmp_path, *ROWS)
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(work, "enter", failing({2}, RuntimeError("power cut")))
        read(path, a_mapping())
    assert (Lead.objects.count(), ImportRun.objects.get().state) == (2, "failed")
    counts, _told = read(path, a_mapping())
    assert (counts["known"], counts["created"]) == (2, 3)
    assert Lead.objects.count() == Touch.objects.count() == Person.objects.count() == 5


def test_a_batch_that_meets_a_twin_is_tried_once_more(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "enter", failing({1}, IntegrityError("twin")))
    counts, _told = read(a_file(tmp_path, *ROWS), a_mapping())
    assert (counts["created"], Lead.objects.count()) == (5, 5)


def test_a_batch_that_fails_twice_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "enter", failing({1, 2}, IntegrityError("twin")))
    with pytest.raises(IntegrityError):
        read(a_file(tmp_path, *ROWS), a_mapping())
    assert not Lead.objects.exists()


def test_a_person_may_buy_twice(tmp_path):
    first = "id,since,origin,mail,name,visits,outcome"
    read(a_file(tmp_path, ROWS[1], header=first), a_mapping())
    again = ROWS[1].replace("2,2025-03-02", "22,2025-06-02", 1)
    counts, _told = read(a_file(tmp_path, again, header=first), a_mapping())
    assert (counts["won"], Lead.objects.count()) == (1, 1)
