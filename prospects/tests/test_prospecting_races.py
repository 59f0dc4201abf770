"""Two managers at one list at the same moment: everybody is started once, by one of them, and nobody waits for ever."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from campaigns.errors import Conflict
from leads.merging.merge import merge
from leads.models import Enrolment, Person, Twin
from prospects.models import AssignmentMember, FollowUp, ListedPerson, Prospect
from prospects.prospecting.aside import set_aside
from prospects.prospecting.settling import settle
from prospects.prospecting.starting import Asked, start_best, start_rows
from prospects.tests.conftest import TUESDAY, make_move, make_person
from prospects.tests.prospecting import a_cadence, a_list, waiting
from prospects.tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_managers_start_the_same_rows_once(sara: Any, sam: Any, rule: Any) -> None:
    rule(sam, sara)
    onto = a_list(cadence=a_cadence())
    ids = [row.pk for row in waiting(onto, 6)]
    results = at_once(
        lambda: start_rows(Asked(onto, None, sara, TUESDAY), ids),
        lambda: start_rows(Asked(onto, None, sam, TUESDAY), ids[::-1]),
    )
    assert all(isinstance(told, list) for told in results), results
    assert sorted(one.what for told in results for one in told) == ["done"] * 6 + ["same"] * 6
    assert Prospect.objects.count() == Enrolment.objects.count() == FollowUp.objects.count() == 6
    assert sum(AssignmentMember.objects.values_list("given", flat=True)) == 6
    assert {Prospect.objects.filter(owner=rep).count() for rep in (sam, sara)} == {3}


def test_one_form_pressed_twice_at_once_starts_no_more_than_it_asked_for(sara: Any, sam: Any) -> None:
    onto, key = a_list(), uuid4()
    waiting(onto, 8)
    results = at_once(*(lambda: start_best(Asked(onto, sam, sara, TUESDAY, key), 3) for _press in range(2)))
    assert all(isinstance(told, list) for told in results), results
    assert Prospect.objects.count() == ListedPerson.objects.filter(state="started").count() == 3


def test_of_a_start_and_a_set_aside_one_wins(sara: Any, sam: Any) -> None:
    onto = a_list()
    (row,) = waiting(onto, 1)
    told, aside = at_once(
        lambda: start_rows(Asked(onto, sam, sara, TUESDAY), [row.pk]),
        lambda: set_aside(row=row, why="Left the company", by=sara),
    )
    row.refresh_from_db()
    started = row.state == "started"
    assert started == (told[0].what == "done") == isinstance(aside, Conflict)
    assert Prospect.objects.count() == started


def test_a_merge_and_a_sweep_meanwhile_do_not_deadlock(sara: Any, sam: Any) -> None:
    onto = a_list()
    rows = waiting(onto, 4)
    twin: Person = make_person()
    results = at_once(
        lambda: start_rows(Asked(onto, sam, sara, TUESDAY), [row.pk for row in rows]),
        lambda: merge(keep=twin, gone=rows[0].person, theirs=[], at=TUESDAY, by=sara, submit_key=None),
        lambda: settle(at=TUESDAY),
    )
    assert not any(isinstance(result, Exception) for result in results), results
    assert Prospect.objects.count() == ListedPerson.objects.filter(state="started").count()


def test_two_workers_settle_a_list_as_one_does() -> None:
    rows = waiting(a_list(), 12)
    for row in rows[:4]:
        make_move(row.person)
    for row in rows[4:8]:
        Twin.objects.create(one=row.person, two=make_person(), score=0.95)
    counts = at_once(*(lambda: settle(at=TUESDAY) for _worker in range(3)))
    assert not any(isinstance(count, Exception) for count in counts), counts
    assert {name: sum(count[name] for count in counts) for name in counts[0]} == {
        "known": 4, "freed": 0, "doubted": 4,
    }  # fmt: skip
    assert ListedPerson.objects.filter(state="known").count() == 4
    assert ListedPerson.objects.exclude(like=None).count() == 4
    assert settle(at=TUESDAY) == {"known": 0, "freed": 0, "doubted": 0}
