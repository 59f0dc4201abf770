"""/staff/mails/<template>/…: a template as one given person would get it, and a test of it to oneself.

The mail stands in a frame that runs nothing and belongs to no one; what is shown of a real person is shown to those
who may see leads.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from liquid.exceptions import LiquidError

from campaigns.mail import merge, shown
from campaigns.mail.mjml import Broken
from campaigns.models import EmailTemplate
from leads.models import Person, StaffMail
from leads.sending import preview, staff_mail

MAY = ("campaigns.change_emailtemplate", "leads.view_lead")
MOST = 12


@require_GET
@login_required
@permission_required(MAY, raise_exception=True)
def mail_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Who, the two lines of the inbox, the mail, and its text part."""
    template = get_object_or_404(EmailTemplate, pk=pk)
    person = _person(request)
    context: dict[str, Any] = {
        "template": template,
        "person": person,
        "asked": request.GET.get("q", "").strip(),
        "found": _found(request.GET.get("q", "")),
        "dark": request.GET.get("theme") == "dark",
        "wide": request.GET.get("width") == "desktop",
        "as_text": request.GET.get("part") == "text",
        "submit_key": uuid.uuid4(),
    }
    try:
        mail = preview.draft(template, person, sequence=None, next_piece=True)
        preheader = merge.render_line(template.preheader, preview.fields(template, person, sequence=None))
    except (LiquidError, Broken) as error:
        return render(request, "leads/mail/preview.html", context | {"problem": merge.said(error)})
    return render(request, "leads/mail/preview.html", context | {"mail": mail, "preheader": preheader})


@require_GET
@login_required
@permission_required(MAY, raise_exception=True)
def mail_frame(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part alone, for the frame."""
    template = get_object_or_404(EmailTemplate, pk=pk)
    try:
        mail = preview.draft(template, _person(request), sequence=None, next_piece=True)
    except (LiquidError, Broken) as error:
        raise Http404 from error
    return shown.in_a_frame(mail.html, dark=request.GET.get("theme") == "dark")


@require_POST
@login_required
@permission_required(MAY, raise_exception=True)
def mail_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it to whoever is signed in. The form's own key makes a second press the same as one."""
    template = get_object_or_404(EmailTemplate, pk=pk)
    person = _person(request)
    back = f"{reverse('staff-mail-preview', args=[pk])}{f'?person={person.pk}' if person else ''}"
    if not request.user.email:
        messages.error(request, _("Your user has no e-mail address."))
        return redirect(back)
    try:
        key = uuid.UUID(request.POST.get("submit_key", ""))
    except ValueError:
        messages.error(request, _("This form is too old. Please send it once more."))
        return redirect(back)
    try:
        mail = preview.draft(template, person, sequence=None, next_piece=True)
    except (LiquidError, Broken) as error:
        messages.error(request, _("It cannot be sent yet: %s") % merge.said(error))
        return redirect(back)
    staff_mail.queue(
        user=request.user,
        kind=StaffMail.Kind.TEST,
        key=f"test:{key}",
        subject=_("[Test] %s") % mail.subject,
        html=mail.html,
        text=mail.text,
        at=timezone.now(),
    )
    messages.success(request, _("The test goes to %s.") % request.user.email)
    return redirect(back)


def _person(request: HttpRequest) -> Person | None:
    """Who was asked for; nobody for an invented person."""
    asked = (request.POST or request.GET).get("person", "")
    if not asked:
        return None
    if not asked.isdecimal() or len(asked) > 18:
        raise Http404
    return get_object_or_404(Person, pk=int(asked), erased_at=None, merged_into=None, lead__isnull=False)


def _found(words: str) -> list[Person]:
    """Leads whose name, company or address begins like this."""
    people = Person.objects.filter(erased_at=None, merged_into=None, lead__isnull=False)
    for word in words.split()[:4]:
        people = people.filter(
            Q(last_name__istartswith=word)
            | Q(first_name__istartswith=word)
            | Q(email_key__startswith=word.lower())
            | Q(company_name__istartswith=word)
        )
    return list(people.order_by("last_name", "first_name")[:MOST]) if words.strip() else []
