"""Two looks at one segment at the same time, and a page that does not wait for a slow count. Needs PostgreSQL."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections

from leads.models import Person, Segment, SegmentMember
from leads.segments import keep_up, refresh
from leads.segments.looking import look
from leads.segments.patience import TooSlow, at_most
from leads.tests.builders import NOON, a_lead
from leads.tests.segment_world import a_segment
from leads.tracking import make_dirty

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no statement that is stopped"),
]


def test_two_looks_at_once_store_everybody_once():
    leads = [a_lead(f"r{number}@x.example", country="NL") for number in range(20)]
    segment = a_segment(("country", "NL"))
    wrong: list[Exception] = []
    start = threading.Barrier(4)

    def looks() -> None:
        try:
            start.wait()
            refresh(segment=segment, at=NOON)
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            wrong.append(error)
        finally:
            connections.close_all()

    for country, number in (("NL", 20), ("DE", 0)):
        Person.objects.update(country=country)
        make_dirty(lead_ids=[lead.pk for lead in leads], at=NOON)
        threads = [threading.Thread(target=looks) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert SegmentMember.objects.count() == Segment.objects.get().size == number


def test_a_statement_that_takes_too_long_is_stopped_and_all_of_it_undone():
    segment, before = a_segment(("country", "NL")), _limit()
    with pytest.raises(TooSlow), at_most(0.05), connection.cursor() as cursor:
        Segment.objects.update(name="another")
        cursor.execute("SELECT pg_sleep(5)")
    segment.refresh_from_db()
    assert segment.name == "some"
    assert _limit() == before


def test_a_page_shows_what_is_stored_where_counting_takes_too_long(monkeypatch):
    a_lead("anna@x.example", country="NL")
    segment = a_segment(("country", "NL"))
    lines = list(segment.conditions.all())
    monkeypatch.setattr("leads.segments.due.refresh", lambda **_asked: _sleeps())
    monkeypatch.setattr("leads.segments.looking.matching", lambda *_asked, **_more: _sleeps())
    monkeypatch.setattr("leads.segments.looking.SECONDS", 0.05)
    assert keep_up(segment, at=NOON, seconds=0.05) is False
    assert Segment.objects.get().wanted_at == NOON  # the job takes it up
    assert look(lines, at=NOON).number is None


def _limit() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


def _sleeps() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
