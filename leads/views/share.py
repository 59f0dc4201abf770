"""Passing a piece on: a press on one's own page makes one's own link; everybody else gets the plain address."""

from dataclasses import replace
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns import library as shelf
from campaigns.covers import cover_for
from campaigns.models import Asset
from leads import sharing, tokens
from leads.models import Hit, Person, ShareLink, Submission
from leads.tracking import visit_from
from leads.views.answers import SeeOther, private
from leads.views.counting import note


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows the link to copy, POST makes a person's own. The link says nothing of whose it is."""
    asset = shelf.pieces(at=timezone.now()).filter(slug=slug).first()
    if asset is None:
        raise Http404
    if request.method == "POST":
        return private(SeeOther(_made(request, asset)))
    own = sharing.found_by(request.GET.get("via", ""))
    with translation.override(asset.language):
        return private(render(request, "leads/share.html", _context(asset, own)))


def _made(request: HttpRequest, asset: Asset) -> str:
    """The address that shows the new link. Who presses is no newcomer: this browser's visits by it do not count."""
    here = reverse("share", args=[asset.slug])
    person = _presser(request)
    if person is None:
        return here
    link = sharing.share_link(person=person, asset=asset, at=timezone.now())
    visit = replace(visit_from(request), share_id=link.pk)
    note(request, kind=Hit.Kind.LINK, visit=visit, asset=asset)
    return f"{here}?via={link.code}"


def _presser(request: HttpRequest) -> Person | None:
    """Whose page the button stood on, by the token of that page."""
    people = Person.objects.filter(erased_at=None, merged_into=None)
    try:
        if "me" in request.POST:
            return people.filter(pk=tokens.read_person(request.POST["me"])).first()
        if "thanks" in request.POST:
            form = tokens.read_thanks(request.POST["thanks"])
        else:
            form = tokens.read_download(request.POST.get("download", ""))
    except tokens.BadToken:
        return None
    return people.filter(pk=Submission.objects.filter(pk=form).values("person")[:1]).first()


def _context(asset: Asset, own: ShareLink | None) -> dict[str, object]:
    path = reverse("asset", args=[asset.slug])
    link = f"{settings.BASE_URL}{path}" + (f"?via={own.code}" if own and own.asset_id == asset.pk else "")
    words = _("I thought this might be of use to you:")
    return {
        "asset": asset,
        "cover": cover_for(asset),
        "own": own,
        "link": link,
        "mailto": f"mailto:?subject={quote(asset.title)}&body={quote(f'{words} {asset.title} {link}')}",
        "back": shelf.card(asset).url,
    }
