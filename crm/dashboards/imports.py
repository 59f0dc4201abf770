"""/staff/imports/: a file is uploaded, its columns are named, a dry run tells what would happen, the worker does it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.errors import Conflict, Refused
from crm.dashboards.import_forms import ColumnsForm, UploadForm
from crm.importing import asked, kept, rights
from crm.importing.columns.mapping import MappingError
from crm.importing.files.lines import UnreadableFile
from crm.importing.run import opt_outs_missing
from crm.models import ImportRun, SavedMapping

SHOWN = 50
REFUSALS = (Refused, UnreadableFile, MappingError)


def _allowed(request: HttpRequest) -> None:
    if not any(request.user.has_perm(name) for name in rights.ANY):
        raise PermissionDenied


def _run(request: HttpRequest, pk: int) -> ImportRun:
    _allowed(request)
    runs = rights.visible_runs(request.user).select_related("campaign", "by", "undone_by", "prospecting_list")
    return get_object_or_404(runs, pk=pk)


@login_required
def imports(request: HttpRequest) -> HttpResponse:
    """The imports so far, and the form for another."""
    _allowed(request)
    asked_list = request.GET.get("list", "")
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user, asked_list=asked_list)
    if request.method == "POST" and form.is_valid():
        try:
            run = asked.upload(**form.cleaned_data, by=request.user, at=timezone.now())
            return redirect(
                "staff-import-columns" if run.state == ImportRun.State.DRAFT else "staff-import", run.pk
            )
        except REFUSALS as refusal:
            form.add_error("file", str(refusal))
    runs = rights.visible_runs(request.user).select_related("by", "campaign", "prospecting_list")[:SHOWN]
    context = {"form": form, "runs": runs, "saved": SavedMapping.objects.all()[:SHOWN]}
    return render(request, "crm/imports/list.html", context, status=422 if form.errors else 200)


@login_required
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """What each column means: guessed, or as a mapping says that was chosen from those that fit."""
    run = _run(request, pk)
    if run.state not in (ImportRun.State.DRAFT, ImportRun.State.CHECKED):
        return redirect("staff-import", run.pk)
    try:
        look = asked.look_at(run, use=request.GET.get("use", ""))
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return redirect("staff-imports")
    given = request.POST if request.method == "POST" else None
    form = ColumnsForm(
        given, header=look.header, samples=look.samples, chosen=look.chosen, kind=look.kind,
        listed=bool(run.prospecting_list_id),
    )  # fmt: skip
    if given is not None and form.is_valid():
        try:
            asked.name_columns(
                run=run, look=look, choices=form.choices, said=form.cleaned_data, at=timezone.now()
            )
            return redirect("staff-import", run.pk)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
    context = {"run": run, "form": form, "look": look}
    return render(request, "crm/imports/columns.html", context, status=422 if form.errors else 200)


@login_required
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: what its dry run found, how far it is, what became of it."""
    run = _run(request, pk)
    read, total = run.counts.get("read", 0), run.checked.get("counts", {}).get("read", 0)
    if run.state == ImportRun.State.TO_CHECK:
        read, total = total, 0
    context = {
        "run": run,
        "lines": run.lines.all()[:SHOWN],
        "read": read,
        "total": max(total, read),
        "counts": asked.in_words(run),
        "busy": run.state in asked.BUSY,
        "no_opt_outs_yet": opt_outs_missing(run),
        "submit_key": uuid.uuid4(),
        "has_errors": bool(run.error_bytes) and kept.errors_path(run).is_file(),
    }
    return render(request, "crm/imports/one.html", context)


@login_required
@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Start, resume, undo or drop an import. A second press finds it begun and changes nothing."""
    run = _run(request, pk)
    verbs: dict[str, Callable[..., Any]] = {
        "start": asked.start,
        "resume": asked.resume,
        "undo": asked.take_back,
        "drop": asked.drop,
    }
    if verb not in verbs:
        raise Http404
    try:
        verbs[verb](run=run, by=request.user, said=request.POST, at=timezone.now())
    except (*REFUSALS, Conflict) as refusal:
        messages.error(request, str(refusal))
    if verb == "drop":
        messages.success(request, _("The file was deleted; nothing was imported."))
        return redirect("staff-imports")
    return redirect("staff-import", run.pk)


@login_required
def download(request: HttpRequest, pk: int, which: str) -> HttpResponse | FileResponse:
    """The rows that stayed out as CSV, or the mapping as a file."""
    run = _run(request, pk)
    if which == "mapping" and run.mapping_text:
        answer = HttpResponse(run.mapping_text, content_type="application/toml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="import-{run.pk}.toml"'
        return answer
    path = kept.errors_path(run)
    if which != "stayed-out" or not path.is_file():
        raise Http404
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=path.name, content_type="text/csv; charset=utf-8"
    )
