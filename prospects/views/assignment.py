"""/staff/assignment/: the rules with what each member got, whom nobody took and why, and a try without counting."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from leads.keyset import keyset_page
from leads.models import Person
from prospects.assignment import fairness, waiting
from prospects.assignment.desk import Desk
from prospects.assignment.facts import Field
from prospects.models import AssignmentRule

MANAGES = permission_required("prospects.manage_prospects", raise_exception=True)
PAGE = 25


@login_required
@MANAGES
@require_GET
def assignment_page(request: HttpRequest) -> HttpResponse:
    """Everything about who gets whom, read anew."""
    desk = Desk(timezone.now())
    desk.read_everybody()
    page = keyset_page(waiting.queue(), keys=("opened_at", "pk"), cursor=request.GET.get("at", ""), size=PAGE)
    context = {
        "rules": [(rule, _shares(desk, rule)) for rule in desk.rules],
        "account_rule": any(rule.field == Field.ACCOUNT for rule in desk.rules),
        "page": page,
        "waiting": waiting.with_reasons(page.rows, desk),
        "total": waiting.queue().count(),
        **_tried(request, desk),
    }
    return render(request, "prospects/assignment.html", context)


def _shares(desk: Desk, rule: AssignmentRule) -> list[fairness.Share]:
    members = desk.members(rule)
    return fairness.table(members, desk.standings(members))


def _tried(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    """What "try with this lead" found, and what the rules say of the one who was picked."""
    words, picked = request.GET.get("q", "").strip()[:80], request.GET.get("person", "")
    people = Person.objects.filter(merged_into=None, erased_at=None).select_related(
        "company", "lead__first_touch__channel"
    )
    person = people.filter(pk=int(picked)).first() if picked.isdecimal() and len(picked) < 16 else None
    return {
        "words": words,
        "people": waiting.found(words),
        "person": person,
        "choice": waiting.try_with(person, desk) if person else None,
    }


@login_required
@MANAGES
@require_POST
def ask_again(request: HttpRequest) -> HttpResponse:
    """The rules once more for everybody who waits; pressed twice, nobody is given twice."""
    counts = waiting.ask_again(by=request.user, at=timezone.now())
    said = _("%(given)s given to a rep, %(waiting)s still wait.") % counts
    (messages.success if counts["given"] else messages.info)(request, said)
    return redirect("staff-assignment")
