"""A labelled log: machines are found, people are not lost, touches are those of people (figures with -s)."""

import sys
from collections import Counter
from datetime import timedelta

import pytest

from leads.judging import VERSION, judge_due, rejudge
from leads.models import Hit, Touch, Verdict
from leads.tests.builders import NOON
from leads.tests.hit_log import HUMAN, MACHINE, planted

pytestmark = pytest.mark.django_db
NEXT_DAY = NOON + timedelta(days=2)


@pytest.fixture
def labels() -> dict[int, str]:
    return planted(seed=20261118, sent=NOON).write()


def shares(labels: dict[int, str]) -> tuple[float, float]:
    """Machine hits found, and human hits lost, as shares."""
    read_as = dict(Hit.objects.with_verdict().values_list("pk", "read_as"))
    seen = Counter((label, read_as[pk]) for pk, label in labels.items())
    many = Counter(labels.values())
    sys.stdout.write(f"\n{dict(many)}: {dict(seen)}\n")
    found = seen[MACHINE, Verdict.Kind.MACHINE.value] / many[MACHINE]
    lost = 1 - seen[HUMAN, Verdict.Kind.HUMAN.value] / many[HUMAN]
    sys.stdout.write(f"machine recall {found:.1%}, human loss {lost:.2%}\n")
    return found, lost


def test_machines_are_found_and_people_are_not_lost(labels):
    while any(judge_due(at=NEXT_DAY).values()):
        pass
    found, lost = shares(labels)
    assert found >= 0.95
    assert lost <= 0.01


def test_the_same_verdicts_come_when_the_past_is_judged_again(labels):
    Hit.objects.update(judged=True)
    Verdict.objects.bulk_create(Verdict(hit_id=pk, version=VERSION - 1, verdict="human") for pk in labels)
    rejudge(at=NEXT_DAY)
    again = dict(Hit.objects.with_verdict().values_list("pk", "read_as"))
    Verdict.objects.all().delete()
    Hit.objects.update(judged=False)
    while any(judge_due(at=NEXT_DAY, limit=70).values()):
        pass
    assert dict(Hit.objects.with_verdict().values_list("pk", "read_as")) == again


def test_every_touch_is_of_a_hit_that_counts_as_a_persons(labels):
    while any(judge_due(at=NEXT_DAY).values()):
        pass
    human = Hit.objects.with_verdict().filter(read_as=Verdict.Kind.HUMAN)
    assert set(Touch.objects.values_list("hit", flat=True)) == set(
        human.exclude(person=None).values_list("pk", flat=True)
    )
