"""The people behind a number of a sequence."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns import step_words
from campaigns.models import PublishedStep, Sequence
from leads.nurture import live, live_rows


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def sequence_rows(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """/staff/sequences/<pk>/people/<number>/, `?step=` of one step, `?reason=` of one reason."""
    sequence = get_object_or_404(Sequence, pk=pk)
    step, reason, cursor = _step(request, sequence), request.GET.get("reason", ""), request.GET.get("at", "")
    words = live_rows.known(what)
    if words is None or (step is None) != (what in live_rows.WALKS):
        raise Http404
    context: dict[str, Any] = {"sequence": sequence, "what": words, "reason": reason}
    if step is None:
        context["page"] = live_rows.of_sequence(sequence, what, reason=reason, cursor=cursor)
    else:
        context["page"] = live_rows.of_step(step, what, reason=reason, cursor=cursor)
        context["words"] = step_words.of_published([step], live.subjects([step]))[step.position]
        context["version"] = step.version.number
    return render(request, "leads/sequences/rows.html", context)


def _step(request: HttpRequest, sequence: Sequence) -> PublishedStep | None:
    asked = request.GET.get("step", "")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    steps = PublishedStep.objects.select_related("version", "asset", "page", "topic")
    return get_object_or_404(steps, pk=int(asked), version__sequence=sequence)
