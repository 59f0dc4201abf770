"""A past for backtests: leads with touches, facts and verdicts on given days before the day of asking."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from campaigns.models import Channel
from leads.models import Fact, Lead, LeadMove, Person, ScoringModel, ScoringRule, Touch
from leads.scoring.backtest.run import replay
from leads.tests.builders import NOON

WEEKS = 8


def ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def rules(number: int, state: str = "draft", *, fit: dict | None = None, **lines: int) -> ScoringModel:
    """A version that hands over from letter D and digit 2 (35 points), touches not fading within the weeks.

    `fit`: columns of one fit rule, which makes the letter A and is then asked for.
    """
    if state == "live":
        ScoringModel.objects.filter(state="live").update(state="retired")
    model = ScoringModel.objects.create(
        number=100 + number, state=state, reference_at=NOON, required_facts="", half_life_2=9000,
        qualify_fit="A" if fit else "D", fit_a=50, fit_b=40, fit_c=30,
    )  # fmt: skip
    if fit:
        ScoringRule.objects.create(model=model, group="fit", label="fits", points=60, **fit)
    for kind, points in lines.items():
        ScoringRule.objects.create(
            model=model, group="engagement", label=kind, points=points, touch_kind=kind
        )
    return model


def lead(name: str, *, days: float = 80, **columns: Any) -> Lead:
    person = Person.objects.create(
        email=f"{name}@firm.example", email_key=f"{name}@firm.example", first_name=name.title(),
        created_at=ago(days), **columns,
    )  # fmt: skip
    made = Lead.objects.create(person=person, created_at=ago(days), recorded_at=ago(days))
    moved(made, "new", "capture", days, old="")
    return made


def did(lead: Lead, kind: str, days: float, *, recorded: float | None = None, times: int = 1) -> None:
    channel = Channel.objects.get(slug="direct")
    for _ in range(times):
        Touch.objects.create(
            person=lead.person, kind=kind, at=ago(days), channel=channel,
            recorded_at=ago(days if recorded is None else recorded),
        )  # fmt: skip


def moved(lead: Lead, new: str, way: str, days: float, old: str = "nurturing") -> LeadMove:
    return LeadMove.objects.create(lead=lead, old=old, new=new, way=way, at=ago(days), recorded_at=ago(days))


def won(lead: Lead, days: float) -> None:
    moved(lead, "customer", "sales", days, old="marketing_qualified")


def given_back(lead: Lead, days: float) -> None:
    moved(lead, "nurturing", "sales", days, old="marketing_qualified")


def fact(
    lead: Lead, field: str, value: str, days: float, *, recorded: float | None = None, **more: Any
) -> Fact:
    recorded_at = ago(days if recorded is None else recorded)
    return Fact.objects.create(
        person=lead.person,
        field=field,
        value=value,
        source="said",
        at=ago(days),
        recorded_at=recorded_at,
        **more,
    )


def tried(draft: ScoringModel, beside: ScoringModel | None = None, **more: Any) -> dict[str, Any]:
    return replay(draft=draft, beside=beside, **{"until": NOON, "weeks": WEEKS, "capacity": 20, **more})


def handed_in(result: dict[str, Any], version: str = "draft") -> list[int]:
    """How many leads each week hands over."""
    return [sum(week) for week in result[version]["weeks"]]
