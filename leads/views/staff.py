"""Marketing's view of leads: the list with its filters in the address, and one lead."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from leads import segments
from leads.keyset import bounded_count, keyset_page
from leads.models import Lead, Person
from leads.nurture.next_step import walks
from leads.person_facts import consent_chain, facts_of
from leads.scoring.panel import receipts_for
from leads.timeline import lead_timeline
from leads.views.filters import UNKNOWN, VIEWS, LeadFilter
from leads.views.lead_rows import as_drawn, lead_rows
from leads.views.score_panel import score_panel
from leads.views.standing import standing_lines

MOST_COUNTED = 10_000  # beyond it the list says "more than": counting a million took longer than the page


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def lead_list(request: HttpRequest) -> HttpResponse:
    """/staff/leads/: newest or best first, narrowed by the chips in the address."""
    asked = LeadFilter(request.GET)
    if segment := asked.asked.get("segment"):
        segments.keep_up(segment, at=timezone.now())
    leads = asked.narrow(Lead.objects.all())
    page = keyset_page(as_drawn(leads), keys=asked.keys(), cursor=request.GET.get("at", ""))
    context = {
        "filter": asked,
        "views": VIEWS,
        "query": request.GET.urlencode(),
        "page": page,
        "total": bounded_count(leads, MOST_COUNTED),
        "most": MOST_COUNTED,
        "rows": lead_rows(page.rows, timezone.now()),
    }
    return render(request, "leads/staff/list.html", context)


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def unknown_leads(request: HttpRequest) -> HttpResponse:
    """/staff/leads/unknown/: how many leads have no persona, and no stage. Asked for apart: it looks at every lead."""
    counts = Lead.objects.aggregate(
        **{key: Count("pk", filter=condition) for key, (_name, condition) in UNKNOWN.items()}
    )
    asked = urlsplit(request.headers.get("HX-Current-URL", "")).query
    context = {"counts": counts, "asked": asked, "list": reverse("staff-leads")}
    return render(request, "leads/staff/_unknown.html", context)


@login_required
@permission_required("leads.view_lead", raise_exception=True)
def lead_page(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/leads/<person id>/: facts, story, mails with their why and when, score with its receipts."""
    lead = Lead.objects.for_list().filter(person_id=pk, person__erased_at=None).first()
    if lead is None or lead.person.merged_into_id:
        merged = get_object_or_404(Person.objects.exclude(merged_into=None), pk=pk, erased_at=None)
        return redirect("staff-lead", pk=merged.merged_into_id)
    now = timezone.now()
    facts, receipts = facts_of(lead.person), receipts_for(lead, now)
    context = {
        "lead": lead,
        "person": lead.person,
        "facts": facts,
        "standing": standing_lines(lead, receipts),
        "evidence": consent_chain(lead.person),
        "story": lead_timeline(lead.person, 120 if request.GET.get("show") == "all" else 25),
        "score": score_panel(lead, receipts, now, facts),
        "next_steps": {walk.pk: coming for walk, coming in walks(lead.person)},
        "enrolments": lead.person.enrolments.select_related("sequence", "version").order_by("-started_at"),
        "mails": lead.person.messages.select_related("words__offer").order_by("-due_at")[:30],
    }
    return render(request, "leads/staff/lead.html", context)
