"""Sequences as they run: the list, the live view of one, and its switch."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns import sequences
from campaigns.errors import Conflict, Refused
from campaigns.models import Sequence, SequenceVersion
from leads.models import Mailing
from leads.nurture import live, mail_tests, overview
from leads.nurture.sums import sequence_sums

ORDER = {"live": 0, "paused": 1, "draft": 2, "ended": 3}
VERBS = {
    "pause": (sequences.pause, gettext_lazy("Paused. Nothing goes out.")),
    "resume": (sequences.resume, gettext_lazy("It sends again.")),
    "end": (sequences.end, gettext_lazy("Ended. Nobody enters any more and nothing more is sent.")),
}


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def sequence_list(request: HttpRequest) -> HttpResponse:
    """/staff/sequences/: what runs first; an archived one only by `?show=all`."""
    rows = Sequence.objects.filter(kind=Sequence.Kind.SEQUENCE).select_related("campaign")
    everything = request.GET.get("show") == "all"
    lines = overview.lines(rows if everything else rows.in_use(), at=timezone.now())
    lines.sort(key=lambda line: (ORDER[line.sequence.state], line.sequence.name))
    return render(
        request,
        "leads/sequences/list.html",
        {"lines": lines, "everything": everything, "now": timezone.now()},
    )


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def sequence_live(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/sequences/<pk>/: every step with its numbers, of the newest version or of `?version=`."""
    sequence = get_object_or_404(Sequence.objects.select_related("campaign", "topic"), pk=pk)
    if mailing := Mailing.objects.filter(sequence=sequence).values_list("pk", flat=True).first():
        return redirect("staff-mailing", pk=mailing)
    return render(request, "leads/sequences/live.html", live_context(request, sequence))


def live_context(request: HttpRequest, sequence: Sequence) -> dict[str, Any]:
    """What the live view of a sequence, or of a mailing's, shows."""
    now = timezone.now()
    versions = list(sequence.versions.select_related("published_by").order_by("-number"))
    shown = _chosen(versions, request.GET.get("version", ""))
    sums = sequence_sums(sequence)
    return {
        "sequence": sequence,
        "line": overview.lines([sequence], at=now)[0],
        "versions": versions,
        "shown": shown,
        "inside": live.inside(versions),
        "steps": live.live(shown) if shown else [],
        "sums": sums,
        "left": _left(sums.parts),
        "left_total": sum(number for _reason, number in _left(sums.parts)),
        "goals": live.goals_reached(sequence),
        "tests": mail_tests.shown(shown, at=now) if shown else [],
        "now": now,
    }


def _chosen(versions: list[SequenceVersion], number: str) -> SequenceVersion | None:
    named = [version for version in versions if str(version.number) == number]
    return next(iter(named or versions), None)


def _left(parts: dict[str, int]) -> list[tuple[str, int]]:
    """Why people left early, the most first."""
    found = [
        (name.removeprefix("left: "), number) for name, number in parts.items() if name.startswith("left: ")
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


@login_required
@permission_required("campaigns.change_sequence", raise_exception=True)
@require_POST
def sequence_switch(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Pause, resume or end; the loser of a race is told how it stands."""
    sequence = get_object_or_404(Sequence, pk=pk)
    act, done = VERBS[verb]
    try:
        act(sequence=sequence, by=request.user, at=timezone.now())
    except Conflict as lost:
        messages.warning(request, _("Somebody was faster. It is now: %(now)s") % {"now": lost.now})
    except Refused as no:
        messages.error(request, no.message)
    else:
        messages.success(request, done)
    return redirect("staff-sequence", pk=pk)
