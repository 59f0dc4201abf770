"""The prospects list: open ones by stage, ended ones by their end; chips in the address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.keyset import keyset_page
from leads.scoring.reading import engagements_at, score_of
from prospects.models import FollowUp, Prospect, Stage
from prospects.models.prospect import ProspectQuerySet
from prospects.views.answers import for_reps

ENDS = {
    "won": _("Won"),
    "lost": _("Lost"),
    "returned": _("Returned to nurture"),
    "disqualified": _("Disqualified"),
}


@for_reps
def prospect_list(request: HttpRequest) -> HttpResponse:
    """/staff/prospects/: whom I work on, newest change first."""
    rows, end, stage = _asked(request)
    page = keyset_page(rows.for_list(), keys=("-stage_since", "-pk"), cursor=request.GET.get("at", ""))
    now = timezone.now()
    context = {
        "page": page,
        "total": rows.count(),
        "end": end,
        "ends": ENDS,
        "stage": stage,
        "stages": Stage.objects.filter(kind=Stage.Kind.OPEN, pipeline__is_default=True),
        "team": _team(request),
        "steps": _next_steps(page.rows),
        "engagements": engagements_at((score_of(row.person) for row in page.rows), now),
        "now": now,
    }
    return render(request, "prospects/list.html", context)


def _team(request: HttpRequest) -> bool:
    return request.GET.get("whose") == "team" and request.user.has_perm("prospects.manage_prospects")


def _asked(request: HttpRequest) -> tuple[ProspectQuerySet, str, Stage | None]:
    rows = Prospect.objects.visible_to(request.user)
    if not _team(request):
        rows = rows.filter(owner=request.user)
    end = request.GET.get("end", "")
    if end in ENDS:
        return rows.filter(stage__kind=end), end, None
    stage = Stage.objects.filter(pipeline__is_default=True, slug=request.GET.get("stage", "")).first()
    rows = rows.open()
    return (rows.filter(stage=stage) if stage else rows), "", stage


def _next_steps(rows: list[Prospect]) -> dict[int, FollowUp]:
    due = FollowUp.objects.filter(prospect__in=[row.pk for row in rows], done_at=None).order_by(
        "-due_at", "-pk"
    )
    return {step.prospect_id: step for step in due}
