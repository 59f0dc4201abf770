"""/staff/prospects/many/: one verb for the ticked rows, and a line for each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.models import Person
from prospects import pipeline
from prospects.models import Prospect
from prospects.tests.conftest import make_inbound, make_person, talk

pytestmark = pytest.mark.django_db


def send(client: Client, *rows: Prospect, do: str, **more: Any) -> Any:
    ticked = [f"{row.pk}:{row.stage.slug}" for row in rows]
    return client.post(reverse("staff-prospects-many"), {"do": do, "row": ticked, **more})


def told(answer: Any) -> list[tuple[str, list[str]]]:
    return [(one.what, one.missing) for one in answer.context["told"]]


@pytest.fixture
def three(sam: Any) -> list[Prospect]:
    return [make_inbound(sam, make_person()) for _n in range(3)]


def test_each_row_says_what_became_of_it(client: Client, three: list[Prospect], sam: Any) -> None:
    ready, unready, moved = three
    for prospect in (ready, moved):
        talk(prospect, sam)
    stale = Prospect.objects.get(pk=moved.pk)
    client.force_login(sam)
    client.post(reverse("staff-accept", args=[moved.pk]))
    answer = send(client, ready, unready, stale, do="move", to="sales_qualified")
    assert [what for what, _missing in told(answer)] == ["done", "refused", "lost"]
    assert "a logged conversation" in told(answer)[1][1]
    assert "a logged conversation" in answer.content.decode()
    stages = [Prospect.objects.get(pk=row.pk).stage.slug for row in three]
    assert stages == ["sales_qualified", "to_contact", "contacting"]


def test_a_second_press_changes_nothing_more(client: Client, three: list[Prospect], sam: Any) -> None:
    client.force_login(sam)
    for expected in ("done", "lost"):
        answer = send(client, *three, do="move", to="contacting")
        assert [what for what, _missing in told(answer)] == [expected] * 3
    assert [row.moves.count() for row in three] == [2, 2, 2]


def test_a_row_that_stands_there_already_is_nobodys_fault(
    client: Client, three: list[Prospect], sam: Any
) -> None:
    client.force_login(sam)
    send(client, three[0], do="move", to="contacting")
    answer = send(client, Prospect.objects.get(pk=three[0].pk), three[1], do="move", to="contacting")
    assert [what for what, _missing in told(answer)] == ["same", "done"]


def test_another_reps_row_says_no_more_than_one_that_does_not_exist(
    client: Client, three: list[Prospect], sara: Any, sam: Any
) -> None:
    hers = make_inbound(sara, make_person(last_name="Secret"))
    client.force_login(sam)
    page = send(client, hers, do="move", to="contacting")
    none = client.post(reverse("staff-prospects-many"), {"do": "move", "row": "999999:x", "to": "contacting"})
    assert told(page) == told(none) == [("gone", [])]
    assert "Secret" not in page.content.decode()
    assert Prospect.objects.get(pk=hers.pk).stage.slug == "to_contact"


def test_only_a_manager_assigns(
    client: Client, three: list[Prospect], sam: Any, sara: Any, maya: Any
) -> None:
    for user, status in ((sam, 403), (maya, 403), (sara, 200)):
        client.force_login(user)
        assert send(client, *three, do="assign", to_owner=sara.pk).status_code == status
        assert Prospect.objects.filter(owner=sara).count() == (3 if user == sara else 0)


def test_several_are_rejected_by_one_reason(client: Client, three: list[Prospect], sam: Any) -> None:
    client.force_login(sam)
    day = timezone.localdate() + timedelta(days=30)
    send(client, *three[:2], do="reject", reason="not-now", return_on=day.isoformat())
    assert Prospect.objects.filter(return_on=day, verdict="rejected").count() == 2
    send(client, three[2], do="reject", reason="not-now")  # without a day
    assert Prospect.objects.open().get() == three[2]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"do": "move"},
        {"do": "delete", "row": "1:x"},
        {"do": "move", "row": "x", "to": "contacting"},
        {"do": "move", "row": "9" * 40 + ":x", "to": "contacting"},
        {"do": "move", "row": "1:to_contact", "to": "won"},
        {"do": "reject", "row": "1:to_contact", "reason": "none"},
    ],
)
def test_what_makes_no_sense_leads_back_to_the_list(client: Client, sam: Any, sent: dict) -> None:
    client.force_login(sam)
    answer = client.post(reverse("staff-prospects-many"), sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/staff/prospects/")


@pytest.mark.parametrize("moved", ["the person", "the row"])
def test_a_merge_in_that_moment_is_not_nothing_to_do(
    client: Client, three: list[Prospect], sam: Any, monkeypatch: Any, moved: str
) -> None:
    row, other = three[0], make_person()
    take = pipeline.move

    def merged_meanwhile(*, prospect: Prospect, **how: Any) -> Prospect:
        if moved == "the person":
            Person.objects.filter(pk=prospect.person_id).update(merged_into=other)
        else:
            Prospect.objects.filter(pk=prospect.pk).update(person=other)
        return take(prospect=prospect, **how)

    monkeypatch.setattr(pipeline, "move", merged_meanwhile)
    client.force_login(sam)
    answer = send(client, row, do="move", to="contacting")
    assert [what for what, _missing in told(answer)] == ["lost"]
    assert "Nothing to do" not in answer.content.decode()
