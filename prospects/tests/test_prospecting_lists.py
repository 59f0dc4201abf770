"""People come onto a list once: fitted, kept from those we know, and on a stated ground."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from campaigns.errors import Conflict, Refused
from leads.consent import suppress
from leads.models import ContactBasis, Lead, Suppression, Twin
from leads.twins.deciding import differ
from prospects import pipeline
from prospects.calls import log
from prospects.models import ListedPerson
from prospects.prospecting import aside, fitting, listing, settling
from prospects.prospecting.seeing import perhaps_known
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, make_move, make_person, reason
from prospects.tests.prospecting import a_list, a_profile, listed

pytestmark = pytest.mark.django_db

MADE = {
    "name": "Fair",
    "source": "Exhibitors",
    "basis": "interest",
    "basis_note": "They buy gears.",
    "cadence": None,
}
KEY = "7d7b4c6e-6a53-4c9b-8f3b-0d8f1f6c2a11"


def test_a_list_sent_twice_is_one_list(sara: Any) -> None:
    first, second = (listing.make_list(said=MADE, by=sara, at=TUESDAY, submit_key=KEY) for _ in range(2))
    assert first == second and first.created_by == sara


def test_whoever_comes_in_waits_with_the_lists_ground_as_evidence(sara: Any) -> None:
    (row,) = listed(a_list(), make_person(), by=sara)
    assert (row.state, row.why, row.like) == ("waiting", "", None)
    ground = ContactBasis.objects.get(person=row.person)
    assert (ground.kind, ground.source, ground.by, ground.at) == (
        "interest",
        "Exhibitors of the fair",
        sara,
        TUESDAY,
    )
    assert ground.why == "List “Fair 2026”: They buy gears."
    assert not Lead.objects.exists()


def test_the_same_people_once_more_add_nothing() -> None:
    onto, person = a_list(), make_person()
    for _ in range(2):
        listed(onto, person)
    assert (ListedPerson.objects.count(), ContactBasis.objects.count()) == (1, 1)


def test_nobody_comes_onto_a_list_that_was_put_away() -> None:
    with pytest.raises(Refused, match="archived"):
        listed(a_list(archived_at=TUESDAY), make_person())


def test_whom_we_know_is_not_called_and_it_says_whose_they_are(sam: Any) -> None:
    onto = a_list()
    a_lead, theirs, past, plain = make_person(), make_person(), make_person(), make_person()
    make_move(a_lead)
    make_cold(sam, theirs)
    pipeline.reject(prospect=make_cold(sam, past), reason=reason("no-need"), by=sam, at=TUESDAY)
    rows = listed(onto, a_lead, theirs, past, plain, fresh=False)
    assert [row.state for row in rows] == ["known", "known", "known", "waiting"]
    assert rows[1].why == "Exists, owned by Sam Okafor."
    assert rows[2].why == "Worked before, owned by Sam Okafor."
    assert all(person.last_name not in row.why for row in rows for person in (a_lead, theirs, past))
    assert ContactBasis.objects.get(why__startswith="List").person == plain  # none against somebody's word


def test_a_customer_is_known_as_one(sam: Any) -> None:
    cold = make_cold(sam)
    from decimal import Decimal

    from prospects.tests.conftest import talk

    talk(cold, sam)
    pipeline.move(prospect=cold, to="sales_qualified", by=sam, at=TUESDAY)
    pipeline.win(prospect=cold, amount=Decimal(1), by=sam, at=TUESDAY)
    (row,) = listed(a_list(), cold.person, fresh=False)
    assert (row.state, row.why[:14]) == ("known", "Is a customer,")


@pytest.mark.parametrize("known", [True, False])
def test_whoever_asked_for_silence_is_set_aside_by_address_too(known: bool) -> None:
    """RELIABILITY E2: a suppression outlives the person."""
    person = make_person()
    suppress(
        email_key=person.email_key or "", reason=Suppression.Reason.UNSUBSCRIBED, at=TUESDAY,
        person=person if known else None,
    )  # fmt: skip
    (row,) = listed(a_list(), person)
    assert (row.state, row.why) == ("set_aside", "Not to be contacted: unsubscribed.")
    assert not ContactBasis.objects.exists()


def test_whoever_said_it_on_the_phone_is_set_aside_without_an_address(sam: Any) -> None:
    person = make_person(email="", email_key=None, phone="+41 44 555 01 48", phone_key="+41445550148")
    log.log_call(prospect=make_cold(sam, person), outcome="do_not_call", by=sam, at=TUESDAY)
    (row,) = listed(a_list(), person, fresh=False)
    assert row.state == "set_aside" and "not to be contacted" in row.why


# Fit.


def test_fit_weighs_what_is_required_three_times_and_says_why() -> None:
    a_profile(
        {"field": "country", "wish": "required", "words": "DE, CH"},
        {"field": "job_title", "wish": "preferred", "words": "head"},
    )
    both, half, unknown, failed = (
        make_person(country="DE", job_title="Head of buying"), make_person(country="CH", job_title="Clerk"),
        make_person(job_title="Head of buying"), make_person(country="US", job_title="Head of buying"),
    )  # fmt: skip
    rows = listed(a_list(), both, half, unknown, failed)
    assert [row.fit for row in rows] == [100, 75, 62, 0]
    assert rows[0].fit_why == "meets: country, words in the job title"
    assert "not as preferred: words in the job title" in rows[1].fit_why
    assert "not known: country" in rows[2].fit_why
    assert [row.state for row in rows] == ["waiting"] * 4


def test_whom_the_profile_excludes_is_set_aside_with_the_reason() -> None:
    a_profile({"field": "domain", "wish": "excluded", "words": "rival.example", "exclusion": "competitor"})
    (row,) = listed(a_list(), make_person(email="x@rival.example", email_key="x@rival.example"))
    assert (row.state, row.fit) == ("set_aside", 0)
    assert "competitor" in row.why and not ContactBasis.objects.exists()


def test_without_a_profile_nobody_has_a_fit_and_it_says_so() -> None:
    (row,) = listed(a_list(), make_person())
    assert (row.fit, row.fit_why) == (None, "There is no ideal profile yet.")


def test_a_profile_made_later_is_asked_again() -> None:
    onto = a_list()
    rows = listed(onto, make_person(country="DE"), make_person(country="US"))
    a_profile(
        {"field": "country", "wish": "required", "words": "DE"},
        {"field": "country", "wish": "excluded", "words": "US", "exclusion": "country"},
    )
    assert (fitting.fit_again(of_list=onto, at=TUESDAY), fitting.fit_all(at=TUESDAY)) == (2, {"changed": 0})
    for row in rows:
        row.refresh_from_db()
    assert [(row.fit, row.state) for row in rows] == [(100, "waiting"), (0, "set_aside")]


def test_the_number_of_queries_does_not_grow_with_the_people(django_assert_max_num_queries: Any) -> None:
    a_profile({"field": "country", "wish": "required", "words": "DE"})
    people = [make_person() for _ in range(60)]
    with django_assert_max_num_queries(25):
        listed(a_list(), *people)


# Doubles.


_house = count(1)


def alike(**more: Any) -> Any:
    """The same person as far as one can see, each time at another mail provider."""
    key = f"j.mueller@house{next(_house)}.example"
    said = {"first_name": "Jürg", "last_name": "Müller-Sømmer", "company_name": "Acme"}
    return make_person(**({"email": key, "email_key": key} | said | more))


def test_somebody_much_like_a_known_person_waits_until_both_were_looked_at(sara: Any) -> None:
    here = alike()
    (row,) = listed(a_list(), alike(company_name="ACME GmbH"))
    assert (row.state, row.like) == ("waiting", here)
    assert ListedPerson.objects.filter(perhaps_known()).exists()
    assert Twin.objects.get().state == "open"  # in the queue of doubles too
    differ(one=here, two=row.person, at=TUESDAY, by=sara)
    assert not ListedPerson.objects.filter(perhaps_known()).exists()
    assert settling.settle(at=TUESDAY)["freed"] == 1
    assert settling.settle(at=TUESDAY) == {"known": 0, "freed": 0, "doubted": 0}


def test_two_alike_in_one_file_are_asked_about_once() -> None:
    first, second = listed(a_list(), alike(), alike())
    assert (first.like, second.like) == (None, first.person)
    assert settling.settle(at=TUESDAY)["doubted"] == 0  # one of them waits, the other may be called


def test_a_merge_settles_the_row_and_who_is_a_lead_is_known(sara: Any) -> None:
    from leads.merging.merge import merge

    here = alike()
    make_move(here)
    (row,) = listed(a_list(), alike())
    merge(keep=here, gone=row.person, theirs=[], at=TUESDAY, by=sara, submit_key=None)
    row.refresh_from_db()
    assert row.person == here
    assert settling.settle(at=TUESDAY)["known"] == 1
    row.refresh_from_db()
    assert row.state == "known"


def test_a_double_that_the_night_finds_is_asked_about_too() -> None:
    (row,) = listed(a_list(), make_person())
    other = make_person()
    Twin.objects.create(one=row.person, two=other, score=0.95)
    assert settling.settle(at=TUESDAY)["doubted"] == 1
    row.refresh_from_db()
    assert row.like == other


# As time goes by.


def test_who_became_a_lead_or_said_no_meanwhile_does_not_wait_any_longer(sam: Any) -> None:
    rows = listed(a_list(), *(make_person() for _ in range(4)))
    make_move(rows[0].person)
    make_cold(sam, rows[1].person)
    suppress(
        email_key=rows[2].person.email_key or "", reason="unsubscribed", at=TUESDAY, person=rows[2].person
    )
    assert settling.settle(at=later(hours=1)) == {"known": 3, "freed": 0, "doubted": 0}
    for row in rows:
        row.refresh_from_db()
    assert [row.state for row in rows] == ["known", "known", "set_aside", "waiting"]


def test_set_aside_with_a_reason_and_taken_back(sara: Any) -> None:
    (row,) = listed(a_list(), make_person())
    with pytest.raises(Refused, match="Say why"):
        aside.set_aside(row=row, why="  ", by=sara)
    aside.set_aside(row=row, why="Left  the company", by=sara)
    row.refresh_from_db()
    assert (row.state, row.why) == ("set_aside", "Left the company (Sara Lindqvist)")
    with pytest.raises(Conflict):
        aside.set_aside(row=row, why="Again", by=sara)
    aside.take_back(row=row, by=sara, at=later(days=1))
    row.refresh_from_db()
    assert (row.state, row.why) == ("waiting", "")
    assert ContactBasis.objects.count() == 1


def test_who_is_excluded_gets_a_ground_when_taken_back(sara: Any) -> None:
    a_profile({"field": "domain", "wish": "excluded", "words": "rival.example", "exclusion": "competitor"})
    (row,) = listed(a_list(), make_person(email="x@rival.example", email_key="x@rival.example"))
    aside.take_back(row=row, by=sara, at=later(days=1))
    assert ContactBasis.objects.get().at == later(days=1)


def test_nobody_takes_back_who_asked_for_silence_or_is_a_lead(sara: Any, sam: Any) -> None:
    silent, lead = make_person(), make_person()
    suppress(email_key=silent.email_key or "", reason="complained", at=TUESDAY, person=silent)
    make_inbound(sam, lead)
    for row in listed(a_list(), silent, lead, fresh=False):
        with pytest.raises(Refused):
            aside.take_back(row=row, by=sara, at=TUESDAY)
    assert not ContactBasis.objects.exists()
