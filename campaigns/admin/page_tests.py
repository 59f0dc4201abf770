"""Tests of two wordings: written, started, and ended by keeping one. The figures come from above (`crm/admin.py`)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from campaigns import pages, wording
from campaigns.admin.base import HistoryAdmin, ask, asks_first
from campaigns.admin.preview import in_a_frame, page_html
from campaigns.models import LandingPage, PageTest

State = PageTest.State


@admin.register(PageTest)
class PageTestAdmin(HistoryAdmin):
    list_display: tuple[str, ...] = (
        "__str__",
        "state_label",
        "visitors_each",
        "started_at",
        "ended_at",
        "kept",
    )
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("page__title", "title", "button")
    autocomplete_fields = ("page",)
    list_select_related = ("page",)
    readonly_fields = ("standing", "figures", "side_by_side")
    actions_detail = ("start", "keep_a", "keep_b")
    fieldsets = (
        (
            _("What is tested"),
            {
                "fields": ("page", "visitors_each", "standing"),
                "description": _(
                    "A is the page as it is. Half of the visitors see B, all day the same, without a cookie. The "
                    "number of visitors is fixed when the test starts: who looks every day and stops at a good "
                    "moment finds winners that are none."
                ),
            },
        ),
        (
            _("The words of B"),
            {
                "fields": ("title", "lead_text", ("form_title", "button")),
                "description": _(
                    "Empty: as on the page. Change one thing at a time, and you know what it was."
                ),
            },
        ),
        (_("What came of it"), {"fields": ("figures",)}),
        (_("As visitors see them"), {"fields": ("side_by_side",)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: PageTest | None = None) -> tuple[str, ...]:
        """What visitors see or count by stays as it was when the test began."""
        if obj is None or obj.state == State.DRAFT:
            return self.readonly_fields
        return (*self.readonly_fields, "page", "visitors_each", *wording.WORDS)

    def get_fieldsets(self, request: HttpRequest, obj: PageTest | None = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:2]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.wording_view)
        return [path("<path:object_id>/wording/<str:which>/", view, name="page_wording"), *super().get_urls()]

    def wording_view(self, request: HttpRequest, object_id: str, which: str) -> HttpResponse:
        """One wording as it would be shown, for a frame of this page."""
        test = self.object_or_404(request, object_id)
        if not self.has_view_permission(request, test):
            raise PermissionDenied
        page = LandingPage.objects.for_render().filter(pk=test.page_id).first()
        if page is None or which not in PageTest.Kept.values:
            raise Http404
        shown = wording.worded(page, which, test)
        form = admin.site._registry[LandingPage].form_of(shown)  # type: ignore[attr-defined]
        return in_a_frame(page_html(request, shown, pages.page_context(shown) | {"form": form}))

    def buttons_for(self, test: PageTest) -> set[str]:
        return {State.DRAFT: {"start"}, State.RUNNING: {"keep_a", "keep_b"}}.get(State(test.state), set())

    @display(
        description=_("state"),
        ordering="state",
        label={State.DRAFT: "info", State.RUNNING: "warning", State.DONE: "success"},
    )
    def state_label(self, test: PageTest) -> tuple[str, Any]:
        return test.state, test.get_state_display()

    @display(description=_("state"))
    def standing(self, test: PageTest) -> str:
        if not test.pk or test.state == State.DRAFT:
            missing = wording.missing_for_start(test.page, test) if test.page_id else []
            return "; ".join(missing) or str(_("draft: nothing is missing, it can start"))
        return str(test.get_state_display())

    @display(description=_("figures"))
    def figures(self, test: PageTest) -> SafeString | str:
        """Overridden by the floor that counts."""
        return "–"

    @display(description=_("A and B"))
    def side_by_side(self, test: PageTest) -> SafeString:
        frames = [(kept.value, kept.label) for kept in PageTest.Kept]
        return SafeString(render_to_string("campaigns/admin/side_by_side.html", {"frames": frames}))

    def _press(
        self, request: HttpRequest, object_id: str, verb: Any, done: Any, **about: Any
    ) -> HttpResponse:
        test = self.object_or_404(request, object_id)
        ask(request, lambda: verb(test=test, by=request.user, at=timezone.now(), **about), done=done)
        return self.page_of(request, test)

    @action(
        description=_("Start"),
        url_path="start",
        permissions=["change"],
        variant=ActionVariant.PRIMARY,
        dialog=asks_first(
            _("Show B to half of the visitors?"),
            _("The words and the number of visitors stay as they are from now on."),
            button=_("Start"),
        ),
    )
    def start(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        return self._press(request, object_id, wording.start, _("The test runs."))

    @action(
        description=_("Keep A"),
        url_path="keep-a",
        permissions=["change"],
        dialog=asks_first(
            _("End the test and keep the page as it was?"),
            _(
                "Everybody sees A from now on. Before both had their visitors, this ends the test without a result."
            ),
            button=_("Keep A"),
        ),
    )
    def keep_a(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        return self._press(
            request, object_id, wording.keep, _("The page stays as it was."), wording=wording.A
        )

    @action(
        description=_("Keep B"),
        url_path="keep-b",
        permissions=["change"],
        dialog=asks_first(
            _("End the test and make B’s words the page’s own?"),
            _("Everybody sees B from now on; the history of the page keeps the words of A."),
            button=_("Keep B"),
        ),
    )
    def keep_b(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        return self._press(
            request, object_id, wording.keep, _("B’s words are the page’s now."), wording=wording.B
        )
