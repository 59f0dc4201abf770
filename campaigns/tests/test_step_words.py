"""A step says in one line what it does, when, and where it leads."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from campaigns import step_words
from campaigns.models import EmailTemplate, PublishedStep, SequenceStep, Topic


def working(**said: Any) -> SequenceStep:
    return SequenceStep(pk=said.pop("pk", 1), **said)


def line(step: SequenceStep) -> str:
    return step_words.of_working([step])[step.pk].line


PAGE_NINE = EmailTemplate(name="Page nine")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"kind": "mail", "template": PAGE_NINE}, "Mail “Page nine”, at once"),
        (
            {"kind": "mail", "template": PAGE_NINE, "delay_hours": 48, "weekdays": "234", "at_time": time(9)},
            "Mail “Page nine”, 2 days after, Tue–Thu at 09:00 in their zone",
        ),
        ({"kind": "mail", "template": PAGE_NINE, "next_piece": True}, "Mail “Page nine” with the next piece, at once"),
        ({"kind": "wait", "delay_hours": 36}, "Wait, 36 hours after"),
        ({"kind": "wait", "weekdays": "15"}, "Wait, on Mon, Fri"),
        (
            {"kind": "wait_for", "looks_at": "download", "limit_hours": 168},
            "Wait until they downloaded something, at most 1 week, go on, else end",
        ),
        ({"kind": "branch", "looks_at": "click"}, "If they clicked in a mail of this sequence, go on, else end"),
        (
            {"kind": "branch", "looks_at": "reply", "compares": "is_not"},
            "Unless they replied, go on, else end",
        ),
        (
            {"kind": "branch", "looks_at": "field", "field": "country", "value": "NL", "within_days": 1},
            "If their country is “NL” within 1 day, go on, else end",
        ),
        ({"kind": "branch", "looks_at": "grade", "compares": "unknown"}, "If they have no grade yet, go on, else end"),
        ({"kind": "follow_up", "note": "Ask about the fan"}, "Call by the rep: Ask about the fan"),
        (
            {"kind": "follow_up", "rep_does": "social", "note": "Ask to connect"},
            "Message on a social network by the rep: Ask to connect",
        ),
        ({"kind": "follow_up", "rep_does": "other"}, "Follow-up for the rep: no note"),
        ({"kind": "change", "field": "industry", "value": "Dairy"}, "Set industry to “Dairy”"),
        ({"kind": "change", "topic": Topic(name="Sensors"), "value": "no"}, "Change the topic “Sensors” to no"),
        ({"kind": "end"}, "End here"),
    ],
)  # fmt: skip
def test_a_step_reads_as_a_sentence(said: dict[str, Any], words: str) -> None:
    assert line(working(**said)) == words


def test_jumps_name_the_place_they_lead_to() -> None:
    steps = [working(pk=7, kind="branch", looks_at="click"), working(pk=8), working(pk=9, kind="end")]
    steps[0].then, steps[0].otherwise = steps[2], steps[1]
    assert step_words.of_working(steps)[7].ways == "go to 3, else go to 2"


def test_a_frozen_step_says_the_same_by_its_positions() -> None:
    step = PublishedStep(pk=3, position=2, kind="branch", looks_at="click", otherwise_position=5)
    assert step_words.of_published([step], {})[2].ways == "go on, else go to 5"
    mail = PublishedStep(pk=4, position=3, kind="mail", then_position=6)
    assert (
        step_words.of_published([mail], {4: "Page nine"})[3].line == "Mail “Page nine”, at once, then go to 6"
    )
