"""Segments on staff pages: the list, the builder with its live count, and what may be done with one."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.errors import Conflict, Refused
from leads import segments
from leads.models import EntryRule, ExportLog, Mailing, Segment
from leads.segment_forms import HeadForm, LineForm, posted_rows, rows_of, untouched
from leads.segments import editing
from leads.segments.export import export
from leads.segments.looking import Look, look
from leads.segments.words import in_words

SEES, CHANGES, EXPORTS = "leads.view_lead", "leads.change_segment", "leads.export_leads"


@login_required
@permission_required(SEES, raise_exception=True)
def segment_list(request: HttpRequest) -> HttpResponse:
    """/staff/segments/: each with its people as last stored, when that was and how long it took, and what uses it."""
    archived = request.GET.get("show") == "archived"
    found = Segment.objects.filter(archived_at__isnull=not archived).select_related("owner")
    rows = list(found.prefetch_related("conditions"))
    context = {
        "rows": [(segment, [in_words(line) for line in segment.conditions.all()][:4]) for segment in rows],
        "uses": _uses(rows),
        "archived": archived,
        "now": timezone.now(),
    }
    return render(request, "leads/segments/list.html", context)


def _uses(rows: list[Segment]) -> dict[int, int]:
    """How many ways in and mailings each has, in two queries."""
    uses = dict.fromkeys((segment.pk for segment in rows), 0)
    for model in (EntryRule, Mailing):
        for pk in model._default_manager.filter(segment__in=rows).values_list("segment", flat=True):
            uses[pk] += 1
    return uses


@login_required
@permission_required(SEES, raise_exception=True)
def segment_page(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """/staff/segments/new/ and …/<pk>/: the builder. Who may not change it sees the same in words."""
    segment = get_object_or_404(Segment.objects.select_related("owner"), pk=pk) if pk else None
    if not request.user.has_perm(CHANGES):
        if segment is None or request.method == "POST":
            raise PermissionDenied
        return _shown(request, segment)
    if request.method != "POST":
        return _shown(request, segment, HeadForm(initial=_head(segment)), rows_of(segment))
    head, rows = HeadForm(request.POST), posted_rows(request.POST, segment)
    if "save" not in request.POST:  # another line, one less, another field, or "Count"
        counts = "count" in request.POST
        counted = look_at(head, rows) if counts else None
        rows = rows if counts and counted is None else untouched(rows)
        return _shown(request, segment, head, rows, counted=counted, touched=counts)
    if head.is_valid() and _each_is_fine(rows):
        try:
            segment = _kept(segment, head, rows, request.user)
        except Refused as no:
            head.add_error("name" if isinstance(no, editing.NameTaken) else None, no.message)
        except Conflict as lost:
            messages.warning(request, _("Somebody was faster. It is now: %(now)s") % {"now": lost.now})
            return redirect("staff-segment", pk=pk)
        else:
            done = segments.keep_up(segment, at=timezone.now())
            messages.success(request, _("Saved.") if done else _("Saved. Its people are being counted."))
            return redirect("staff-segment", pk=segment.pk)
    return _shown(request, segment, head, rows, status=422)


def _each_is_fine(rows: list[LineForm]) -> bool:
    """All are asked, so that each says what is wrong with it."""
    fine = [row.is_bound and row.is_valid() for row in rows]
    return all(fine)


def _head(segment: Segment | None) -> dict[str, Any]:
    if segment is None:
        return {}
    columns = {name: getattr(segment, name) for name in ("name", "description", "match")}
    return columns | {"seen": editing.state_of(segment)}


def _kept(segment: Segment | None, head: HeadForm, rows: list[LineForm], by: Any) -> Segment:
    data, lines = head.cleaned_data, [row.line() for row in rows]
    columns = {name: data[name] for name in ("name", "description", "match")}
    if segment is None:
        return editing.create(lines=lines, submit_key=data["submit_key"], by=by, **columns)
    return editing.change(segment=segment, lines=lines, seen=data["seen"], **columns)


def look_at(head: HeadForm, rows: list[LineForm]) -> Look | None:
    """The count and sample of a form as it stands; None while a line is not finished."""
    if not _each_is_fine(rows):
        return None
    match = head.data.get("match") or Segment.Match.ALL
    return look([row.line() for row in rows], match=match, at=timezone.now())


def _shown(
    request: HttpRequest,
    segment: Segment | None,
    head: HeadForm | None = None,
    rows: list[LineForm] | None = None,
    *,
    counted: Look | None = None,
    touched: bool = True,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    context: dict[str, Any] = {
        "segment": segment, "head": head, "rows": rows, "counted": counted, "touched": touched, "now": now,
        "unfinished": any(row.errors for row in rows or []),
    }  # fmt: skip
    if segment:
        done = segments.keep_up(segment, at=now)
        context |= {
            "done": done,
            "words": [in_words(line) for line in segment.conditions.order_by("pk")],
            "ways_in": EntryRule.objects.filter(segment=segment).select_related("sequence"),
            "mailings": Mailing.objects.filter(segment=segment).select_related("sequence")[:20],
            "naming": editing.naming(segment),
            "exports": ExportLog.objects.filter(segment=segment).select_related("by")[:5],
            "copy_key": uuid.uuid4(),
        }
        if counted is None and (head is None or request.method == "GET"):
            context["counted"] = look(list(segment.conditions.order_by("pk")), match=segment.match, at=now)
    return render(request, "leads/segments/page.html", context, status=status)


@login_required
@permission_required(CHANGES, raise_exception=True)
@require_POST
def segment_try(request: HttpRequest) -> HttpResponse:
    """How many the form as it stands would hold, and ten of them: a fragment beside the builder."""
    counted = look_at(HeadForm(request.POST), posted_rows(request.POST, None))
    return render(
        request, "leads/segments/_counted.html", {"counted": counted, "unfinished": counted is None}
    )


@login_required
@permission_required("leads.add_segment", raise_exception=True)
@require_POST
def segment_copy(request: HttpRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    try:
        key = uuid.UUID(request.POST.get("submit_key", ""))
    except ValueError:
        return redirect("staff-segment", pk=pk)
    made = editing.copy(segment=segment, submit_key=key, by=request.user)
    messages.success(request, _("A copy. Give it its own name."))
    return redirect("staff-segment", pk=made.pk)


@login_required
@permission_required(CHANGES, raise_exception=True)
@require_POST
def segment_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Archive it, or bring it back with `back`."""
    segment = get_object_or_404(Segment, pk=pk)
    if "back" in request.POST:
        editing.restore(segment=segment)
        return redirect("staff-segment", pk=pk)
    try:
        editing.archive(segment=segment, at=timezone.now())
    except Refused as no:
        messages.error(request, no.message)
        return redirect("staff-segment", pk=pk)
    messages.success(request, _("Archived. Its page still brings it back."))
    return redirect("staff-segments")


@login_required
@permission_required((SEES, EXPORTS), raise_exception=True)
@require_POST
def segment_export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Its people as a file; who took it is kept."""
    segment = get_object_or_404(Segment, pk=pk)
    now = timezone.now()
    segments.keep_up(segment, at=now, seconds=30)
    lines = export(segment=segment, by=request.user, at=now)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{slugify(segment.name)[:60] or 'segment'}-{now:%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
