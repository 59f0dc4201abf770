"""/staff/notices/: what a colleague was told, and the bell in the head of every staff page."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required, user_passes_test
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from leads.keyset import keyset_page
from leads.models import UnfiledMail
from leads.own_mail import addresses, unfiled
from prospects import notices
from prospects.models import Notice

HEARS = ("prospects.work_prospects", "prospects.answer_requests")


def _hears(user: Any) -> bool:
    if not any(user.has_perm(permission) for permission in HEARS):
        raise PermissionDenied
    return True


for_hearers = user_passes_test(_hears)


@login_required
@for_hearers
@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    """Newest first; what was not seen yet is marked."""
    rows = notices.of(request.user)
    if request.GET.get("show") != "all":
        rows = rows.filter(seen_at=None)
    page = keyset_page(rows, keys=("-at", "-pk"), cursor=request.GET.get("at", ""))
    for row in page.rows:
        row.note_pk = notices.note_of(row)
    context: dict[str, Any] = {"page": page, "all": request.GET.get("show") == "all", "now": timezone.now()}
    context["unfiled"] = _unfiled(request.user)
    context["newest"] = max((row.pk for row in page.rows), default=0)
    return render(request, "prospects/notices.html", context)


@login_required
@for_hearers
@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """The number beside the bell: what was not seen, and mails that found nobody; asked after the page is there."""
    number = notices.unseen(request.user) + _unfiled(request.user)
    context = {"number": number, "more": number > notices.MOST_COUNTED, "most": notices.MOST_COUNTED}
    return render(request, "prospects/_notices.html", context)


@login_required
@for_hearers
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """One of them, or all that stood on the page. Those of others are not found."""
    pk, upto = _number(request, "notice"), _number(request, "upto")
    if pk is not None and not Notice.objects.filter(pk=pk, user=request.user).exists():
        raise Http404
    notices.mark_seen(user=request.user, at=timezone.now(), pk=pk, upto=upto)
    return redirect("staff-notices")


def _unfiled(user: Any) -> int:
    """Own mails that wait to be filed; counted by an index, and no further than the bell counts."""
    found = unfiled.waiting(user, at=timezone.now()) if addresses.is_set_up() else UnfiledMail.objects.none()
    return found.order_by().values("pk")[: notices.MOST_COUNTED + 1].count()


def _number(request: HttpRequest, name: str) -> int | None:
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 16 else None
