"""Cards: what a prospect's card says, worked out here so that the template only writes it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Subquery, Sum
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from leads.keyset import cursor_after, keyset_page
from leads.one_of import OneOf
from leads.templatetags.staff_ui import grade, money, stayed
from prospects.models import Deal, FollowUp, Prospect, Stage
from prospects.models.prospect import ProspectQuerySet, no_next_step

CARDS_A_LANE = 40
ORDER = ("stage_since", "pk")  # who has waited longest comes first
COLUMNS = (
    "pk", "stage_id", "stage_since", "answer_by", "first_acted_at", "verdict", "origin", "person_id",
    "person__first_name", "person__last_name", "person__email", "person__company_name",
    "person__company__name", "person__lead__score__grade", "owner__first_name", "owner__last_name",
    "owner__username", "amount", "next_at", "next_kind", "red",
)  # fmt: skip
KINDS = dict(FollowUp.Kind.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One prospect in words. `look` and `step_look` are late, soon or empty."""

    pk: int
    number: str  # the same as text: a template writes numbers in the reader's way, which costs and breaks addresses
    since: datetime
    name: str
    company: str
    grade: SafeString | str
    amount: str
    age: str
    look: str
    step: SafeString | str
    step_at: SafeString | str
    step_look: str
    red: bool
    owner: str


def first_cards(
    prospects: ProspectQuerySet, stages: Sequence[Stage], *, at: datetime
) -> dict[int, list[Card]]:
    """The first cards of each lane. One statement: each lane cuts its own by the index, none reads all rows."""
    lanes = [
        Prospect.objects.filter(
            pk__in=prospects.open().filter(stage=stage).order_by(*ORDER).values("pk")[:CARDS_A_LANE]
        )
        .order_by()
        .values("pk")
        for stage in stages
    ]
    found: dict[int, list[Card]] = {stage.pk: [] for stage in stages}
    if lanes:
        by_pk = {stage.pk: stage for stage in stages}
        wanted = Prospect.objects.filter(OneOf("pk", Subquery(lanes[0].union(*lanes[1:], all=True))))
        for row in _rows(wanted, at).order_by(*ORDER):
            found[row["stage_id"]].append(_card(row, by_pk[row["stage_id"]], at))
    return found


def more_cards(
    prospects: ProspectQuerySet, stage: Stage, *, cursor: str, at: datetime
) -> tuple[list[Card], str]:
    """The cards of a lane that come after `cursor`, and the cursor of those after them; empty at the end."""
    rows = _rows(prospects.open().filter(stage=stage), at)
    page = keyset_page(rows, keys=ORDER, cursor=cursor, size=CARDS_A_LANE)
    return [_card(row, stage, at) for row in page.rows], page.older


def one_card(prospect: Prospect, *, at: datetime) -> Card:
    row = _rows(Prospect.objects.filter(pk=prospect.pk), at)[0]
    return _card(row, prospect.stage, at)


def cursor_of(card: Card) -> str:
    """Where a lane goes on after this card."""
    return cursor_after({"stage_since": card.since, "pk": card.pk}, ORDER)


def _rows(prospects: ProspectQuerySet, at: datetime) -> Any:
    mine = {"prospect": OuterRef("pk")}
    deals = Deal.objects.filter(**mine, status=Deal.Status.OPEN).order_by()
    steps = FollowUp.objects.filter(**mine, done_at=None).order_by("due_at", "pk")
    return prospects.annotate(
        amount=Subquery(deals.values("prospect").annotate(sum=Sum("base_amount")).values("sum")),
        next_at=Subquery(steps.values("due_at")[:1]),
        next_kind=Subquery(steps.values("kind")[:1]),
        red=ExpressionWrapper(no_next_step(at), output_field=BooleanField()),
    ).values(*COLUMNS)


def _card(row: dict[str, Any], stage: Stage, at: datetime) -> Card:
    age, look = _age(row, stage, at)
    step, step_at, step_look = _step(row, at)
    return Card(
        pk=row["pk"],
        number=str(row["pk"]),
        since=row["stage_since"],
        name=_name(row),
        company=row["person__company__name"] or row["person__company_name"] or "–",
        grade=_grade(row["person__lead__score__grade"]),
        amount=_amount(row["amount"]),
        age=age,
        look=look,
        step=step,
        step_at=step_at,
        step_look=step_look,
        red=row["red"],
        owner=_owner(row),
    )


def _name(row: dict[str, Any]) -> str:
    """As `Person.name` has it, without making a person of each row."""
    known = f"{row['person__first_name']} {row['person__last_name']}".strip()
    return known or row["person__email"] or f"Person {row['person_id']}"


def _owner(row: dict[str, Any]) -> str:
    name = f"{row['owner__first_name'] or ''} {row['owner__last_name'] or ''}".strip()
    return name or row["owner__username"] or _("nobody")


def _grade(mark: str | None) -> SafeString | str:
    return _drawn_grade(mark, get_language()) if mark else ""


@lru_cache(maxsize=256)
def _drawn_grade(mark: str, language: str) -> SafeString | str:
    return grade(mark, size="sm")


def _amount(amount: Decimal | None) -> str:
    return money(amount, settings.CURRENCY) if amount is not None else ""


def _age(row: dict[str, Any], stage: Stage, at: datetime) -> tuple[str, str]:
    """How much of the time for the first answer is left; once somebody acted, how long it stands in its stage."""
    runs = row["answer_by"] and not row["first_acted_at"] and not row["verdict"]
    if runs and row["origin"] == Prospect.Origin.INBOUND:
        left = row["answer_by"] - at
        if left < timedelta(0):
            return _("%(time)s late") % {"time": stayed(-left)}, "late"
        return _("%(time)s left") % {"time": stayed(left)}, "soon" if left < timedelta(minutes=30) else ""
    stands = at - row["stage_since"]
    return stayed(stands), _ageing(stands, stage)


def _ageing(stands: timedelta, stage: Stage) -> str:
    limit, usual = stage.limit_days, stage.ageing_days
    if (limit and stands > timedelta(days=limit)) or (usual and stands > timedelta(days=2 * usual)):
        return "late"
    return "soon" if usual and stands > timedelta(days=usual) else ""


def _step(row: dict[str, Any], at: datetime) -> tuple[str, SafeString | str, str]:
    """What is promised next and when; without a promise what the first answer asks for, or that it is missing."""
    if row["next_at"]:
        kind = str(KINDS[row["next_kind"]])
        return kind[:1].upper() + kind[1:], _soon(row["next_at"], at), "late" if row["next_at"] < at else ""
    if row["red"]:
        return _("No next step"), "", "late"
    return (_("Answer") if not row["verdict"] else _("Meeting")), "", ""


def _soon(moment: datetime, at: datetime) -> SafeString:
    """As the tag `soon` says it, with a plainer exact time: this is written hundreds of times."""
    local = timezone.localtime(moment)
    days = (local.date() - timezone.localdate(at)).days
    words = formats.date_format(local, "H:i" if days == 0 else "D" if 0 < days < 7 else "j M")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), f"{local:%Y-%m-%d %H:%M}", words
    )
