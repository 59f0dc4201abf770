"""Pages that only the holder of a signed link sees: thanks, download, preferences, confirmation.

A link only shows; what changes something is a POST, because mail scanners follow links. The token is the key, so
none of these pages needs a cookie, a login or a CSRF token.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns import library as shelf
from campaigns.covers import cover_for
from campaigns.links import is_safe_target
from campaigns.models import Asset
from campaigns.pages import clean_html, file_facts
from leads import preferences, tokens
from leads.models import Hit, Person, Submission
from leads.nurture.outbox import queue_download
from leads.views.answers import SeeOther, private
from leads.views.counting import note
from leads.views.files import file_answer, starts_a_download

PAUSES = {"0": 0, "30": 30, "90": 90}
show_and_act = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt
@show_and_act
def thanks(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The page after a form, with the personal download; a POST sends the mail again."""
    submission, expired = _submission(tokens.read_thanks, token)
    if submission.page.slug != slug:
        raise Http404
    now = timezone.now()
    if request.method == "POST":
        queue_download(submission=submission, at=now, again=True)
        return SeeOther(f"{request.path}?again=1")
    if expired:
        return private(HttpResponseRedirect(reverse("landing", args=[slug])))
    with translation.override(submission.page.language):
        context = _thanks_context(submission, now) | {"resent": "again" in request.GET}
        return private(render(request, "campaigns/thanks.html", context))


def _thanks_context(submission: Submission, now: datetime) -> dict[str, Any]:
    page, asset = submission.page, submission.page.asset
    gives = gives_a_download(submission)
    return {
        "page": page,
        "asset": asset,
        "cover": cover_for(asset),
        "first_name": submission.answers.get("first_name", ""),
        "sent_to": submission.answers.get("email", ""),
        "gives": gives,
        "mailed": gives and asset.gated and bool(asset.file or asset.link),
        "download_url": reverse("download", args=[tokens.download_token(submission.pk)]) if gives else "",
        "file_facts": file_facts(asset) if asset else "",
        "valid_until": submission.at + tokens.DOWNLOAD_AGE,
        "confirm_first": page.double_opt_in and preferences.waits_for_confirmation(submission),
        "next": shelf.read_next(asset, at=now),
        "ask_page": shelf.ask_page(at=now),
    }


def gives_a_download(submission: Submission) -> bool:
    """Whether this form was about a piece of content; a newsletter and an inquiry are not."""
    asset = submission.page.asset
    return bool(asset and asset.kind.slug != shelf.NEWSLETTER)


@csrf_exempt
@show_and_act
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file of a submission's page. An expired link offers a new mail (POST), never the file."""
    submission, expired = _submission(tokens.read_download, token)
    asset = submission.page.asset
    if asset is None:
        raise Http404
    if request.method == "POST":
        queue_download(submission=submission, at=timezone.now(), again=True)
        return SeeOther(f"{request.path}?again=1")
    if expired or "again" in request.GET:
        return _expired(request, submission)
    answer = _given(request, asset)
    if starts_a_download(request, answer):
        page = submission.page
        note(
            request,
            kind=Hit.Kind.DOWNLOAD,
            person=submission.person,
            asset=asset,
            page=page,
            campaign=page.campaign,
        )
    return answer


def _given(request: HttpRequest, asset: Asset) -> HttpResponseBase:
    if asset.file:
        return private(file_answer(request, asset.file))
    if asset.link and is_safe_target(asset.link):
        return private(HttpResponseRedirect(asset.link))
    context = {"asset": asset, "cover": cover_for(asset), "body": clean_html(asset.body), "personal": True}
    return private(render(request, "campaigns/asset.html", context))


def _expired(request: HttpRequest, submission: Submission) -> HttpResponse:
    page = submission.page
    again = "again" in request.GET
    context = {"asset": page.asset, "page": page, "cover": cover_for(page.asset), "resent": again}
    with translation.override(page.language):
        return private(render(request, "campaigns/expired.html", context, status=200 if again else 410))


@csrf_exempt
@show_and_act
def mail_settings(request: HttpRequest, token: str) -> HttpResponse:
    """Preferences: GET shows, POST acts. A mail program's one-click POST (RFC 8058) gets 200 and no redirect."""
    person, now = _person(token), timezone.now()
    if request.method != "POST":
        return private(render(request, "leads/preferences.html", _settings_context(request, person, now)))
    act = request.POST.get("do", "")
    where = _evidence(request)
    if request.POST.get("List-Unsubscribe") == "One-Click" or act == "stop":
        preferences.stop_all(person=person, at=now, evidence=act or "one click", **where)
        if not act:
            return private(HttpResponse("Unsubscribed.", content_type="text/plain"))
    elif act == "undo":
        preferences.undo_stop(person=person, at=now, **where)
    elif act == "save":
        _save(request, person, now)
    said = {"undo": "undone", "save": "saved"}.get(act, "")
    return SeeOther(f"{request.path}?said={said}" if said else request.path)


def _save(request: HttpRequest, person: Person, now: datetime) -> None:
    language = request.POST.get("language", "")
    preferences.choose(
        person=person,
        topics=request.POST.getlist("topics"),
        pause_days=PAUSES.get(request.POST.get("pause", "")),
        language=language if language in dict(settings.LANGUAGES) else "",
        at=now,
    )


def _settings_context(request: HttpRequest, person: Person, now: datetime) -> dict[str, Any]:
    standing = preferences.standing(person, at=now)
    return {
        "masked": preferences.masked(person.email),
        "standing": standing,
        "topics": standing.topics,
        "paused_until": standing.paused_until,
        "stopped": standing.stopped,
        "said": request.GET.get("said", ""),
        "languages": settings.LANGUAGES,
        "language": person.language or translation.get_language(),
    }


@csrf_exempt
@show_and_act
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Double opt-in: GET asks, POST answers."""
    submission, expired = _submission(tokens.read_confirm, token)
    if submission.person is None:
        raise Http404
    if request.method == "POST" and not expired:
        verb = preferences.refuse if request.POST.get("do") == "refuse" else preferences.confirm
        where = _evidence(request)
        verb(submission=submission, at=timezone.now(), **where)
        return SeeOther(request.path)
    with translation.override(submission.page.language):
        return private(render(request, "leads/confirm.html", _confirm_context(submission, expired)))


def _confirm_context(submission: Submission, expired: bool) -> dict[str, Any]:
    text = preferences.consent_asked(submission)
    answer = preferences.answer_of(submission)
    person_token = tokens.unsubscribe_token(submission.person_id or 0)
    return {
        "state": answer or ("expired" if expired else ""),
        "page": submission.page,
        "address": submission.answers.get("email", ""),
        "what": text.text if text else "",
        "asked_at": submission.at,
        "ends_at": submission.at + tokens.CONFIRM_AGE,
        "preferences_url": reverse("preferences", args=[person_token]) if answer == "confirmed" else "",
    }


def _evidence(request: HttpRequest) -> dict[str, Any]:
    """Where a decision was taken, for the consent's evidence."""
    return {"source_url": request.build_absolute_uri(), "ip": request.META.get("REMOTE_ADDR") or None}


def _submission(read: Any, token: str) -> tuple[Submission, bool]:
    """The submission a token names, and whether the token is too old."""
    expired = False
    try:
        pk = read(token)
    except tokens.ExpiredToken as error:
        pk, expired = error.value, True
    except tokens.BadToken:
        raise Http404 from None
    related = ("person", "page__campaign", "page__asset__kind", "page__asset__topic", "page__consent_text")
    return get_object_or_404(Submission.objects.select_related(*related), pk=pk), expired


def _person(token: str) -> Person:
    """Whose page this is. A person merged into another is that other; the link still works."""
    try:
        person = get_object_or_404(Person, pk=tokens.read_unsubscribe(token))
    except tokens.BadToken:
        raise Http404 from None
    while person.merged_into is not None:
        person = person.merged_into
    return person
