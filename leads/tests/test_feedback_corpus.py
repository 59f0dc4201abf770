"""Real bounces, complaints and automatic answers of two collections, read from where REAL_DATA points (bounces/).

The labels are those of the collections' own projects. `pytest -s` prints the figures and each exception by name.
"""

from __future__ import annotations

import csv
import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from leads.feedback.reading import Answer, What, read
from leads.models import MailEvent

DATA = Path(os.environ.get("REAL_DATA", "/nowhere")) / "bounces"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="REAL_DATA names no folder with real bounces")
HARD = MailEvent.Kind.HARD_BOUNCE
NO_BOUNCE = ("feedback", "vacation", "delivered")


@dataclass
class Tally:
    """Labelled rows, how many of them we suppress at first sight, and where the two differ."""

    hard: int = 0
    hard_found: int = 0
    soft: int = 0
    soft_suppressed: int = 0
    differ: list[str] = field(default_factory=list)

    def add(self, name: str, *, hard: int, soft: int, suppressed: int) -> None:
        self.hard += hard
        self.soft += soft
        self.hard_found += min(hard, suppressed)
        wrongly = min(soft, max(0, suppressed - hard))
        self.soft_suppressed += wrongly
        if suppressed < hard or wrongly:
            self.differ.append(f"{name} ({'missed' if suppressed < hard else 'suppressed'})")


@cache
def labels() -> dict[str, list[dict[str, str]]]:
    found = defaultdict(list)
    for row in csv.DictReader((DATA / "sisimai_labels.csv").read_text("utf-8").splitlines()):
        if row["reason"]:
            found[row["file"]].append(row)
    return found


@cache
def answers(folder: str) -> dict[str, Answer]:
    return {file.name: read(file.read_bytes()) for file in sorted((DATA / folder).iterdir())}


def say(words: str) -> None:
    """Figures for `pytest -s`."""
    sys.stdout.write(f"\n{words}\n")


def suppressed(answer: Answer) -> int:
    return len([one for one in answer.failures if one.verdict.kind == HARD])


def tally() -> Tally:
    found = Tally()
    for name, rows in labels().items():
        hard = len([row for row in rows if row["hard_bounce"] == "1"])
        if rows[0]["reason"] not in NO_BOUNCE:
            found.add(name, hard=hard, soft=len(rows) - hard, suppressed=suppressed(answers("sisimai")[name]))
    return found


def test_nine_of_ten_bad_addresses_are_found_and_hardly_one_that_is_only_full_or_refuses_us_is_lost():
    found = tally()
    say(f"hard bounces found: {found.hard_found} of {found.hard} ({found.hard_found / found.hard:.1%})")
    say(
        f"soft ones suppressed: {found.soft_suppressed} of {found.soft} ({found.soft_suppressed / found.soft:.1%})"
    )
    say("labelled otherwise: " + ", ".join(found.differ))
    assert found.hard >= 50
    assert found.hard_found >= 0.9 * found.hard
    assert found.soft_suppressed <= 0.05 * found.soft


def test_what_is_no_bounce_suppresses_nobody():
    others = [name for name, rows in labels().items() if rows[0]["reason"] in NO_BOUNCE]
    read_as = {name: answers("sisimai")[name] for name in others} | answers("not-a-bounce")
    say(f"other mail: {len(read_as)}, suppressed {sum(map(suppressed, read_as.values()))}")
    assert [name for name, answer in read_as.items() if suppressed(answer)] == []
    assert {answer.what for answer in answers("not-a-bounce").values()} == {What.MAIL}


def test_complaints_are_complaints_and_reports_about_signatures_are_not():
    rows = [
        (name, row["feedback_type"])
        for name, rows in labels().items()
        for row in rows
        if row["feedback_type"]
    ]
    assert len(rows) >= 8
    for name, kind in rows:
        expected = What.REPORT if kind in ("auth-failure", "dmarc") else What.COMPLAINT
        assert answers("sisimai")[name].what == expected, name


def test_automatic_answers_are_told_from_replies():
    names = [name for name, rows in labels().items() if rows[0]["reason"] == "vacation"]
    assert names
    assert {answers("sisimai")[name].what for name in names} == {What.AUTO_REPLY}


def test_nothing_crashes_whatever_comes():
    whole = answers("sisimai") | answers("flufl")
    assert len(whole) >= 300
    for file in sorted((DATA / "flufl").iterdir()):
        raw = file.read_bytes()
        for part in (
            raw[: len(raw) // 2],
            raw[len(raw) // 3 :],
            raw.replace(b"\n", b"\r\n"),
            raw.replace(b":", b""),
        ):
            read(part)


def test_addresses_that_are_bad_only_for_now_are_not_suppressed_in_the_older_collection():
    rows = list(csv.DictReader((DATA / "flufl_labels.csv").read_text("utf-8").splitlines()))
    temporary = {row["file"] for row in rows if row["kind"] == "temporary"}
    permanent = {row["file"] for row in rows if row["kind"] == "permanent"}
    bounces = [name for name in permanent if answers("flufl")[name].what == What.BOUNCE]
    hard = [name for name in permanent if suppressed(answers("flufl")[name])]
    say(f"older collection: {len(bounces)} of {len(permanent)} permanent failures read, {len(hard)} hard")
    assert len(bounces) >= 0.9 * len(permanent)
    assert [name for name in temporary - permanent if suppressed(answers("flufl")[name])] == []
