"""The judgement can be run over the past: old verdicts stay, the latest counts, touches and scores follow."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from leads.judging import VERSION, judge_due, rejudge, sweep
from leads.models import Hit, Lead, LeadScore, Touch, Verdict
from leads.scoring.rescore import rescore_dirty
from leads.tests.builders import NOON, a_page, submitted
from leads.tests.judging_world import LATER, a_click, a_hit, a_message, verdict_of
from leads.tests.scoring_world import a_model

pytestmark = pytest.mark.django_db
TOMORROW = NOON + timedelta(days=1)


def judged_before(hit: Hit, verdict: str) -> Hit:
    """As an earlier release left it."""
    Hit.objects.filter(pk=hit.pk).update(judged=True)
    Verdict.objects.create(hit=hit, version=VERSION - 1, verdict=verdict, reasons="as it was")
    return hit


def with_touch(hit: Hit) -> Hit:
    lead = Lead.objects.get(person=hit.person)
    channel = lead.first_touch.channel if lead.first_touch else a_page("t").campaign.channel
    touch = Touch.objects.create(person=hit.person, kind="click", at=hit.at, channel=channel, hit=hit)
    Lead.objects.filter(pk=lead.pk).update(first_touch=touch, last_touch=touch)
    return hit


@pytest.fixture
def message():
    return a_message()


@pytest.fixture
def scanner(message):
    """A click that an earlier classifier took for a person's: the first and last touch of the lead."""
    return with_touch(judged_before(a_click(message, agent="Barracuda Sentinel (EE)"), "human"))


@pytest.fixture
def person(message):
    """A click that an earlier classifier took for a machine's."""
    return judged_before(a_click(message, at=NOON + timedelta(hours=2)), "machine")


def dump() -> list:
    return [
        sorted(Verdict.objects.values_list("hit", "version", "verdict", "reasons")),
        sorted(Touch.objects.values_list("hit", "person", "kind", "at", "channel", "label")),
        list(Lead.objects.values_list("pk", "first_touch__hit", "last_touch__hit")),
        list(Hit.objects.order_by("pk").values_list("pk", "judged")),
    ]


def test_the_earlier_verdict_stays_and_the_latest_counts(scanner):
    rejudge(at=TOMORROW)
    assert list(scanner.verdicts.order_by("version").values_list("version", "verdict")) == [
        (VERSION - 1, "human"),
        (VERSION, "machine"),
    ]
    assert Hit.objects.with_verdict().get().read_as == "machine"


def test_touches_of_machines_go_and_touches_of_people_come(scanner, person):
    counts = rejudge(at=TOMORROW)
    assert (counts["hits"], counts["changed"], counts["touches"], counts["removed"]) == (2, 2, 1, 1)
    assert [touch.hit for touch in Touch.objects.all()] == [person]
    lead = Lead.objects.get()
    assert (lead.first_touch.hit, lead.last_touch.hit) == (person, person)


def test_a_lead_whose_only_touch_was_a_machines_has_none(scanner):
    rejudge(at=TOMORROW)
    lead = Lead.objects.get()
    assert (lead.first_touch, lead.last_touch) == (None, None)


def test_what_was_no_hit_is_never_taken_away(scanner):
    form = submitted(a_page(), email=scanner.person.email_key, at=NOON + timedelta(hours=1))
    rejudge(at=TOMORROW)
    assert [touch.submission for touch in Touch.objects.all()] == [form.submission]
    assert Lead.objects.get().first_touch.submission == form.submission


def test_scores_follow(scanner):
    a_model()  # a click counts in it

    def engagement() -> float:
        rescore_dirty(at=TOMORROW)
        score = LeadScore.objects.get()
        return score.e1 + score.e2 + score.e3

    LeadScore.objects.update(dirty_at=NOON)
    assert engagement() != 0
    rejudge(at=TOMORROW)
    assert LeadScore.objects.get().dirty_at == TOMORROW
    assert engagement() == 0


def test_running_it_again_finds_nothing(scanner, person):
    rejudge(at=TOMORROW)
    once = dump()
    assert rejudge(at=TOMORROW)["hits"] == 0
    assert dump() == once


def test_a_run_that_is_killed_and_started_again_ends_as_one_clean_run(message):
    hits = [a_click(message, at=NOON + timedelta(minutes=n), position=n % 3 + 1) for n in range(7)]
    for number, hit in enumerate(hits):
        judged_before(hit, "machine" if number % 2 else "human")

    def killed(done: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rejudge(at=TOMORROW, size=2, progress=killed)
    assert Verdict.objects.filter(version=VERSION).count() == 4
    assert rejudge(at=TOMORROW, size=2)["hits"] == 3
    broken = dump()
    Verdict.objects.filter(version=VERSION).delete()
    Touch.objects.all().delete()
    rejudge(at=TOMORROW, size=100)
    assert dump() == broken


def test_a_dry_run_counts_the_same_and_keeps_nothing(scanner, person):
    before = dump()
    counts = rejudge(at=TOMORROW, dry_run=True)
    assert dump() == before
    assert rejudge(at=TOMORROW) == counts


def test_only_hits_of_the_asked_time_are_judged_again(scanner, person):
    assert rejudge(at=TOMORROW, since=NOON + timedelta(hours=1))["hits"] == 1
    assert verdict_of(scanner) == "human: as it was"


def test_hits_that_wait_are_left_to_the_sweep(message):
    a_hit()
    assert rejudge(at=TOMORROW)["hits"] == 0
    judge_due(at=LATER)
    assert rejudge(at=TOMORROW)["hits"] == 0


def test_batches_of_any_size_give_the_same_verdicts(message):
    """A scan that lies across the edge of a batch is seen whole."""
    hits = [a_click(message, at=NOON + timedelta(seconds=n), position=n) for n in (1, 2, 3)]
    for hit in hits:
        judged_before(hit, "human")
    rejudge(at=TOMORROW, size=1)
    assert {verdict_of(hit) for hit in hits} == {"machine: all links at once"}


def test_the_command_prints_its_counts(scanner):
    out = StringIO()
    call_command("rejudge", "--dry-run", "--since", "2026-11-01", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert (said["hits"], said["machine"], said["removed"], said["version"]) == (1, 1, 1, VERSION)
    out = StringIO()
    call_command("rejudge", stdout=out)
    assert "1 hits judged" in out.getvalue()
    with pytest.raises(CommandError, match="is no date"):
        call_command("rejudge", "--since", "soon")


def test_nothing_in_the_sweep_depends_on_which_version_came_before(scanner, monkeypatch):
    monkeypatch.setattr(sweep, "VERSION", VERSION + 3)
    rejudge(at=TOMORROW)
    assert verdict_of(scanner).startswith("machine")
    assert set(scanner.verdicts.values_list("version", flat=True)) == {VERSION - 1, VERSION + 3}
