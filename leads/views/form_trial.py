"""/staff/forms/<page>/try/: marketing fills in a form and sees what would happen."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone, translation

from campaigns.errors import Refused
from campaigns.models import LandingPage
from leads.form_trial import Line, try_form
from leads.forms import CaptureForm
from leads.tracking import visit_from


@login_required
@permission_required(("campaigns.change_landingpage", "leads.view_lead"), raise_exception=True)
def form_trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Any page, published or not. Nothing is kept of what is sent here."""
    page = get_object_or_404(LandingPage.objects.for_render(), pk=pk)
    with translation.override(page.language):
        form = CaptureForm(request.POST or None, page=page)
        valid = form.is_valid()
        html = render_to_string("leads/staff/_form_trial.html", {"form": form, "page": page}, request)
    came_with = request.POST.get("came_with", "")[:500].lstrip("?")
    lines = _tried(request, form, came_with) if valid else []
    context: dict[str, Any] = {
        "page": page,
        "form": form,
        "form_html": html,
        "lines": lines,
        "came_with": came_with,
    }
    return render(request, "leads/staff/form_trial.html", context, status=422 if form.errors else 200)


def _tried(request: HttpRequest, form: CaptureForm, came_with: str) -> list[Line]:
    address = f"{settings.BASE_URL}/p/{form.page.slug}/?{came_with}"
    try:
        return try_form(form=form, visit=visit_from(request, landing_url=address), at=timezone.now())
    except Refused as no:
        form.add_error(None, no.message)
        return []
