"""What a mail fetches or links to besides pages: the click that leads on, and the picture that says "opened"."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from campaigns.links import is_safe_target
from campaigns.models import MailLink
from leads import tokens
from leads.consent import TRACKING, has_withdrawn
from leads.models import Hit, Message
from leads.views.counting import note

# A transparent picture of one pixel (GIF89a).
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


@require_safe
def click(request: HttpRequest, token: str) -> HttpResponse:
    """Lead on to the target kept for this link, and nowhere else (302). HEAD is answered and not counted."""
    message, link = _clicked(token)
    if request.method == "GET":
        note(request, kind=Hit.Kind.CLICK, mail_link=link, **_whose(message))
    response = HttpResponse(status=302, headers={"Location": link.target, "Referrer-Policy": "no-referrer"})
    patch_cache_control(response, no_store=True)
    return response


@require_safe
def open_pixel(request: HttpRequest, token: str) -> HttpResponse:
    """The same picture and headers for every token, known or not. HEAD is not counted."""
    if request.method == "GET":
        _note_open(request, token)
    return HttpResponse(PIXEL, content_type="image/gif", headers={"Cache-Control": "no-store"})


def _clicked(token: str) -> tuple[Message, MailLink]:
    try:
        found = tokens.read_click(token)
    except tokens.BadToken:
        raise Http404 from None
    message = get_object_or_404(_messages(), pk=found.message_id)
    link = get_object_or_404(MailLink, step_id=message.step_id, position=found.position)
    if not is_safe_target(link.target):
        raise Http404
    return message, link


def _note_open(request: HttpRequest, token: str) -> None:
    try:
        message = _messages().filter(pk=tokens.read_open(token).message_id).first()
    except tokens.BadToken:
        return
    if message is not None:
        note(request, kind=Hit.Kind.OPEN, **_whose(message))


def _messages():
    return Message.objects.select_related("person", "step__version__sequence__campaign")


def _whose(message: Message) -> dict:
    """Person, message and campaign of a hit; after a withdrawn tracking consent only the campaign."""
    campaign = message.step.version.sequence.campaign if message.step else None
    if has_withdrawn(person=message.person, purpose=TRACKING):
        return {"campaign": campaign}
    return {"campaign": campaign, "person": message.person, "message": message}
