"""From a row of a list to a rep's work: by the rules or to a rep, with the cadence, each whole or not at all."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from campaigns.errors import Refused
from campaigns.models import Sequence
from leads.consent import suppress
from leads.models import ContactBasis, Enrolment, Lead, LeadMove
from prospects import pipeline
from prospects.calls import log
from prospects.models import Assignment, ListedPerson, Meeting, Prospect
from prospects.prospecting import figures, starting
from prospects.prospecting.seeing import rows_for
from prospects.prospecting.starting import Asked, start_best, start_rows
from prospects.tests.conftest import TUESDAY, later, make_cold, make_person, talk
from prospects.tests.prospecting import a_cadence, a_list, listed, waiting

pytestmark = pytest.mark.django_db


def asked(of_list: Any, by: Any, owner: Any = None, key: UUID | None = None) -> Asked:
    return Asked(of_list, owner, by, TUESDAY, key)


def whats(told: list[starting.Told]) -> list[str]:
    return [one.what for one in told]


def test_the_ticked_go_to_a_rep_with_a_first_call_and_no_clock(sara: Any, sam: Any) -> None:
    onto = a_list()
    rows = waiting(onto, 3)
    told = start_rows(asked(onto, sara, sam), [row.pk for row in rows[:2]])
    assert whats(told) == ["done", "done"]
    prospect = Prospect.objects.get(person=rows[0].person)
    assert (prospect.origin, prospect.owner, prospect.answer_by, prospect.marketing_qualified_at) == (
        "outbound", sam, None, None,
    )  # fmt: skip
    assert prospect.follow_ups.get().text == "First call"
    assert "Fair 2026" in prospect.assigned_why and "Sara" in prospect.assigned_why
    rows[0].refresh_from_db()
    assert (rows[0].state, rows[0].prospect, rows[0].started_at) == ("started", prospect, TUESDAY)
    assert not Lead.objects.exists() and not LeadMove.objects.exists()  # in no lead count


def test_by_the_rules_everybody_takes_turns(sara: Any, sam: Any, rule: Any) -> None:
    everybody, onto = rule(sam, sara), a_list()
    waiting(onto, 6)
    assert whats(start_best(asked(onto, sara), 6)) == ["done"] * 6
    assert {user: Prospect.objects.filter(owner=user).count() for user in (sam, sara)} == {sam: 3, sara: 3}
    assert Assignment.objects.filter(rule=everybody).count() == 6


def test_where_no_rule_fits_the_row_waits_on_and_no_turn_is_counted(sara: Any, sam: Any, rule: Any) -> None:
    everybody, onto = rule(sam, field="country", words="DE"), a_list()
    (row,) = waiting(onto, 1)
    (told,) = start_rows(asked(onto, sara), [row.pk])
    assert (told.what, "No rule fits" in told.said) == ("refused", True)
    row.refresh_from_db()
    assert (row.state, row.started_at) == ("waiting", None)
    assert everybody.members.get().given == 0 and not Prospect.objects.exists()


def test_the_best_are_started_first_and_only_those_who_are_free(sara: Any, sam: Any) -> None:
    onto = a_list()
    rows = waiting(onto, 4)
    ListedPerson.objects.filter(pk=rows[0].pk).update(like=make_person())
    ListedPerson.objects.filter(pk=rows[1].pk).update(fit=None)
    start_best(asked(onto, sara, sam), 2)
    assert set(Prospect.objects.values_list("person", flat=True)) == {rows[2].person_id, rows[3].person_id}


def test_the_same_form_twice_starts_nobody_more(sara: Any, sam: Any) -> None:
    onto, key = a_list(), uuid4()
    waiting(onto, 5)
    assert whats(start_best(asked(onto, sara, sam, key), 2)) == ["done", "done"]
    assert whats(start_best(asked(onto, sara, sam, key), 2)) == ["same", "same"]
    assert whats(start_best(asked(onto, sara, sam, uuid4()), 2)) == ["done", "done"]
    assert Prospect.objects.count() == 4


def test_ticked_twice_is_started_once(sara: Any, sam: Any) -> None:
    onto = a_list()
    (row,) = waiting(onto, 1)
    told = [start_rows(asked(onto, sara, sam), [row.pk, row.pk, 10**9]) for _ in range(2)]
    assert [whats(one) for one in told] == [["done", "gone"], ["same", "gone"]]
    assert "Sam Okafor" in told[1][0].said


def test_with_a_cadence_they_walk_it_and_the_promise_is_to_look_at_it(sara: Any, sam: Any) -> None:
    cadence = a_cadence()
    onto = a_list(cadence=cadence)
    (row,) = waiting(onto, 1)
    start_rows(asked(onto, sara, sam), [row.pk])
    walk = Enrolment.objects.get(person=row.person)
    assert (walk.sequence, walk.state) == (cadence, "active")
    step = Prospect.objects.get().follow_ups.get()
    assert (step.kind, step.due_at > later(days=9)) == ("other", True)
    assert ContactBasis.objects.filter(person=row.person).count() == 1
    assert not Prospect.objects.without_next_step(TUESDAY).exists()  # not red


def test_a_cadence_that_is_not_live_starts_nobody(sara: Any, sam: Any) -> None:
    cadence = a_cadence()
    onto = a_list(cadence=cadence)
    (row,) = waiting(onto, 1)
    Sequence.objects.update(state=Sequence.State.ENDED)
    with pytest.raises(Refused, match="not live"):
        start_rows(asked(onto, sara, sam), [row.pk])
    assert not Prospect.objects.exists()


def test_where_the_cadence_takes_nobody_nothing_is_kept(sara: Any, sam: Any, monkeypatch: Any) -> None:
    onto = a_list(cadence=a_cadence())
    (row,) = waiting(onto, 1)
    monkeypatch.setattr(starting, "enrol", lambda **asked: None)
    (told,) = start_rows(asked(onto, sara, sam), [row.pk])
    row.refresh_from_db()
    assert (told.what, row.state, Prospect.objects.count()) == ("refused", "waiting", 0)


def test_whom_we_know_by_now_is_said_and_stays_out(sara: Any, sam: Any) -> None:
    onto = a_list()
    with_sara, silent, doubted, fine = waiting(onto, 4)
    make_cold(sara, with_sara.person)
    suppress(email_key=silent.person.email_key or "", reason="unsubscribed", at=TUESDAY, person=silent.person)
    ListedPerson.objects.filter(pk=doubted.pk).update(like=make_person())
    told = start_rows(asked(onto, sara, sam), [row.pk for row in (with_sara, silent, doubted, fine)])
    assert whats(told) == ["refused", "refused", "refused", "done"]
    assert told[0].said == "Exists, owned by Sara Lindqvist."
    states = dict(ListedPerson.objects.values_list("pk", "state"))
    assert [states[row.pk] for row in (with_sara, silent, doubted, fine)] == [
        "known", "set_aside", "waiting", "started",
    ]  # fmt: skip


def test_somebody_on_two_lists_is_started_from_one(sara: Any, sam: Any) -> None:
    person, one, two = make_person(), a_list(), a_list(name="Other")
    (first,), (second,) = listed(one, person), listed(two, person)
    start_rows(asked(one, sara, sam), [first.pk])
    (told,) = start_rows(asked(two, sara, sam), [second.pk])
    assert (told.what, Prospect.objects.count()) == ("refused", 1)
    second.refresh_from_db()
    assert second.state == "known"


def test_who_was_given_up_may_be_started_again_as_the_next_round(sara: Any, sam: Any) -> None:
    from prospects.prospecting.aside import take_back
    from prospects.tests.conftest import reason

    past = make_cold(sam)
    pipeline.reject(prospect=past, reason=reason("no-need"), by=sam, at=TUESDAY)
    onto = a_list()
    (row,) = listed(onto, past.person, fresh=False)
    take_back(row=row, by=sara, at=TUESDAY)
    assert whats(start_rows(asked(onto, sara, sam), [row.pk])) == ["done"]
    assert Prospect.objects.get(closed_at=None).round == 2


def test_numbers_say_how_far_each_got_and_each_lists_its_rows(sara: Any, sam: Any) -> None:
    onto = a_list()
    rows = waiting(onto, 5)
    start_rows(asked(onto, sara, sam), [row.pk for row in rows[:4]])
    start_rows(asked(onto, sara, sara), [rows[4].pk])
    called, talked, met, bought = (Prospect.objects.get(person=row.person) for row in rows[:4])
    log.log_call(prospect=called, outcome="no_answer", by=sam, at=TUESDAY)
    for one in (talked, met, bought):
        talk(one, sam)
    for one in (met, bought):
        Meeting.objects.create(prospect=one, at=TUESDAY, outcome="held", by=sam)
    pipeline.move(prospect=bought, to="sales_qualified", by=sam, at=TUESDAY)
    from decimal import Decimal

    pipeline.win(prospect=bought, amount=Decimal(9), by=sam, at=later(days=1))
    seen = rows_for(sara).filter(list=onto)
    total, first, second = figures.table(seen)
    assert list(total.numbers.values()) == [5, 4, 3, 3, 2, 1, 1]
    assert (first.rep, list(first.numbers.values())) == (sam, [4, 4, 3, 3, 2, 1, 1])
    assert (second.rep, list(second.numbers.values())) == (sara, [1, 0, 0, 0, 0, 0, 0])
    for step, number in total.numbers.items():
        assert figures.started(seen, step).count() == number
    assert figures.started(seen, "held", str(sam.pk)).count() == 2
    assert figures.of_lists([onto], seen)[onto.pk] == {
        "people": 5, "waiting": 0, "started": 5, "answered": 3, "qualified": 1,
    }  # fmt: skip


def test_an_answer_by_mail_counts_as_answered_and_no_conversation(sara: Any, sam: Any) -> None:
    from campaigns.models import Channel
    from leads.models import Touch

    onto = a_list()
    (row,) = waiting(onto, 1)
    start_rows(asked(onto, sara, sam), [row.pk])
    Touch.objects.create(person=row.person, kind="reply", at=later(days=1), channel=Channel.objects.first())
    (total, _rep) = figures.table(rows_for(sara))
    assert [total.numbers[step] for step in ("contacted", "answered", "conversation")] == [1, 1, 0]
