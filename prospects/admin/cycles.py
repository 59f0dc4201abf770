"""Prospects in the admin: to read, and to move through the same verb as everywhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from campaigns.admin.base import ReadOnlyAdmin
from prospects import many, pipeline
from prospects.forms.listing import open_stages
from prospects.models import Prospect, Stage
from prospects.stages import TO_CONTACT

Action = Callable[[Any, HttpRequest, QuerySet[Prospect]], None]


@admin.register(Prospect)
class ProspectAdmin(ReadOnlyAdmin):
    seen_with = "prospects.manage_prospects"
    list_display = ("who", "stage", "owner", "verdict", "opened_at", "closed_at")
    list_filter = ("stage", "origin", "verdict")
    list_select_related = ("person", "stage", "owner")
    search_fields = ("person__last_name", "person__company__name")
    fields = (
        "who",
        "stage",
        "stage_since",
        "owner",
        "assigned_why",
        "origin",
        "round",
        "verdict",
        "accepted_at",
        "sales_qualified_at",
        "answer_by",
        "first_acted_at",
        "opened_at",
        "closed_at",
        "reason",
        "return_on",
    )
    ordering = ("-stage_since", "-pk")
    show_full_result_count = False

    @display(description=gettext_lazy("person"))
    def who(self, prospect: Prospect) -> str:
        return prospect.person.name

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """A move to each open stage; what a stage asks for is asked here as well."""
        if not self.has_view_permission(request):
            return {}
        stages = open_stages().exclude(slug=TO_CONTACT)
        return {
            f"to_{stage.slug}": (
                _move_to(stage),
                f"to_{stage.slug}",
                _("Move to %(stage)s") % {"stage": stage.name},
            )
            for stage in stages
        }


def _move_to(stage: Stage) -> Action:
    def move(page: Any, request: HttpRequest, chosen: QuerySet[Prospect]) -> None:
        if not page.has_view_permission(request):
            raise PermissionDenied
        at, by = timezone.now(), request.user
        told = many.each(
            dict.fromkeys(chosen.values_list("pk", flat=True), ""),
            among=Prospect.objects.visible_to(by),
            verb=lambda prospect: pipeline.move(prospect=prospect, to=stage, by=by, at=at),
        )
        for one in told:
            name = one.prospect.person.name if one.prospect else "–"
            level = messages.SUCCESS if one.what == "done" else messages.ERROR
            messages.add_message(request, level, f"{name}: {one.said}")

    return move
