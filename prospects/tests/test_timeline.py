"""One story of one person, from all apps, newest first, in a constant number of queries."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Channel
from leads.models import Hit, Touch, Verdict
from prospects import meetings, notes, pipeline
from prospects.models import Prospect
from prospects.tests.conftest import TUESDAY, later, make_inbound, talk
from prospects.timeline import timeline

pytestmark = pytest.mark.django_db


def live_through(prospect: Prospect, by: Any) -> None:
    """A story with a line of each kind."""
    Touch.objects.create(person=prospect.person, kind="visit", at=TUESDAY, channel=Channel.objects.first())
    pipeline.accept(prospect=prospect, by=by, at=later(minutes=1))
    talk(prospect, by, at=later(minutes=2), note="They scrap a lot", minutes=12)
    notes.write(prospect=prospect, text="Likes bikes", by=by, at=later(minutes=3))
    meetings.book_meeting(prospect=prospect, starts_at=later(minutes=4), subject="Demo", by=by, at=TUESDAY)
    pipeline.move(prospect=prospect, to="sales_qualified", by=by, at=later(minutes=5))
    pipeline.win(prospect=prospect, amount=Decimal(12000), by=by, at=later(minutes=6))


def test_all_kinds_stand_in_one_order(inbound: Prospect, sam: Any) -> None:
    live_through(inbound, sam)
    story = timeline(inbound.person, 60)
    assert {line.kind for line in story} == {"lead", "call", "note", "meeting", "stage", "deal"}
    assert [line.at for line in story] == sorted((line.at for line in story), reverse=True)


def test_a_call_carries_words_answers_and_who(accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam, note="They scrap a lot", minutes=12, at=later(hours=1))
    call = timeline(accepted.person)[0]
    assert (call.about, call.said, call.by, call.note) == (
        "conversation",
        "They scrap a lot",
        "Sam",
        "12 minutes · Sam",
    )
    assert {(chip.words, chip.look) for chip in call.chips} >= {("Need: confirmed", "chip-good")}


@pytest.mark.parametrize(
    "recording, link",
    [
        ("https://pbx.example/r/1", True),
        ("", False),
        ("ftp://pbx.example/r/1", False),
        ("javascript:x()", False),
    ],
)
def test_the_recording_of_a_call_is_one_click_away(
    client: Client, accepted: Prospect, sam: Any, recording: str, link: bool
) -> None:
    talk(accepted, sam, recording=recording)
    client.force_login(sam)
    page = client.get(reverse("staff-person", args=[accepted.pk]), {"all": 1}).content.decode()
    assert (f'href="{recording}"' in page) is link
    assert ("Listen to the recording" in page) is link


def test_a_stage_move_says_from_where_and_why(accepted: Prospect, sam: Any) -> None:
    line = next(line for line in timeline(accepted.person) if line.what == "Contacting")
    assert (line.about, line.note, line.side) == ("from To contact", "Accepted · Sam", "move")


def test_machine_hits_are_folded_under_what_they_came_with(inbound: Prospect) -> None:
    Touch.objects.create(
        person=inbound.person, kind="visit", at=later(hours=1), channel=Channel.objects.first()
    )
    for minute in range(3):
        hit = Hit.objects.create(kind="click", person=inbound.person, at=later(hours=1, minutes=-minute - 1))
        Verdict.objects.create(hit=hit, version=1, verdict="machine")
    story = timeline(inbound.person)
    assert [line.folded[0] for line in story if line.folded] == ["3 machine hits folded"]


def test_the_limit_keeps_the_newest(inbound: Prospect, sam: Any) -> None:
    for minute in range(5):
        notes.write(prospect=inbound, text=str(minute), by=sam, at=later(minutes=minute))
    assert [line.said for line in timeline(inbound.person, 2)] == ["4", "3"]


def test_the_number_of_queries_does_not_grow(sam: Any) -> None:
    counts = []
    for times in (1, 6):
        prospect = make_inbound(sam)
        live_through(prospect, sam)
        for number in range(times):
            notes.write(prospect=prospect, text="x", by=sam, at=later(days=number))
            Touch.objects.create(
                person=prospect.person, kind="visit", at=TUESDAY, channel=Channel.objects.first(), label="x"
            )
        with CaptureQueriesContext(connection) as seen:
            timeline(prospect.person)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 16
