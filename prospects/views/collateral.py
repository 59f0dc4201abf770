"""/staff/collateral/<slug>/: a piece for a rep's talk, given to staff without a form, the ones for sales only too."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from leads.views.files import file_answer
from prospects.collateral import usable
from prospects.views.answers import for_reps


@for_reps
def piece(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The file itself, else the page it lies on, else its text."""
    asset = get_object_or_404(usable(timezone.now()), slug=slug)
    if asset.file:
        return file_answer(request, asset.file, called=asset.slug)
    if asset.link:
        return redirect(asset.link)
    return render(request, "prospects/piece.html", {"asset": asset})
