"""The rows of the leads list: all is worked out here, so that the template only writes it down, fifty times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from leads.addresses import address_of
from leads.models import Enrolment, Lead
from leads.scoring.reading import engagements_at, score_of
from leads.templatetags.staff_ui import ago, grade, meter, shortday
from leads.timeline import touch_words

PERSON = ("first_name", "last_name", "email", "job_title", "company_name", "sales_open", "company__name")
LAST = ("at", "kind", "label", "asset__title", "page__title", "message__subject")
FIRST = (*LAST[:3], "asset_id", "page_id", "message_id", "campaign__name", "channel__name")
DRAWN = (
    "status", "status_since", "exclusion", "created_at", "score",
    *(f"person__{name}" for name in PERSON),
    *(f"first_touch__{name}" for name in FIRST), *(f"last_touch__{name}" for name in LAST),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRow:
    """`mark` is the grade chip; `fit` and `engagement` are bars, empty before the first grade.

    `touched` and `campaign` are empty where there is no touch; `standing` says where the lead is just now.
    """

    name: str
    initials: str
    role: str
    page: str
    mark: SafeString | str
    fit: SafeString | str
    engagement: SafeString | str
    touched: str
    touched_at: SafeString | str
    campaign: str
    channel: str
    status: str
    standing: str


def as_drawn(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """The columns of `leads` that a row shows, and no other: of nine tables that is a third of all."""
    touched = ("first_touch__campaign", "first_touch__channel", "last_touch__asset", "last_touch__message")
    return leads.select_related("person__company", "score", *touched, "last_touch__page").only(*DRAWN)


def lead_rows(leads: Sequence[Lead], at: datetime) -> list[LeadRow]:
    """`leads` as `as_drawn` reads them. Two queries for all of them."""
    engagements = engagements_at((score_of(lead.person) for lead in leads), at)
    walks = _walks([lead.person_id for lead in leads])
    page = address_of("staff-lead")
    return [
        _row(lead, page(lead.person_id), engagements.get(lead.pk), walks.get(lead.person_id), at)
        for lead in leads
    ]


def _row(lead: Lead, page: str, engagement: int | None, walk: Enrolment | None, at: datetime) -> LeadRow:
    person, score, first = lead.person, score_of(lead.person), lead.first_touch
    last, graded = lead.last_touch or first, bool(score and score.grade)
    return LeadRow(
        name=person.name,
        initials=person.initials,
        role=person.role_at,
        page=page,
        mark=grade(score.grade, score.fit, engagement) if score else grade(""),
        fit=meter(score.fit) if score and graded else "",
        engagement=meter(engagement, "eng") if graded else "",
        touched=touch_words(last),
        touched_at=ago(last.at, at) if last else "",
        campaign=first.campaign.name if first and first.campaign else "",
        channel=first.channel.name if first and first.channel else "",
        status=capfirst(lead.get_status_display()),
        standing=_standing(lead, walk),
    )


def _standing(lead: Lead, walk: Enrolment | None) -> str:
    """The step of a sequence, else why the lead is left out, else since when; and that sales have them."""
    if walk:
        told = {"name": walk.sequence.name, "n": walk.position}
        return _("%(name)s, step %(n)s done") % told if walk.position else _("%(name)s, just begun") % told
    if lead.exclusion:
        return str(lead.get_exclusion_display())
    since = _("since %(day)s") % {"day": shortday(lead.status_since)}
    return f"{since} · {_('with sales')}" if lead.person.sales_open else since


def _walks(people: list[int]) -> dict[int, Enrolment]:
    """Where each of them walks now, in one query."""
    rows = Enrolment.objects.filter(person__in=people, state=Enrolment.State.ACTIVE)
    return {row.person_id: row for row in rows.select_related("sequence").order_by("started_at")}
