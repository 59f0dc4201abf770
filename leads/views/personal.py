"""Pages that only the holder of a signed link sees: thanks, download, confirmation.

A link only shows; what changes something is a POST, because mail scanners follow links. The token is the key, so
none of these pages needs a cookie, a login or a CSRF token.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q
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
from leads.downloads import piece_of
from leads.models import Hit, Submission, Touch
from leads.sending.letters import language_of
from leads.sending.outbox import queue_download
from leads.views.answers import SeeOther, private
from leads.views.counting import note
from leads.views.files import file_answer, let_go_of_the_database, starts_a_download
from leads.views.known import named_by_link

show_and_act = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt
@show_and_act
def thanks(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The page after a form, with the personal download; a POST sends the mail again."""
    submission, expired = _submission(tokens.read_thanks, token)
    if submission.page.slug != slug or _is_erased(submission):
        raise Http404
    now = timezone.now()
    if request.method == "POST":
        queue_download(submission=submission, at=now, again=True)
        return SeeOther(f"{request.path}?again=1")
    if expired:
        return private(HttpResponseRedirect(reverse("landing", args=[slug])))
    with translation.override(submission.page.language):
        context = _thanks_context(submission, now, _had(submission, named_by_link(request)))
        context |= {"resent": "again" in request.GET}
        if not tokens.is_as_sent(token):
            context["first_name"] = ""
        return private(render(request, "campaigns/thanks.html", context))


def _thanks_context(submission: Submission, now: datetime, had: set[int]) -> dict[str, Any]:
    page, asset = submission.page, piece_of(submission)
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
        "next": shelf.read_next(asset, at=now, had=had, language=page.language),
        "ask_page": shelf.ask_page(at=now),
    }


def _had(submission: Submission, named: int | None) -> set[int]:
    """The pieces had before: by the person, on their own link; else on this browser, if it may be remembered.

    Anybody may type somebody's address, and must not learn what that person has read (RELIABILITY C5).
    """
    if named and named == submission.person_id:
        touches = Touch.objects.filter(person=named)
    elif submission.visitor_id:
        touches = Touch.objects.filter(
            Q(submission__visitor=submission.visitor_id) | Q(hit__visitor=submission.visitor_id)
        )
    else:
        return set()
    return set(touches.exclude(asset=None).values_list("asset_id", flat=True))


def _is_erased(submission: Submission) -> bool:
    return submission.person is not None and submission.person.erased_at is not None


def gives_a_download(submission: Submission) -> bool:
    """Whether this form was about a piece of content; a newsletter and an inquiry are not."""
    asset = piece_of(submission)
    return bool(asset and asset.kind.slug != shelf.NEWSLETTER)


@csrf_exempt
@show_and_act
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file of a submission's page. An expired link offers a new mail (POST), never the file."""
    submission, expired = _submission(tokens.read_download, token)
    asset = piece_of(submission)
    if asset is None or _is_erased(submission):
        raise Http404
    if request.method == "POST":
        queue_download(submission=submission, at=timezone.now(), again=True)
        return SeeOther(f"{request.path}?again=1")
    if expired or "again" in request.GET:
        return _expired(request, submission, asset)
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
        let_go_of_the_database()
    return answer


def _given(request: HttpRequest, asset: Asset) -> HttpResponseBase:
    if asset.file:
        return private(file_answer(request, asset.file, called=asset.slug))
    if asset.link and is_safe_target(asset.link):
        return private(HttpResponseRedirect(asset.link))
    context = {"asset": asset, "cover": cover_for(asset), "body": clean_html(asset.body), "personal": True}
    with translation.override(asset.language):
        return private(render(request, "campaigns/asset.html", context))


def _expired(request: HttpRequest, submission: Submission, asset: Asset) -> HttpResponse:
    page = submission.page
    again = "again" in request.GET
    context = {"asset": asset, "page": page, "cover": cover_for(asset), "resent": again}
    with translation.override(page.language):
        return private(render(request, "campaigns/expired.html", context, status=200 if again else 410))


@csrf_exempt
@show_and_act
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Double opt-in: GET asks, POST answers."""
    submission, expired = _submission(tokens.read_confirm, token)
    if submission.person is None or _is_erased(submission):
        raise Http404
    if request.method == "POST" and not expired:
        verb = preferences.refuse if request.POST.get("do") == "refuse" else preferences.confirm
        where = evidence(request)
        verb(submission=submission, at=timezone.now(), **where)
        return SeeOther(request.path)
    with translation.override(language_of(submission)):
        return private(render(request, "leads/confirm.html", _confirm_context(submission, expired)))


def _confirm_context(submission: Submission, expired: bool) -> dict[str, Any]:
    text = preferences.consent_asked(submission)
    answer = preferences.answer_of(submission)
    person_token = tokens.unsubscribe_token(submission.person_id or 0)
    return {
        "state": answer or ("expired" if expired else ""),
        "page": submission.page,
        "address": submission.answers.get("email") or submission.email_key,
        "what": text.text if text else "",
        "asked_at": submission.at,
        "ends_at": submission.at + tokens.CONFIRM_AGE,
        "preferences_url": reverse("preferences", args=[person_token]) if answer == "confirmed" else "",
    }


def evidence(request: HttpRequest) -> dict[str, Any]:
    """Where a decision was taken. The token is left out: who reads the evidence must not get the key of the page."""
    token = request.resolver_match.kwargs.get("token", "") if request.resolver_match else ""
    where = request.build_absolute_uri(request.path)
    return {
        "source_url": where.replace(token, "…") if token else where,
        "ip": request.META.get("REMOTE_ADDR") or None,
    }


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
