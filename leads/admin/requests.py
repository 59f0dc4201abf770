"""What people ask of us about their data: the queue of the operators, the oldest first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from campaigns.admin.base import ReadOnlyAdmin, ask
from leads import requests
from leads.models import PrivacyRequest

LATE_DAYS = 30  # a month (GDPR art. 12.3)


class DoneForm(BaseDialogForm):
    note = forms.CharField(
        label=_("What was done"), max_length=300, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class Waiting(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("to_do", _("to do")), ("unconfirmed", _("not confirmed")), ("done", _("done"))]

    def queryset(self, request: HttpRequest, found: QuerySet) -> QuerySet:
        chosen: dict[str, dict[str, Any]] = {
            "to_do": {"done_at": None, "confirmed_at__isnull": False},
            "unconfirmed": {"done_at": None, "confirmed_at": None},
            "done": {"done_at__isnull": False},
        }
        return found.filter(**chosen.get(self.value() or "", {}))


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(ReadOnlyAdmin):
    seen_with = "leads.view_privacyrequest"
    list_display = ("receipt", "kind", "whose", "asked_at", "state", "age", "done_at")
    list_filter = (Waiting, ("kind", ChoicesDropdownFilter))
    list_select_related = ("person",)
    search_fields = ("receipt", "person__email")
    ordering = ("done_at", "asked_at")
    actions_detail = ("mark_done",)
    readonly_fields = ("whose", "state", "age")
    fields = (
        ("receipt", "kind"),
        "whose",
        ("asked_at", "confirmed_at"),
        ("state", "age"),
        ("done_at", "done_by"),
        "note",
    )

    @display(description=_("person"), ordering="person__email")
    def whose(self, asked: PrivacyRequest) -> str:
        return asked.person.email or asked.person.name

    @display(
        description=_("state"),
        label={"done": "success", "to do": "warning", "late": "danger", "not confirmed": "info"},
    )
    def state(self, asked: PrivacyRequest) -> tuple[str, Any]:
        if asked.done_at:
            return "done", _("done")
        if asked.confirmed_at is None:
            return "not confirmed", _("not confirmed")
        late = (timezone.now() - asked.confirmed_at).days >= LATE_DAYS
        return ("late", _("late")) if late else ("to do", _("to do"))

    @display(description=_("waits since"), ordering="confirmed_at")
    def age(self, asked: PrivacyRequest) -> str:
        if asked.done_at or asked.confirmed_at is None:
            return "–"
        return timesince(asked.confirmed_at, depth=1)

    def has_finish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("leads.change_privacyrequest")

    @action(
        description=_("Mark as done"),
        url_path="done",
        permissions=["finish"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": _("Done?"),
            "description": _("Say what was done; the person can name the receipt and ask."),
            "form_class": DoneForm,
            "form_submit_text": _("Mark as done"),
        },
    )
    def mark_done(self, request: HttpRequest, form: DoneForm, object_id: str) -> HttpResponse:
        asked = self.object_or_404(request, object_id)
        ask(
            request,
            lambda: requests.finish(
                request=asked, by=request.user, note=form.cleaned_data["note"], at=timezone.now()
            ),
            done=_("Marked as done."),
        )
        return self.page_of(request, asked)
