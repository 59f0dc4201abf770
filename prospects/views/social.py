"""A social touch noted by the rep: in a sheet of the person page, or on a page of its own from the day."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects import social
from prospects.forms.social import SocialForm
from prospects.models import Prospect, SocialTouch
from prospects.views.answers import for_reps, go_on, in_place, own_prospect


@for_reps
def note_social(request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks, POST keeps it. The step of a cadence that waits for it stands above the form."""
    prospect = own_prospect(request, pk)
    form = SocialForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            row = social.log_social(prospect=prospect, by=request.user, at=timezone.now(), **form.touch())
        except Refused as no:
            form.add_error(None, no.message)
        else:
            messages.success(request, _said(row))
            return go_on(request, prospect)
    return _ask(request, prospect, form)


def _ask(request: HttpRequest, prospect: Prospect, form: SocialForm) -> HttpResponse:
    at, status = timezone.now(), 422 if form.is_bound else 200
    known = social.profiles(prospect.person)
    if not form.is_bound and known:
        form.initial["network"] = next(iter(known))
    then = request.POST.get("then") or request.GET.get("then", "")
    context = {
        "prospect": prospect, "person": prospect.person, "social_form": form, "due": social.due(prospect, at),
        "profiles": [(SocialTouch.Network(name).label, url) for name, url in known.items()],
        "then": then if then in ("today", "board") else "",
    }  # fmt: skip
    name = "prospects/_social.html" if in_place(request) else "prospects/social.html"
    answer = render(request, name, context, status=status)
    if form.is_bound and in_place(request):
        # the form aims at the whole page; what is wrong belongs beside the field
        answer["HX-Retarget"], answer["HX-Reswap"] = "#social", "outerHTML"
    return answer


def _said(row: SocialTouch) -> str:
    if row.what == SocialTouch.What.ANSWERED:
        return _("Kept: they answered. Sequences that stop on a reply have stopped.")
    return _("Kept: %(what)s on %(network)s.") % {
        "what": row.get_what_display(),
        "network": row.get_network_display(),
    }
