"""A cold contact entered by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects.forms import ColdContactForm
from prospects.models import Prospect
from prospects.prospecting.by_hand import PerhapsKnown, enter_cold, enter_on_list, refuse_known
from prospects.views.answers import for_reps


@for_reps
def new_cold_contact(request: HttpRequest) -> HttpResponse:
    """Enter somebody of an outbound list and go to their page."""
    start = {"company": request.GET.get("company", ""), "prospecting_list": request.GET.get("list", "")}
    start |= {name: request.GET.get(name, "") for name in ("email", "first_name", "last_name")}
    form = ColdContactForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            if not form.cleaned_data["sure"]:
                refuse_known(form.said)
            prospect = _entered(form, request.user)
        except PerhapsKnown as no:
            form.add_error(None, no.message)
            form.ask_whether_sure()
        except Refused as no:
            form.add_error(None, no.message)
        else:
            messages.success(request, _("%(name)s is yours. Call first.") % {"name": prospect.person.name})
            return redirect("staff-person", pk=prospect.pk)
    context = {"form": form, "title": _("New cold contact"), "button": _("Enter and open")}
    context["lead"] = _(
        "No lead is made and no marketing mail is sent: that begins when the person shows interest."
    )
    return render(request, "prospects/form_page.html", context, status=422 if form.is_bound else 200)


def _entered(form: ColdContactForm, user: Any) -> Prospect:
    """On the list that was chosen, or on the ground that was stated."""
    onto, key = form.cleaned_data["prospecting_list"], form.cleaned_data["submit_key"]
    who: dict[str, Any] = {"owner": user, "by": user, "at": timezone.now(), "submit_key": key}
    if onto is not None:
        return enter_on_list(onto=onto, said=form.said, **who)
    return enter_cold(said=form.said, ground=form.ground, **who)
