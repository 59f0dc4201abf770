"""The agreement is read from the rules; a version is made when they change, and each head speaks for one team."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.errors import Conflict, Refused
from campaigns.models import CustomField, IdealProfile
from leads.models import ScoringModel
from prospects import agreement
from prospects.models import Acknowledgement, Agreement, Reason, Stage, StageRule
from prospects.tests.conftest import TUESDAY, later

pytestmark = pytest.mark.django_db


def lines(row: Agreement, key: str) -> str:
    return "\n".join(next(part for part in row.body if part["key"] == key)["lines"])


def test_the_text_says_what_the_rules_say() -> None:
    live = ScoringModel.objects.get(state="live")
    now = agreement.current(at=TUESDAY)
    assert f"fit from {live.fit_b}, engagement from {live.engagement_2}" in lines(now, "marketing_qualified")
    assert f"by version {live.number} of the scoring rules" in lines(now, "marketing_qualified")
    assert "Need confirmed." in lines(now, "sales_qualified")
    assert "Not now (rejected): returns to nurture and comes back on a date." in lines(now, "reasons")
    assert "within 15 working minutes" in lines(now, "response")


def test_a_fact_that_a_stage_asks_for_stands_there_by_its_name() -> None:
    CustomField.objects.create(entity="deal", key="volume", label="Pieces a year", kind="number")
    stage = Stage.objects.get(slug="proposal")
    for field in ("phone", "deal.volume"):
        StageRule.objects.create(stage=stage, needs="fact", field=field)
    said = lines(agreement.current(at=TUESDAY), "stages")
    assert "Phone known; Pieces a year known" in said


@pytest.mark.parametrize(
    ("field", "words", "said"),
    [
        ("country", "us, ca", "Never: country not sold to (United States, Canada)."),
        ("job_title", "student, intern", "Never: country not sold to (job title with student or intern)."),
        ("domain", "rival.example", "Never: country not sold to (mail from rival.example)."),
        ("industry", "mining", "Never: country not sold to (industry: Mining)."),
    ],
)
def test_who_is_left_out_is_said_in_words(field: str, words: str, said: str) -> None:
    profile, _new = IdealProfile.objects.get_or_create(is_active=True, defaults={"name": "Ours"})
    profile.values.all().delete()
    profile.values.create(field=field, words=words, wish="excluded", exclusion="country")
    assert said in lines(agreement.current(at=TUESDAY), "marketing_qualified")


def test_nothing_changed_means_no_new_version() -> None:
    first = agreement.current(at=TUESDAY)
    assert agreement.current(at=later(days=9)).pk == first.pk
    assert Agreement.objects.count() == 1


@pytest.mark.parametrize("change", ["threshold", "entry rule", "reason", "limit"])
def test_every_rule_that_changes_makes_a_version(change: str) -> None:
    first = agreement.current(at=TUESDAY)
    if change == "threshold":
        ScoringModel.objects.filter(state="live").update(fit_b=61)
    elif change == "entry rule":
        StageRule.objects.create(stage=Stage.objects.get(slug="proposal"), needs="meeting_held")
    elif change == "reason":
        Reason.objects.create(name="Moved away", slug="moved", outcome="nurture")
    else:
        Stage.objects.filter(slug="contacting").update(limit_days=30)
    second = agreement.current(at=later(days=1))
    assert (first.number, second.number) == (1, 2)
    assert Agreement.objects.get(number=1).body == first.body


def test_readers_of_two_languages_share_one_version() -> None:
    from django.utils import translation

    first = agreement.current(at=TUESDAY)
    with translation.override("de"):
        assert agreement.current_id(TUESDAY) == first.pk


def test_each_head_acknowledges_for_one_side_and_a_rep_for_none(maya: Any, sara: Any, sam: Any) -> None:
    now = agreement.current(at=TUESDAY)
    for side, by in (("marketing", maya), ("sales", sara)):
        first = agreement.acknowledge(agreement=now, side=side, by=by, at=TUESDAY)
        assert agreement.acknowledge(agreement=now, side=side, by=by, at=later(hours=1)).pk == first.pk
    for side, by in (("sales", maya), ("marketing", sara), ("sales", sam), ("nonsense", sara)):
        with pytest.raises(Refused):
            agreement.acknowledge(agreement=now, side=side, by=by, at=TUESDAY)
    assert set(Acknowledgement.objects.values_list("side", "by__username")) == {
        ("marketing", "maya"), ("sales", "sara"),
    }  # fmt: skip


def test_an_older_version_is_not_acknowledged_any_more(sara: Any) -> None:
    old = agreement.current(at=TUESDAY)
    Stage.objects.filter(slug="contacting").update(limit_days=30)
    with pytest.raises(Conflict):
        agreement.acknowledge(agreement=old, side="sales", by=sara, at=TUESDAY)
    assert not Acknowledgement.objects.exists()
