"""A new installation has the stages and reasons of the glossary; a team's own are never touched."""

import pytest

from prospects import defaults
from prospects.models import Pipeline, Reason, Stage, StageRule

pytestmark = pytest.mark.django_db


def test_the_default_pipeline_has_the_stages_of_the_glossary() -> None:
    slugs = list(
        Stage.objects.filter(pipeline__is_default=True).order_by("order").values_list("slug", flat=True)
    )
    assert slugs == [
        "to_contact", "contacting", "sales_qualified", "proposal", "negotiation",
        "won", "lost", "returned", "disqualified",
    ]  # fmt: skip


def test_sales_qualified_asks_for_the_five_facts() -> None:
    rules = StageRule.objects.filter(stage__slug="sales_qualified").values_list("needs", flat=True)
    assert set(rules) == {"conversation", "need_confirmed", "authority_known", "one_unknown", "none_no"}


@pytest.mark.parametrize(
    ("slug", "outcome"),
    [
        ("not-now", "return_on_date"),
        ("no-need", "nurture"),
        ("wrong-person", "wrong_person"),
        ("no-budget", "nurture"),
        ("bad-fit", "disqualify"),
        ("student", "disqualify"),
        ("spam", "disqualify"),
        ("do-not-contact", "suppress"),
    ],
)
def test_each_reason_carries_its_outcome(slug: str, outcome: str) -> None:
    assert Reason.objects.get(slug=slug).outcome == outcome


def test_installing_twice_changes_nothing() -> None:
    before = [
        Pipeline.objects.count(),
        Stage.objects.count(),
        Reason.objects.count(),
        StageRule.objects.count(),
    ]
    defaults.install()
    assert before == [
        Pipeline.objects.count(), Stage.objects.count(), Reason.objects.count(), StageRule.objects.count(),
    ]  # fmt: skip


def test_a_team_with_one_reason_of_its_own_keeps_just_that() -> None:
    Reason.objects.exclude(slug="spam").delete()
    defaults.install()
    assert list(Reason.objects.values_list("slug", flat=True)) == ["spam"]
