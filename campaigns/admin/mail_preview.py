"""The mail as it is typed now, shown beside its form and looked through. Nothing is saved, nobody real is shown."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms.widgets import Script
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from liquid.exceptions import LiquidError

from campaigns import offers
from campaigns.mail import compose, merge, shown
from campaigns.mail.checks import check
from campaigns.mail.mjml import Broken
from campaigns.models import CustomField, EmailTemplate
from campaigns.organisation import facts

_NOWHERE = "/u/preview/"


class WithMailPreview:
    """Addresses below an admin page of e-mail templates: ``<id or "add">/preview/`` and ``…/check/``, both by POST."""

    change_form_outer_after_template = "campaigns/admin/mail_panel.html"

    class Media:
        js = (Script("js/preview.js", defer=True), Script("js/mail_editor.js", defer=True))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view  # type: ignore[attr-defined]
        own = [
            path("<path:object_id>/preview/", wrap(require_POST(self.preview_view)), name="mail_preview"),
            path("<path:object_id>/check/", wrap(require_POST(self.check_view)), name="mail_check"),
        ]
        return own + super().get_urls()

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        mail = _typed(self, request, object_id)
        try:
            html = made(mail).html
        except (LiquidError, Broken) as error:
            return shown.in_a_frame(_cannot(merge.said(error)), dark=False)
        return shown.in_a_frame(html, dark=request.POST.get("preview_theme") == "dark")

    def check_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        mail = _typed(self, request, object_id)
        context: dict[str, Any] = {"problems": check(mail), "mail": mail}
        try:
            context["made"] = made(mail)
            context["preheader"] = merge.render_line(mail.preheader, _fields(mail))
        except (LiquidError, Broken):
            context["made"] = None
        return render(request, "campaigns/admin/mail_check.html", context)


def made(mail: EmailTemplate) -> compose.Rendered:
    """A template for an invented person. Raises LiquidError, mjml.Broken."""
    house = facts()
    address = compose.absolute(_NOWHERE)
    return compose.render(
        subject=mail.subject,
        preheader=mail.preheader,
        body=mail.body,
        format=mail.format,
        language=mail.language,
        merge=_fields(mail),
        footer={
            "reason": _("You get this mail because you agreed to hear from us."),
            "postal_address": house["postal_address"],
            "unsubscribe_url": address,
            "preferences_url": address,
        },
    )


def _fields(mail: EmailTemplate) -> dict[str, Any]:
    custom = CustomField.objects.filter(entity=CustomField.Entity.PERSON)
    answers = {f"{merge.CUSTOM}{field.key}": field.label for field in custom}
    return merge.example(
        person={**merge.PERSON, **answers},
        offer=offers.words(mail.offer, mail.language) if mail.offer else {},
    )


def _typed(admin: Any, request: HttpRequest, object_id: str) -> EmailTemplate:
    """The template with what the posted form says, as far as it can be read. Raises Http404, PermissionDenied."""
    saved = None if object_id == "add" else admin.get_object(request, object_id)
    if saved is None and object_id != "add":
        raise Http404
    may = admin.has_add_permission(request) if saved is None else admin.has_change_permission(request, saved)
    if not may:
        raise PermissionDenied
    form = admin.get_form(request, saved, change=saved is not None)(
        request.POST, instance=saved or EmailTemplate()
    )
    form.is_valid()  # an unfinished form is read as far as it goes
    typed: EmailTemplate = form.instance
    for name in ("subject", "preheader", "body"):
        setattr(typed, name, request.POST.get(name, ""))
    return typed


def _cannot(words: str) -> str:
    style = "font:15px/22px system-ui,sans-serif;padding:24px;color:#50505f"
    return format_html('<p style="{}">{}</p>', style, _("It cannot be shown yet: %s") % words)
