"""What a mail fetches or links to besides pages: the click, the picture that says "opened", the link nobody sees.

Neither asks the database who it was: the token says it, and whether it may be noted is decided when it is written.
"""

from contextlib import suppress
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.links import is_safe_target, mail_target
from leads import tokens
from leads.models import Hit
from leads.personal_links import with_person
from leads.views.counting import note

# A transparent picture of one pixel (GIF89a).
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


@require_safe
def click(request: HttpRequest, token: str) -> HttpResponse:
    """Lead on to the target kept for this link, and nowhere else (302). HEAD is answered and not counted.

    Landing pages and open pieces of ours learn whose link it was; every other address is left exactly as it is.
    """
    clicked, target = _clicked(token)
    if request.method == "GET":
        note(
            request,
            kind=Hit.Kind.CLICK,
            message_id=clicked.message_id,
            person_id=clicked.person_id,
            mail_link_id=clicked.link_id,
        )
    own = with_person(target, clicked.person_id)
    response = HttpResponse(status=302, headers={"Location": own, "Referrer-Policy": "no-referrer"})
    patch_cache_control(response, no_store=True)
    return response


@require_safe
def open_pixel(request: HttpRequest, token: str) -> HttpResponse:
    """The same picture and headers for every token, known or not. HEAD is not counted."""
    if request.method == "GET":
        _note_open(request, token)
    return HttpResponse(PIXEL, content_type="image/gif", headers={"Cache-Control": "no-store"})


@require_safe
def trap(request: HttpRequest, token: str) -> HttpResponse:
    """A link that no person sees, in mails and on pages: who follows it follows everything (`leads.judging`).

    The same answer for every token; one that names no mail stands on a page. HEAD is noted too.
    """
    about: dict[str, Any] = {}
    with suppress(tokens.BadToken):
        mail = tokens.read_trap(token)
        about = {"message_id": mail.message_id, "person_id": mail.person_id}
    if (
        about or request.headers.get("Sec-Fetch-Site") != "cross-site"
    ):  # not where another site loads it as a picture
        note(request, kind=Hit.Kind.TRAP, **about)
    response = HttpResponse(_("There is nothing here for people."), content_type="text/plain; charset=utf-8")
    response["X-Robots-Tag"] = "noindex, nofollow"
    patch_cache_control(response, no_store=True)
    return response


def _clicked(token: str) -> tuple[tokens.MailToken, str]:
    try:
        clicked = tokens.read_click(token)
    except tokens.BadToken:
        raise Http404 from None
    target = mail_target(clicked.link_id)
    if not target or not is_safe_target(target):
        raise Http404
    return clicked, target


def _note_open(request: HttpRequest, token: str) -> None:
    try:
        opened = tokens.read_open(token)
    except tokens.BadToken:
        return
    note(request, kind=Hit.Kind.OPEN, message_id=opened.message_id, person_id=opened.person_id)
