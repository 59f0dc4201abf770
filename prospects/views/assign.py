"""A manager gives a prospect to a rep."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects import pipeline
from prospects.forms.listing import reps
from prospects.views.answers import own_prospect, rep_verb


class OwnerForm(forms.Form):
    owner: forms.ModelChoiceField = forms.ModelChoiceField(queryset=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["owner"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = reps()


@rep_verb
@permission_required("prospects.manage_prospects", raise_exception=True)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """To another owner, with the follow-ups that are still open. Twice the same changes nothing more."""
    prospect = own_prospect(request, pk)
    form = OwnerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a rep of the list."))
        return redirect("staff-person", pk=pk)
    owner = form.cleaned_data["owner"]
    try:
        pipeline.assign(prospect=prospect, owner=owner, by=request.user, at=timezone.now())
    except Refused as no:
        messages.error(request, no.message)
    else:
        messages.success(
            request, _("%(name)s is with %(owner)s now.") % {"name": prospect.person.name, "owner": owner}
        )
    return redirect("staff-person", pk=pk)
