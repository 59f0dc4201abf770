"""What a new installation starts with: one pipeline, its stages with entry rules, and the reasons.

Fills only tables that are empty, so a team's own stages and reasons are never touched.
"""

from __future__ import annotations

from typing import Any

from django.apps.registry import Apps
from django.db import transaction

from prospects.models import Pipeline, Reason, Stage, StageRule

KIND, NEEDS, OUTCOME = Stage.Kind, StageRule.Needs, Reason.Outcome

# slug, name, kind, probability in %, usual days, entry rules
STAGES: tuple[tuple[str, str, str, int, int | None, tuple[str, ...]], ...] = (
    ("to_contact", "To contact", KIND.OPEN, 5, 1, ()),
    ("contacting", "Contacting", KIND.OPEN, 10, 14, ()),
    (
        "sales_qualified",
        "Sales-qualified",
        KIND.OPEN,
        30,
        21,
        (NEEDS.CONVERSATION, NEEDS.NEED_CONFIRMED, NEEDS.AUTHORITY_KNOWN, NEEDS.ONE_UNKNOWN, NEEDS.NONE_NO),
    ),
    ("proposal", "Proposal", KIND.OPEN, 50, 21, (NEEDS.BUDGET_KNOWN,)),
    ("negotiation", "Negotiation", KIND.OPEN, 75, 14, ()),
    ("won", "Won", KIND.WON, 100, None, (NEEDS.AMOUNT,)),
    ("lost", "Lost", KIND.LOST, 0, None, (NEEDS.REASON,)),
    ("returned", "Returned to nurture", KIND.RETURNED, 0, None, (NEEDS.REASON,)),
    ("disqualified", "Disqualified", KIND.DISQUALIFIED, 0, None, (NEEDS.REASON,)),
)

# slug, name, outcome, excludes as; offered when rejecting
REJECTIONS: tuple[tuple[str, str, str, str], ...] = (
    ("not-now", "Not now", OUTCOME.RETURN_ON_DATE, ""),
    ("no-need", "No need yet", OUTCOME.NURTURE, ""),
    ("wrong-person", "Wrong person", OUTCOME.WRONG_PERSON, ""),
    ("no-budget", "No budget", OUTCOME.NURTURE, ""),
    ("no-authority", "No authority", OUTCOME.NURTURE, ""),
    ("no-response", "No response", OUTCOME.NURTURE, ""),
    ("bad-fit", "Bad fit", OUTCOME.DISQUALIFY, ""),
    ("student", "Student", OUTCOME.DISQUALIFY, "student"),
    ("competitor", "Competitor", OUTCOME.DISQUALIFY, "competitor"),
    ("spam", "Spam", OUTCOME.DISQUALIFY, ""),
    ("do-not-contact", "Do not contact", OUTCOME.SUPPRESS, ""),
)
LOSSES: tuple[tuple[str, str], ...] = (
    ("price", "Price"),
    ("competitor-chosen", "Competitor chosen"),
    ("no-decision", "No decision"),
)


def install(*, using: str = "default") -> None:
    """Make what is missing. Running it twice changes nothing."""
    with transaction.atomic(using=using):
        if not Pipeline.objects.using(using).exists():
            _pipeline(using)
        if not Reason.objects.using(using).exists():
            _reasons(using)


def after_migrate(using: str, apps: Apps | None = None, **_: Any) -> None:
    """Receiver of post_migrate (and of a flush). A run that stops before these tables leaves it to the next."""
    if apps is not None and "reason" not in apps.all_models["prospects"]:
        return
    install(using=using)


def _pipeline(using: str) -> None:
    pipeline = Pipeline.objects.using(using).create(name="Sales", slug="sales", is_default=True)
    for number, (slug, name, kind, probability, days, needs) in enumerate(STAGES, 1):
        stage = Stage.objects.using(using).create(
            pipeline=pipeline, slug=slug, name=name, order=10 * number, kind=kind,
            probability=probability, ageing_days=days,
        )  # fmt: skip
        StageRule.objects.using(using).bulk_create(StageRule(stage=stage, needs=need) for need in needs)


def _reasons(using: str) -> None:
    for number, (slug, name, outcome, exclusion) in enumerate(REJECTIONS, 1):
        Reason.objects.using(using).create(
            slug=slug, name=name, outcome=outcome, exclusion=exclusion, order=10 * number
        )
    for number, (slug, name) in enumerate(LOSSES, len(REJECTIONS) + 1):
        Reason.objects.using(using).create(
            slug=slug,
            name=name,
            outcome=OUTCOME.NURTURE,
            order=10 * number,
            for_rejection=False,
            for_loss=True,
        )
