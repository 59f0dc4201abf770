"""/staff/leads/: who may see it, filters in the address, pages by key, one number of queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Channel, Persona
from leads.lifecycle import make_lead
from leads.models import Lead, LeadScore, Message, Person
from leads.scoring.panel import receipts_for
from leads.scoring.rescore import rescore
from leads.tracking import record_touch

LEADS = "/staff/leads/"


def a_lead(
    name: str, *, days: float = 1, grade: str = "", channel: str = "paid-search", status: str = "new"
) -> Lead:
    born = timezone.now() - timedelta(days=days)
    person = Person.objects.create(
        first_name="Ada", last_name=name, email_key=f"{name.lower()}@works.example"
    )
    lead = make_lead(person=person, at=born, way="capture")
    record_touch(person=person, kind="form", at=born, channel=Channel.objects.get(slug=channel))
    LeadScore.objects.filter(lead=lead).update(grade=grade)
    Lead.objects.filter(pk=lead.pk).update(status=status)
    return lead


def a_click(name: str) -> None:
    """A lead whose last touch is a click in a mail: the row that needs the most tables."""
    person, now = a_lead(name, grade="B2").person, timezone.now()
    mail = Message.objects.create(
        key=f"one:{name}", message_id=name, kind="one", person=person, subject="Hi", due_at=now
    )
    record_touch(person=person, kind="click", at=now, channel=Channel.objects.get(slug="email"), message=mail)


@pytest.fixture
def marketer(client: Client, maya: Any) -> Client:
    client.force_login(maya)
    return client


def names(page: Any) -> list[str]:
    return [lead.person.last_name for lead in page.context["page"].rows]


def test_marketing_and_managers_see_leads_and_others_do_not(
    client: Client, maya: Any, sara: Any, sam: Any, nora: Any, vera: Any
) -> None:
    for user, status in ((maya, 200), (sara, 200), (sam, 403), (nora, 403), (vera, 403)):
        client.force_login(user)
        assert client.get(LEADS).status_code == status, user


def test_the_newest_stands_first(marketer: Client) -> None:
    a_lead("Older", days=5)
    a_lead("Newer", days=1)
    assert names(marketer.get(LEADS)) == ["Newer", "Older"]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("status=nurturing", ["Warm"]),
        ("fit=A", ["Hot"]),
        ("fit=A&fit=B", ["Warm", "Hot"]),
        ("engagement=2", ["Warm"]),
        ("channel=email", ["Hot"]),
        ("created=7", ["Warm"]),
        ("q=war", ["Warm"]),
        ("status=nurturing&fit=A", []),
        ("status=no-such&created=never", ["Warm", "Hot"]),
    ],
)
def test_each_filter_stands_in_the_address(query: str, left: list[str], marketer: Client) -> None:
    a_lead("Warm", days=2, grade="B2", status="nurturing")
    a_lead("Hot", days=20, grade="A1", channel="email")
    assert names(marketer.get(f"{LEADS}?{query}")) == left


def test_a_chip_carries_the_address_without_its_filter(marketer: Client) -> None:
    a_lead("Warm", grade="B2")
    chips = marketer.get(f"{LEADS}?fit=A&fit=B&created=7").context["filter"].chips()
    assert [(str(chip.label), chip.value, chip.without) for chip in chips] == [
        ("Fit", "A or B", "created=7"),
        ("Became a lead", "7 days", "fit=A&fit=B"),
    ]


def test_best_first_sorts_by_grade(marketer: Client) -> None:
    a_lead("Second", grade="B1", days=1)
    a_lead("First", grade="A3", days=9)
    a_lead("Unscored")
    assert names(marketer.get(f"{LEADS}?sort=best")) == ["First", "Second"]


def test_pages_follow_each_other_without_gap_or_twin(marketer: Client) -> None:
    for number in range(60):
        a_lead(f"L{number:02}", days=number + 1)
    first = marketer.get(LEADS).context["page"]
    second = marketer.get(LEADS, {"at": first.older}).context["page"]
    back = marketer.get(LEADS, {"at": second.newer}).context["page"]
    assert [lead.person.last_name for lead in first.rows + second.rows] == [f"L{n:02}" for n in range(60)]
    assert back.rows == first.rows
    assert (first.newer, second.older) == ("", "")


def test_a_cursor_that_makes_no_sense_gives_the_first_page(marketer: Client) -> None:
    a_lead("Only")
    assert names(marketer.get(LEADS, {"at": "nonsense"})) == ["Only"]
    assert names(marketer.get(LEADS, {"at": "WyJvIiwieCIsInkiXQ"})) == ["Only"]


def test_the_number_of_queries_does_not_grow(marketer: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            marketer.get(LEADS)
        return len(seen)

    a_click("One")
    few = queries()
    for number in range(8):
        a_click(f"More{number}")
    assert queries() == few


def test_an_empty_list_says_what_will_be_here(marketer: Client) -> None:
    assert "Leads appear here with the first form" in marketer.get(LEADS).content.decode()


def test_whom_nothing_tells_the_persona_or_the_stage_of_can_be_listed_and_is_counted(
    client: Client, maya: Any, sam: Any, nora: Any
) -> None:
    quality = Persona.objects.create(name="Quality lead", slug="quality")
    for name, columns in {
        "Both": {"persona": quality, "journey_stage": "decision"},
        "Stageless": {"persona": quality},
        "Nobody": {"journey_stage": "decision"},
        "Neither": {},
    }.items():
        Lead.objects.filter(pk=a_lead(name).pk).update(**columns)
    client.force_login(maya)
    for query, wanted in {
        "unknown=persona": {"Nobody", "Neither"},
        "unknown=stage": {"Stageless", "Neither"},
        "unknown=persona&unknown=stage": {"Neither"},
        "stage=decision": {"Both", "Nobody"},
    }.items():
        assert set(names(client.get(f"{LEADS}?{query}"))) == wanted, query
    counts = client.get(f"{LEADS}unknown/").context["counts"]
    assert counts == {"persona": 2, "stage": 2}
    for user in (sam, nora):
        client.force_login(user)
        assert client.get(f"{LEADS}unknown/").status_code == 403


def test_the_list_shows_what_a_quiet_lead_is_worth_today_not_when_its_row_was_written(
    marketer: Client,
) -> None:
    lead = a_lead("Quiet", days=60)
    rescore(lead_ids=[lead.pk], at=timezone.now() - timedelta(days=60))
    row = LeadScore.objects.get(lead=lead)
    page = marketer.get(LEADS)
    today = receipts_for(lead, timezone.now()).engagement
    assert 0 < today < row.engagement
    assert f"engagement {row.grade[1]} ({today} of 100)" in page.content.decode()
