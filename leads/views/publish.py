"""Starting a sequence, and publishing changes while people walk it: what changes, what speaks against it, who moves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.models import Sequence
from campaigns.sequence_rules import problems
from campaigns.sequences import working_steps
from campaigns.version_changes import changes, signature
from leads.nurture import check, publishing
from leads.views.ways_in import RIGHTS


@login_required
@permission_required(RIGHTS, raise_exception=True)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/sequences/<pk>/publish/: GET shows; POST does it once. What changed meanwhile is shown again first."""
    sequence = get_object_or_404(Sequence, pk=pk, kind=Sequence.Kind.SEQUENCE)
    if sequence.state == Sequence.State.ENDED:
        messages.info(request, _("This sequence has ended; it cannot be started again."))
        return redirect("staff-sequence", pk=pk)
    return _do(request, sequence) if request.method == "POST" else _page(request, sequence)


def _do(request: HttpRequest, sequence: Sequence) -> HttpResponse:
    """Publish what was looked at, or say why not and show it as it is now."""
    now, reasons = timezone.now(), reasons_of(request)
    found = check.findings(sequence, at=now)
    if request.POST.get("seen") != signature(sequence) and changes(sequence):
        return _page(
            request, sequence, status=409, stale=_("The steps or their words have changed since you looked.")
        )
    if check.blocking(found) or check.open_warnings(found, reasons):
        return _page(request, sequence, status=422, found=found, reasons=reasons, unanswered=True)
    try:
        done = publishing.publish(
            sequence=sequence,
            choices=_choices(request),
            findings=check.rows(found, reasons),
            by=request.user,
            at=now,
        )
    except Conflict as lost:
        return _page(request, sequence, status=409, found=found, reasons=reasons, stale=lost.now)
    except Refused as no:
        messages.warning(request, " ".join([str(no.message), *map(str, no.missing)]))
        return redirect("staff-sequence", pk=sequence.pk)
    messages.success(request, _said(done))
    return redirect("staff-sequence", pk=sequence.pk)


def _said(done: publishing.Published) -> str:
    words = [_("Version %(n)d is live.") % {"n": done.version.number}]
    if done.moved or done.stayed or done.finished:
        counts = {"moved": done.moved, "stayed": done.stayed, "finished": done.finished}
        words.append(_("%(moved)d moved to it, %(stayed)d stay, %(finished)d are done.") % counts)
    if done.kept:
        words.append(_("%(n)d stay because their mail was being sent at that moment.") % {"n": done.kept})
    return " ".join(words)


def _page(request: HttpRequest, sequence: Sequence, status: int = 200, **more: Any) -> HttpResponse:
    now = timezone.now()
    wrong = problems(sequence, working_steps(sequence))
    found = more.pop("found", None)
    differ = changes(sequence)
    if found is None:
        found = check.findings(sequence, at=now) if differ and not wrong else []
    context: dict[str, Any] = {
        "sequence": sequence,
        "changes": differ,
        "newest": sequence.versions.order_by("-number").first(),
        "wrong": wrong,
        "groups": [
            (group, _choices(request).get(group.key, publishing.STAY))
            for group in publishing.groups(sequence)
        ],
        "found": found,
        "blocked": bool(wrong or check.blocking(found)),
        "reasons": {},
        "seen": signature(sequence),
    }
    return render(request, "leads/sequences/publish.html", context | more, status=status)


def reasons_of(request: HttpRequest) -> dict[str, str]:
    """Why a warning may stand, by the key of the finding, as posted."""
    return {name[7:]: words for name, words in request.POST.items() if name.startswith("reason:")}


def _choices(request: HttpRequest) -> dict[publishing.Key, str]:
    """``choice:<version>:<position>`` as posted; what makes no sense is left out and so asked again."""
    found = {}
    for name, choice in request.POST.items():
        parts = name.split(":")
        if (
            len(parts) == 3
            and parts[0] == "choice"
            and all(one.isdecimal() and len(one) < 19 for one in parts[1:])
        ):
            found[int(parts[1]), int(parts[2])] = str(choice)
    return found
