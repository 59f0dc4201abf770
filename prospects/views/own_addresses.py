"""/staff/addresses/: a colleague's private addresses, and the mails that found nobody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.errors import Refused
from leads.models import UnfiledMail
from leads.own_mail import addresses, unfiled
from prospects import calendar
from prospects.correspondence.unfiled import rows_of
from prospects.views.answers import for_reps, own_prospect, rep_verb
from prospects.views.phone import offered

MOST = 100  # mails on the page


@for_reps
@require_safe
def addresses_page(request: HttpRequest) -> HttpResponse:
    """The private calendar feed and the private mail address."""
    now, key = timezone.now(), calendar.address_key(request.user)
    context = {
        "address": f"{settings.BASE_URL}{reverse('staff-calendar-feed', args=[key])}" if key else "",
        "mail_address": addresses.address_of(request.user),
        "filing": addresses.is_set_up(),
        "waiting": unfiled.waiting(request.user, at=now).count(),
    }
    return render(request, "prospects/addresses.html", context)


@rep_verb
def new_mail_address(request: HttpRequest) -> HttpResponse:
    """A fresh one; the one before files nothing from now on."""
    if not addresses.is_set_up():
        messages.error(request, _("Filing is not set up yet: ask whoever runs this site for it."))
    else:
        had_one = bool(addresses.address_of(request.user))
        addresses.renew(user=request.user, at=timezone.now())
        again = _("Here is your new mail address. The one before no longer files anything.")
        messages.success(request, again if had_one else _("Here is your mail address."))
    return redirect("staff-addresses")


@for_reps
@require_safe
def unfiled_page(request: HttpRequest) -> HttpResponse:
    """One's own mails that found nobody."""
    waiting = unfiled.waiting(request.user, at=timezone.now())
    words = request.GET.get("q", "").strip()[:80]
    rows = rows_of(waiting.select_related("inbound").defer("inbound__body")[:MOST], user=request.user)
    context: dict[str, Any] = {
        "rows": rows,
        "total": waiting.count(),
        "words": words,
        "offered": offered(request.user, words) if rows else [],
        "days": unfiled.KEPT.days,
    }
    return render(request, "prospects/unfiled.html", context)


@rep_verb
def file_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it on the page of a prospect one may see."""
    row = _own(request, pk)
    chosen = request.POST.get("prospect", "")
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 12):
        messages.error(request, _("Choose whose mail it is."))
        return redirect("staff-unfiled")
    person = own_prospect(request, int(chosen)).person
    try:
        unfiled.file_with(unfiled=row, person=person, by=request.user, at=timezone.now())
    except Refused as no:
        messages.error(request, no.message)
    else:
        messages.success(request, _("The mail stands on %(name)s's page now.") % {"name": person.name})
    return redirect("staff-unfiled")


@rep_verb
def set_mail_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """It is nobody's whom we keep."""
    unfiled.set_aside(unfiled=_own(request, pk), by=request.user, at=timezone.now())
    messages.success(request, _("Set aside."))
    return redirect("staff-unfiled")


def _own(request: HttpRequest, pk: int) -> UnfiledMail:
    return get_object_or_404(UnfiledMail, pk=pk, user=request.user)
