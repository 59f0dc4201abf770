"""The rows of the prospects list: all is worked out here, so that the template only writes it down, fifty times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from leads.addresses import address_of
from leads.scoring.reading import engagements_at, score_of
from leads.templatetags.staff_ui import ago, grade, shortday
from prospects.models import FollowUp, Prospect
from prospects.models.prospect import ProspectQuerySet, no_next_step
from prospects.stages import is_late

PERSON = ("first_name", "last_name", "email", "job_title", "company_name", "company__name", "lead__score")
DRAWN = (
    "stage_since", "closed_at", "origin", "verdict", "answer_by", "return_on", "reason__name",
    "stage__slug", "stage__name", "stage__limit_days",
    "owner__first_name", "owner__last_name", "owner__username",
    *(f"person__{name}" for name in PERSON),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What comes next, or why it ended: `words`, and below them `prefix`, `when` and `suffix`.

    `look`: "red" where nothing lies ahead, "quiet" for what stands elsewhere, "down" where the second line is late.
    """

    words: str
    when: SafeString | str = ""
    prefix: str = ""
    suffix: str = ""
    look: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """`page` is empty where the reader may not look; `most_days` is set where it stays too long in its stage."""

    tick: str
    name: str
    initials: str
    role: str
    page: str
    mark: SafeString | str
    cold: bool
    stage: str
    since: SafeString | str
    most_days: int | None
    step: Step
    owner: str
    take: str


def as_drawn(rows: ProspectQuerySet, at: datetime) -> ProspectQuerySet:
    """The columns that a row shows, and no other, but for its next step; `red` where nothing is planned."""
    drawn = rows.select_related("person__company", "person__lead__score", "stage", "owner", "reason")
    return drawn.only(*DRAWN).annotate(red=ExpressionWrapper(no_next_step(at), output_field=BooleanField()))


def list_rows(rows: list[Any], *, may_open: bool, ended: bool, at: datetime) -> list[ListRow]:
    """`rows` as `as_drawn` reads them. `ended`: why a cycle ended instead of its next step. Two queries at most."""
    engagements = engagements_at((score_of(row.person) for row in rows), at)
    page, take = address_of("staff-person"), address_of("staff-take")
    step_of = _end if ended else _next_step(rows, at)
    return [
        ListRow(
            tick=f"{row.pk}:{row.stage.slug}",
            name=row.person.name,
            initials=row.person.initials,
            role=row.person.role_at,
            page=page(row.pk) if may_open else "",
            mark=_mark(row, engagements),
            cold=row.origin == Prospect.Origin.OUTBOUND,
            stage=row.stage.name,
            since=ago(row.stage_since, at),
            most_days=row.stage.limit_days if is_late(row, at) else None,
            step=step_of(row),
            owner=str(row.owner) if row.owner else _("nobody") if row.closed_at else "",
            take=take(row.pk),
        )
        for row in rows
    ]


def _mark(row: Prospect, engagements: dict[int, int]) -> SafeString | str:
    """The grade chip of the person's lead; empty where there is none."""
    score = score_of(row.person)
    return grade(score.grade, score.fit, engagements[score.lead_id]) if score and score.grade else ""


def _end(row: Prospect) -> Step:
    when = _("comes back %(day)s") % {"day": shortday(row.return_on)} if row.return_on else ""
    return Step(words=row.reason.name if row.reason else "–", when=when)


def _next_step(rows: list[Any], at: datetime) -> Callable[[Any], Step]:
    """A prospect of `rows` → its next step: a promise, the verdict that is awaited, or a meeting."""
    promises = FollowUp.objects.filter(prospect__in=[row.pk for row in rows], done_at=None)
    first = {promise.prospect_id: promise for promise in promises.order_by("-due_at", "-pk")}

    def step(row: Any) -> Step:
        red = row.red and row.is_open
        if promise := first.get(row.pk):
            return _promised(promise, at)
        if not row.verdict and row.origin == Prospect.Origin.INBOUND:
            by = {"prefix": _("by"), "when": ago(row.answer_by, at)} if row.answer_by else {}
            return Step(words=_("Accept or reject"), look="down" if red else "", **by)
        return Step(words=_("No next step"), look="red") if red else Step(words=_("a meeting"), look="quiet")

    return step


def _promised(promise: FollowUp, at: datetime) -> Step:
    kind, late = capfirst(str(promise.get_kind_display())), promise.due_at < at
    return Step(
        words=f"{kind}: {promise.text}" if promise.text else kind,
        when=ago(promise.due_at, at),
        suffix=f", {_('due')}" if late else "",
        look="down" if late else "",
    )
