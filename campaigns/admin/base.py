"""What every admin page of the project shares: looks, rights of its parts, and buttons that call verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from campaigns import lifecycle
from campaigns.errors import Conflict, Refused


class StaffAdmin(ModelAdmin):
    """A page of the admin. Nobody deletes: rows that reports count are archived."""

    compressed_fields = True
    warn_unsaved_form = True
    list_fullwidth = True
    list_per_page = 50
    list_filter_submit = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def object_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """The object behind a button of its page."""
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return found

    def page_of(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go to the page of `obj`; a dialog, which is fetched by htmx, is told to."""
        meta = obj._meta
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[obj.pk])
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)


class HistoryAdmin(SimpleHistoryAdmin, StaffAdmin):
    """A page whose object keeps its earlier versions. They are shown; a state is never set back by them."""

    def buttons_for(self, obj: Any) -> set[str]:
        """The buttons that make sense for `obj` as it is now."""
        return set(self.actions_detail)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        obj = self.get_object(request, object_id)
        fit = self.buttons_for(obj) if obj is not None else set()
        found = super().get_actions_detail(request, object_id)
        return [one for one in found if one.method.original_function_name in fit]

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class ArchiveAdmin(StaffAdmin):
    """A page of something that is archived: two actions on the list, and a filter."""

    actions = ("archive", "bring_back")

    def archive(self, request: HttpRequest, chosen: Any) -> None:
        count = chosen.filter(archived_at=None).update(archived_at=timezone.now())
        messages.success(request, _("Archived: %(count)d. Old reports keep the names.") % {"count": count})

    archive.short_description = _("Archive")  # type: ignore[attr-defined]
    archive.allowed_permissions = ("change",)  # type: ignore[attr-defined]

    def bring_back(self, request: HttpRequest, chosen: Any) -> None:
        count = chosen.exclude(archived_at=None).update(archived_at=None)
        messages.success(request, _("Back in use: %(count)d.") % {"count": count})

    bring_back.short_description = _("Bring back from the archive")  # type: ignore[attr-defined]
    bring_back.allowed_permissions = ("change",)  # type: ignore[attr-defined]


class ReadOnlyAdmin(StaffAdmin):
    """A page of rows that only verbs write. ``seen_with`` names the permission that opens it."""

    seen_with = ""
    actions: Any = None
    list_filter_submit = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(self.seen_with)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.seen_with)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PartRights:
    """A part belongs to its page: who may change the page may add, change and take out its parts."""

    extra = 0

    def _may(self, request: HttpRequest, verb: str) -> bool:
        meta = self.parent_model._meta  # type: ignore[attr-defined]
        return request.user.has_perm(f"{meta.app_label}.{verb}_{meta.model_name}")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view") or self._may(request, "change")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change") and self.open_for_change(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change") and self.open_for_change(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change") and self.open_for_change(obj)

    def open_for_change(self, parent: Any) -> bool:
        """False where the page is frozen and so are its parts."""
        return True


class PartTable(PartRights, TabularInline):
    """Parts as rows of a table."""


class PartStack(PartRights, StackedInline):
    """Parts as small forms, one under the other."""


def asks_first(title: Promise | str, description: Promise | str, *, button: Promise | str) -> dict[str, Any]:
    """The dialog of a button: what will happen, and the word that makes it happen. It has no fields."""
    return {"title": title, "description": description, "form_class": None, "form_submit_text": button}


def ask(request: HttpRequest, verb: Callable[[], Any], *, done: str | Promise = "") -> Any:
    """Call a verb and tell the user what came of it. Returns its answer, or None where it said no."""
    try:
        answer = verb()
    except Refused as refusal:
        missing = [str(part) for part in refusal.missing]
        messages.error(request, " ".join([str(refusal.message), *(f"· {part}" for part in missing)]))
        return None
    except Conflict as conflict:
        messages.warning(request, _("Somebody was faster. It is now: %(now)s") % {"now": conflict.now})
        return None
    if done:
        messages.success(request, str(done))
    return True if answer is None else answer


def chosen_ids(request: HttpRequest) -> list[str]:
    """The rows ticked on a list."""
    return request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)


class OpenForDemand(forms.ModelForm):
    """The form of a campaign or a piece: what a campaign for demand gives out stays open."""

    def _post_clean(self) -> None:
        super()._post_clean()
        name = str(self._meta.model._meta.model_name)
        if why := lifecycle.gates_demand(**{name: self.instance}):
            self.add_error("gated" if name == "asset" else "objective", why)
