"""A mail to one person: the page that writes it, how it will look, and the mail that it answers."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from campaigns.mail import shown
from campaigns.models import EmailTemplate
from leads.models import OwnMail
from leads.own_mail.writing import refusal
from leads.sending.headers import is_ours
from prospects.correspondence import acts, drafts, talks
from prospects.forms.mails import MailForm
from prospects.models import Prospect
from prospects.views.answers import for_reps, own_prospect


@for_reps
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/prospects/<id>/mails/: GET to write, POST to send. `answer`: the mail to answer; `template`: its words.

    A POST with `fill` sends nothing: it puts the words of `template` into the form.
    """
    prospect = own_prospect(request, pk)
    links = drafts.links_for(prospect, timezone.now())
    if request.method != "POST":
        return _page(request, prospect, links)
    if "fill" in request.POST:
        return _filled_in(request, prospect, links)
    form = MailForm(request.POST, links=links)
    if not form.is_valid():
        return _page(request, prospect, links, form)
    try:
        acts.write_mail(
            prospect=prospect, subject=form.cleaned_data["subject"], text=_words(form, request.user),
            answers=_answered(prospect, form.cleaned_data["answers"]), follow_up=form.next_step(),
            by=request.user, at=timezone.now(), submit_key=form.cleaned_data["submit_key"],
        )  # fmt: skip
    except Refused as no:
        form.add_error(None, no.message)
        return _page(request, prospect, links, form)
    messages.success(request, _("Your mail to %(name)s is on its way.") % {"name": prospect.person.name})
    return redirect("staff-person", pk=pk)


@for_reps
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail as they will see it, for the frame beside the form; what was typed so far comes by POST."""
    prospect = own_prospect(request, pk)
    if request.method == "POST":
        form = MailForm(request.POST, links=drafts.links_for(prospect, timezone.now()))
        form.is_valid()
        subject, text = form.cleaned_data.get("subject", ""), form.cleaned_data.get("text", "")
        if text and "pieces" in form.cleaned_data:
            text = _words(form, request.user)
    else:
        draft = _draft(request, prospect)
        subject, text = draft.subject, draft.text
    mail = drafts.as_seen(prospect, subject, text)
    return shown.in_a_frame(mail.html, dark=False)


def _filled_in(request: HttpRequest, prospect: Prospect, links: list[drafts.Link]) -> HttpResponse:
    """The form again with the words of a template; whatever was typed or chosen in it stays."""
    given, user = request.POST, request.user
    chosen, last = _template(given.get("template", "")), _template(given.get("filled", ""))
    words = drafts.Draft(given.get("subject", ""), given.get("text", "").replace("\r\n", "\n"))
    draft = drafts.filled(chosen, prospect, user) if chosen else words
    if chosen and not draft.problem:
        began = [drafts.blank(prospect, user), *([drafts.filled(last, prospect, user)] if last else [])]
        words = drafts.begun_again(draft, words, began)
    initial = given.dict() | {
        "pieces": given.getlist("pieces"), "subject": words.subject, "text": words.text,
        "submit_key": uuid4(),
    }  # fmt: skip
    return _page(request, prospect, links, MailForm(links=links, initial=initial), draft.problem)


def _words(form: MailForm, user: Any) -> str:
    return drafts.with_links(form.cleaned_data["text"], form.chosen(), name=user.get_full_name())


def _page(
    request: HttpRequest, prospect: Prospect, links: list[drafts.Link], form: MailForm | None = None,
    problem: str = "",
) -> HttpResponse:  # fmt: skip
    now, person = timezone.now(), prospect.person
    refused = form is not None and form.is_bound
    draft = drafts.Draft(problem=problem) if form else _draft(request, prospect)
    answered = (
        _answered(prospect, form.cleaned_data.get("answers"))
        if form and refused
        else _asked(request, prospect)
    )
    ahead = prospect.follow_ups.filter(done_at=None, due_at__gt=now).exists()
    initial = {"subject": draft.subject, "text": draft.text, "answers": answered.pk if answered else None}
    context = {
        "prospect": prospect,
        "person": person,
        "form": form or MailForm(links=links, initial=initial | ({} if ahead else {"next_in": "3"})),
        "problem": draft.problem,
        "no": refusal(person, now) if prospect.is_open else None,
        "templates": drafts.templates_for(prospect),
        "template": request.POST.get("template") or request.GET.get("template", ""),
        "answered": _shown(answered, prospect),
        "elsewhere": bool(request.user.email) and not is_ours(request.user.email),
    }
    return render(request, "prospects/mail.html", context, status=422 if refused else 200)


def _draft(request: HttpRequest, prospect: Prospect) -> drafts.Draft:
    """What the form begins with: the words of a template, an answer's subject, or a greeting."""
    template = _template(request.GET.get("template", ""))
    if template is not None:
        return drafts.filled(template, prospect, request.user)
    answered = _asked(request, prospect)
    if answered is not None:
        return drafts.answer_to(answered, prospect, request.user)
    return drafts.blank(prospect, request.user)


def _template(given: str) -> EmailTemplate | None:
    pk = _number(given)
    return None if pk is None else get_object_or_404(drafts.offered(), pk=pk)


def _asked(request: HttpRequest, prospect: Prospect) -> OwnMail | None:
    """The mail named in the address; `last` is the newest of theirs."""
    asked = request.GET.get("answer", "")
    if asked == "last":
        return acts.talk_with(prospect).filter(direction=OwnMail.Direction.IN).first()
    return _answered(prospect, _number(asked))


def _answered(prospect: Prospect, pk: int | None) -> OwnMail | None:
    return get_object_or_404(OwnMail, pk=pk, person=prospect.person_id) if pk else None


def _shown(answered: OwnMail | None, prospect: Prospect) -> talks.TalkMail | None:
    return talks.talks([answered], prospect.person)[0].newest if answered else None


def _number(given: str) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdecimal()) or len(given) > 18:
        raise Http404
    return int(given)
