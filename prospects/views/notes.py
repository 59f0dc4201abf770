"""Notes on a person: writing one with names and files, reading one that names you, fetching a file."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.views.files import file_answer
from prospects import notes
from prospects.forms import NoteForm
from prospects.models import Prospect
from prospects.note_files import ending
from prospects.views.answers import for_reps, own_prospect, rep_verb
from prospects.views.person import show


@rep_verb
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a note on the timeline; colleagues named by @ hear of it."""
    prospect = own_prospect(request, pk)
    form = NoteForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, prospect, status=422, note_form=form)
    asked = form.cleaned_data
    try:
        notes.write(
            prospect=prospect, text=asked["text"], files=asked["attached"], by=request.user, at=timezone.now(),
            submit_key=asked["submit_key"],
        )  # fmt: skip
    except Refused as no:
        form.add_error(None, no.message)
        return show(request, prospect, status=422, note_form=form)
    messages.success(request, _("Note kept."))
    unknown = ", ".join(f"@{name}" for name in notes.unknown_names(asked["text"]))
    if unknown:
        messages.warning(request, _("Nobody in sales is called %(names)s.") % {"names": unknown})
    return redirect("staff-person", pk=prospect.pk)


@for_reps
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/notes/<id>/: one note, for those who see the prospect and for those it names."""
    note = get_object_or_404(notes.readable_by(request.user), pk=pk)
    sees = Prospect.objects.visible_to(request.user).filter(pk=note.prospect_id).exists()
    files = notes.files_of([note]).get(note.pk, []) if sees else []
    return render(request, "prospects/note.html", {"note": note, "sees_prospect": sees, "files": files})


@for_reps
def note_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of a note, always as a download, never opened in our name."""
    row = notes.file_for(request.user, pk)
    if row is None:
        raise Http404
    answer = file_answer(request, row.file, called=row.name.removesuffix(ending(row.name)))
    answer["Cache-Control"] = "private, no-store"
    return answer
