"""A person's own page behind the link of every mail: what we send, what we note, whether we score, what they ask of us.

GET shows, POST acts: mail scanners follow links. The token is the key, so there is no cookie, login or CSRF token.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt

from campaigns.errors import Refused
from leads import preferences, requests, tokens
from leads.models import Message, Person, PrivacyRequest
from leads.views.answers import SeeOther, private
from leads.views.personal import evidence, show_and_act
from leads.views.sending import forget_browser

PAUSES = {"0": 0, "30": 30, "90": 90}
# As it is kept and counted, whatever the reader's language.
WHY = {
    "often": "Too many mails.",
    "not_mine": "Not about what I do.",
    "never": "Never asked for it.",
    "other": "",
}
Kind = PrivacyRequest.Kind
Act = Callable[[HttpRequest, Person, datetime, dict[str, Any]], str]


@csrf_exempt
@show_and_act
def mail_settings(request: HttpRequest, token: str) -> HttpResponse:
    """Preferences: GET shows, POST acts. A mail program's one-click POST (RFC 8058) gets 200 and no redirect."""
    person, now = _person(token), timezone.now()
    if person.erased_at:
        return _nothing_left(request)
    if request.method != "POST":
        with translation.override(_language(person)):
            context = _context(request, person, now)
            return private(render(request, "leads/preferences.html", context))
    act, where = request.POST.get("do", ""), evidence(request)
    if not act and request.POST.get("List-Unsubscribe") == "One-Click":
        preferences.stop_all(person=person, at=now, evidence="one click", **where, **_mailed(token))
        return private(HttpResponse("Unsubscribed.", content_type="text/plain"))
    said = ACTS[act](request, person, now, where) if act in ACTS else ""
    response = SeeOther(f"{request.path}?said={said}" if said else request.path)
    if act == "untrack":
        forget_browser(request, response, at=now)
    return response


def _nothing_left(request: HttpRequest) -> HttpResponse:
    """Of somebody erased nothing is kept but that no mail goes to them, so a one-click POST is right (E1)."""
    if request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click":
        return private(HttpResponse("Unsubscribed.", content_type="text/plain"))
    raise Http404


def _stop(request: HttpRequest, person: Person, now: datetime, where: dict[str, Any]) -> str:
    token = request.resolver_match.kwargs["token"] if request.resolver_match else ""
    preferences.stop_all(person=person, at=now, evidence="stop", **where, **_mailed(token))
    return ""


def _stay(request: HttpRequest, person: Person, now: datetime, where: dict[str, Any]) -> str:
    return "stays" if preferences.stay(person=person, at=now, **where) else ""


def _why(request: HttpRequest, person: Person, now: datetime, where: dict[str, Any]) -> str:
    said = " ".join(filter(None, [WHY.get(request.POST.get("why", ""), ""), request.POST.get("words", "")]))
    return "thanks" if preferences.say_why(person=person, said=said, at=now) else ""


def _undo(request: HttpRequest, person: Person, now: datetime, where: dict[str, Any]) -> str:
    return "undone" if preferences.undo_stop(person=person, at=now, **where) else ""


def _save(request: HttpRequest, person: Person, now: datetime, where: dict[str, Any]) -> str:
    language = request.POST.get("language", "")
    preferences.choose(
        person=person,
        topics=request.POST.getlist("topics"),
        pause_days=PAUSES.get(request.POST.get("pause", "")),
        language=language if language in dict(settings.LANGUAGES) else "",
        at=now,
    )
    return "saved"


def _track(request: HttpRequest, person: Person, now: datetime, where: dict[str, Any]) -> str:
    given = preferences.allow_tracking(person=person, at=now, language=_language(person), **where)
    return "tracked" if given else ""


def _untrack(request: HttpRequest, person: Person, now: datetime, where: dict[str, Any]) -> str:
    preferences.end_tracking(person=person, at=now, **where)
    return "untracked"


def _object(request: HttpRequest, person: Person, now: datetime, where: dict[str, Any]) -> str:
    preferences.object_to_scoring(person=person, at=now, **where)
    return "unscored"


def _score(request: HttpRequest, person: Person, now: datetime, where: dict[str, Any]) -> str:
    preferences.allow_scoring(person=person, at=now, **where)
    return "scored"


def _asks(kind: str) -> Act:
    def act(request: HttpRequest, person: Person, now: datetime, where: dict[str, Any]) -> str:
        try:
            requests.ask(person=person, kind=kind, at=now, **where)
        except Refused:
            return "no-mailbox"
        return "asked"

    return act


ACTS: dict[str, Act] = {
    "stop": _stop,
    "undo": _undo,
    "why": _why,
    "stay": _stay,
    "save": _save,
    "track": _track,
    "untrack": _untrack,
    "object": _object,
    "score": _score,
    "export": _asks(Kind.EXPORT),
    "erase": _asks(Kind.ERASURE),
}


def _context(request: HttpRequest, person: Person, now: datetime) -> dict[str, Any]:
    standing = preferences.standing(person, at=now)
    asked = {one.kind: one for one in standing.requests}
    return {
        "masked": preferences.masked(person.email),
        "standing": standing,
        "topics": standing.topics,
        "paused_until": standing.paused_until,
        "stopped": standing.stopped,
        "tracking_text": preferences.tracking_text(_language(person)),
        "export": asked.get(Kind.EXPORT),
        "erasure": asked.get(Kind.ERASURE),
        "said": request.GET.get("said", ""),
        "languages": settings.LANGUAGES,
        "language": _language(person),
    }


@csrf_exempt
@show_and_act
def privacy_request(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the mail about a request: GET shows it, POST confirms it and shows the receipt."""
    found, expired = _request(token)
    if request.method == "POST" and not expired:
        requests.confirm(request=found, at=timezone.now())
        return SeeOther(request.path)
    with translation.override(_language(found.person)):
        context = {
            "asked": found,
            "expired": expired and found.confirmed_at is None,
            "erasure": found.kind == Kind.ERASURE,
            "masked": preferences.masked(found.person.email),
            "ends_at": found.asked_at + tokens.CONFIRM_AGE,
        }
        return private(render(request, "leads/request.html", context))


def _request(token: str) -> tuple[PrivacyRequest, bool]:
    expired = False
    try:
        pk = tokens.read_request(token)
    except tokens.ExpiredToken as error:
        pk, expired = error.value, True
    except tokens.BadToken:
        raise Http404 from None
    return get_object_or_404(PrivacyRequest.objects.select_related("person"), pk=pk), expired


def _language(person: Person) -> str:
    known = person.language if person.language in dict(settings.LANGUAGES) else ""
    return known or translation.get_language() or "en"


def _mailed(token: str) -> dict[str, Any]:
    """The mail the link stood in, if its row is still kept, and the address it went to, which the link itself knows."""
    way = tokens.read_unsubscribe(token)
    message = Message.objects.filter(pk=way.message_id).first() if way.message_id else None
    return {"message": message, "email_hash": way.email_hash}


def _person(token: str) -> Person:
    """Whose page this is. A person merged into another is that other; the link still works."""
    try:
        person = get_object_or_404(Person, pk=tokens.read_unsubscribe(token).person_id)
    except tokens.BadToken:
        raise Http404 from None
    while person.merged_into is not None:
        person = person.merged_into
    return person
