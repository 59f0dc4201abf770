"""The weekly ten: the grade of the handover against the verdict; and calibration with an honest interval."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from campaigns.errors import Conflict, Refused
from prospects import agreement, pipeline
from prospects.feedback import disagreements
from prospects.models import Prospect, Review, Stage
from prospects.tests.conftest import TUESDAY, later, make_inbound, reason

MONDAY = date(2026, 3, 2)


def handed(owner: Any, grade: str, *, why: str = "", at: Any = TUESDAY) -> Prospect:
    """Handed over with a grade; rejected for `why`, or accepted."""
    prospect = make_inbound(owner, way="grade", grade=grade, at=at)
    if why:
        return pipeline.reject(prospect=prospect, reason=reason(why), by=owner, at=at)
    return pipeline.accept(prospect=prospect, by=owner, at=at)


def test_the_hottest_disqualified_and_the_coldest_accepted_stand_first(sam: Any) -> None:
    spam, cold = handed(sam, "A1", why="spam"), handed(sam, "D4")
    agreed = [handed(sam, "A1"), handed(sam, "D4", why="bad-fit")]
    found = [one.prospect.pk for one in disagreements.sharpest(MONDAY)]
    assert found == [spam.pk, cold.pk]
    assert not {one.pk for one in agreed} & set(found)


@pytest.mark.parametrize("why", ["spam", ""])
def test_every_verdict_leads_to_the_agreement_it_was_given_under(
    sam: Any, maya: Any, client: Client, why: str
) -> None:
    judged = handed(sam, "A1" if why else "D4", why=why)
    Stage.objects.filter(slug="contacting").update(limit_days=30)
    agreement.current(at=later(days=1))
    client.force_login(maya)
    link = reverse("staff-agreement-version", args=[1])
    for page in (
        reverse("staff-disagreements") + f"?week={MONDAY}",
        reverse("staff-lead-outcome", args=[judged.person_id]),
    ):
        assert f'href="{link}"' in client.get(page).content.decode(), page


def test_ten_at_most_and_only_of_the_week(sam: Any) -> None:
    for _ in range(11):
        handed(sam, "A1", why="competitor")
    handed(sam, "A1", why="competitor", at=later(days=7))
    assert len(disagreements.sharpest(MONDAY)) == 10
    assert len(disagreements.sharpest(date(2026, 3, 9))) == 1


def test_the_grade_of_the_handover_counts_not_the_one_of_today(sam: Any) -> None:
    prospect = handed(sam, "A1", why="spam")
    score = getattr(prospect.person.lead, "score", None)
    if score is not None:
        type(score).objects.filter(pk=score.pk).update(grade="D4")
    assert disagreements.sharpest(MONDAY)[0].grade == "A1"


def test_a_review_is_given_once_and_changes_neither_side(sam: Any, sara: Any, maya: Any) -> None:
    prospect = handed(sam, "A1", why="spam")

    def decide(by: Any, decision: str) -> Review:
        return disagreements.decide(
            prospect=prospect, decision=decision, note="Free mailbox", by=by, at=later(days=1)
        )

    first = decide(maya, "sales")
    assert decide(maya, "sales").pk == first.pk
    with pytest.raises(Conflict):
        decide(sara, "marketing")
    with pytest.raises(Refused):
        decide(sam, "sales")
    prospect.refresh_from_db()
    assert (prospect.verdict, prospect.lead_move.grade) == ("rejected", "A1")  # type: ignore[union-attr]
    assert disagreements.sharpest(MONDAY)[0].review == first


def test_calibration_counts_by_grade_source_and_rep_and_each_line_opens_its_rows(
    sam: Any, sara: Any, client: Client
) -> None:
    for grade, why, owner in (("A1", "", sam), ("A1", "spam", sam), ("C3", "", sara), ("", "", sam)):
        handed(owner, grade, why=why, at=later())
    rows = disagreements.judged(later(days=-1), later(days=1))
    by_grade = {line.key: (line.n, line.accepted) for line in disagreements.calibration(rows, "grade", str)}
    assert by_grade == {"A1": (2, 1), "C3": (1, 1), "": (1, 1)}
    for by in disagreements.BY:
        for line in disagreements.calibration(rows, by, str):
            assert disagreements.behind(rows, by, line.key).count() == line.n, (by, line.key)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_narrows_with_more(counted: tuple[int, int]) -> None:
    part, whole = counted
    low, high = disagreements.interval(part, whole)
    assert 0 <= low <= part / whole + 1e-9 <= high + 2e-9 <= 1 + 2e-9
    wider = disagreements.interval(part, whole)
    narrower = disagreements.interval(part * 10, whole * 10)
    assert narrower[1] - narrower[0] < wider[1] - wider[0]


def test_the_interval_of_textbook() -> None:
    low, high = disagreements.interval(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


def test_who_sees_the_page(sam: Any, maya: Any, sara: Any, vera: Any, client: Client) -> None:
    prospect = handed(sam, "A1", why="spam", at=later())
    review = reverse("staff-review", args=[prospect.pk])
    for user, status in ((maya, 200), (sara, 200), (sam, 403), (vera, 403)):
        client.force_login(user)
        assert client.get(reverse("staff-disagreements") + f"?week={MONDAY}").status_code == status, user
        assert client.get(reverse("staff-disagreement-rows", args=["grade"])).status_code == status, user
        if status == 403:
            assert client.post(review, {"decision": "sales"}).status_code == 403, user
    client.force_login(maya)
    assert client.post(review, {"decision": "sales", "note": "ok"}).status_code == 302
    client.force_login(sara)
    assert client.post(review, {"decision": "marketing"}).status_code == 409
