"""The action of the leads' list that starts a sequence for those ticked, and says what became of each."""

from __future__ import annotations

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns.admin.base import ReadOnlyAdmin, ask
from campaigns.models import Sequence
from leads.models import Lead
from leads.nurture.entries import enrol_by_hand


class SequenceForm(forms.Form):
    sequence = forms.ModelChoiceField(
        label=_("Sequence"),
        queryset=Sequence.objects.in_use().filter(state=Sequence.State.LIVE, kind=Sequence.Kind.SEQUENCE),
        widget=UnfoldAdminSelectWidget,
    )


class StartsSequences(ReadOnlyAdmin):
    """Gives a list of leads the action."""

    def has_enrol_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("leads.change_lead")

    def start_sequence(self, request: HttpRequest, chosen: QuerySet[Lead]) -> TemplateResponse:
        """First the question which sequence, then a line for each person."""
        leads = list(chosen.select_related("person"))
        form = SequenceForm(request.POST if "sequence" in request.POST else None)
        results = None
        if form.is_valid():
            results = ask(
                request,
                lambda: enrol_by_hand(
                    people=[lead.person for lead in leads],
                    sequence=form.cleaned_data["sequence"],
                    by=request.user,
                    at=timezone.now(),
                ),
            )
        context = {
            **self.admin_site.each_context(request),
            "title": _("Start a sequence"),
            "opts": self.opts,
            "form": form,
            "leads": leads,
            "results": results,
            "ticked": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "leads/admin/start_sequence.html", context)

    start_sequence.short_description = _("Start a sequence …")  # type: ignore[attr-defined]
    start_sequence.allowed_permissions = ("enrol",)  # type: ignore[attr-defined]
