"""The page as it is typed now: shown beside its form, and looked through for search engines. Nothing is saved.

The preview goes into a frame that may run nothing, send nothing and read nothing of the admin.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Model, QuerySet
from django.forms.widgets import Script
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST

from campaigns import pages, search, search_check
from campaigns.models import LandingPage
from campaigns.organisation import facts

NOT_SAVED = 0  # a page that has no key yet still has lines of its own here


class WithPreview:
    """Addresses below an admin page of landing pages: ``<id or "add">/preview/`` and ``…/check/``, both by POST.

    ``form_of(page)`` gives the form as a visitor sees it; the app that owns forms says how (`leads/admin/pages.py`).
    """

    change_form_outer_after_template = "campaigns/admin/preview_panel.html"

    class Media:
        js = (Script("js/preview.js", defer=True),)

    def form_of(self, page: LandingPage) -> Any:
        return None

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view  # type: ignore[attr-defined]
        own = [
            path("<path:object_id>/preview/", wrap(require_POST(self.preview_view)), name="page_preview"),
            path("<path:object_id>/check/", wrap(require_POST(self.check_view)), name="page_check"),
        ]
        return own + super().get_urls()

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        page = typed_page(self, request, object_id)
        return in_a_frame(self._html(request, page))

    def check_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        page = typed_page(self, request, object_id)
        found = search_check.examine(
            self._html(request, page),
            slug=page.slug,
            url=search.absolute("landing", page.slug or "-"),
            brand=facts()["brand"],
            picture=_size(page),
        )
        context = {"findings": found, "counts": search_check.summary(found)}
        return render(request, "campaigns/admin/check.html", context)

    def _html(self, request: HttpRequest, page: LandingPage) -> str:
        page.slug = page.slug or "-"
        return page_html(request, page, pages.page_context(page) | {"form": self.form_of(page)})


def page_html(request: HttpRequest, page: LandingPage, context: dict[str, Any]) -> str:
    """The page in its own language, with nothing on it that can be used."""
    with translation.override(page.language):
        return render_to_string("campaigns/landing.html", context | {"preview": True}, request)


def in_a_frame(html: str) -> HttpResponse:
    """An answer that only our own pages may frame, and that may do nothing there."""
    response = HttpResponse(html)
    response._csp_replace = {"frame-ancestors": ["'self'"]}  # type: ignore[attr-defined]
    response._csp_update = {"sandbox": [True]}  # type: ignore[attr-defined]
    response["X-Frame-Options"] = "SAMEORIGIN"
    patch_cache_control(response, no_store=True, private=True)
    return response


def typed_page(admin: Any, request: HttpRequest, object_id: str) -> LandingPage:
    """The page with what the posted form says, as far as that can be read. Raises Http404, PermissionDenied."""
    saved = None if object_id == "add" else admin.get_object(request, object_id)
    if saved is None and object_id != "add":
        raise Http404
    may = admin.has_add_permission(request) if saved is None else admin.has_change_permission(request, saved)
    if not may:
        raise PermissionDenied
    form = admin.get_form(request, saved, change=saved is not None)(
        request.POST, instance=saved or LandingPage()
    )
    form.is_valid()  # an unfinished form is read as far as it goes
    page: LandingPage = form.instance
    lines = {
        formset.get_default_prefix(): _lines(formset, request, page)
        for formset, _inline in admin.get_formsets_with_inlines(request, saved)
    }
    page.pk = page.pk or NOT_SAVED
    page._prefetched_objects_cache = {  # type: ignore[attr-defined]
        name: _as_loaded(found, getattr(LandingPage, name).rel.related_model) for name, found in lines.items()
    }
    return page


def _lines(formset_class: Any, request: HttpRequest, page: LandingPage) -> list[Model]:
    """The lines of one table of the form, in the order they are shown."""
    formset = formset_class(data=request.POST, instance=page, prefix=formset_class.get_default_prefix())
    try:
        formset.is_valid()
        kept = [
            form.instance
            for form in formset.forms
            if not formset._should_delete_form(form) and (form.instance.pk or form.has_changed())
        ]
    except AttributeError:  # the form's own count of lines is missing: there is nothing to read
        return []
    return sorted(kept, key=lambda line: line.order)


def _as_loaded(lines: list[Model], model: type[models.Model]) -> QuerySet[Any]:
    """Lines as a query would have loaded them."""
    found = model._default_manager.none()
    found._result_cache = lines
    found._prefetch_done = True  # type: ignore[attr-defined]
    return found


def _size(page: LandingPage) -> tuple[int, int] | None:
    """How large a marketer's own picture is; None where there is none to open."""
    try:
        return (page.social_image.width, page.social_image.height) if page.social_image else None
    except OSError:
        return None
