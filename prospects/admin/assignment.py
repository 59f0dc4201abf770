"""Who gets what and who works when, for a manager: rules with their members, teams, working time, days off."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from campaigns.admin.base import ArchiveAdmin, HistoryAdmin, PartTable, StaffAdmin
from prospects.clocks.days_off import delete_time_off, save_time_off
from prospects.models import Absence, AssignmentMember, AssignmentRule, Holiday, Rep, Team


def reps() -> QuerySet[Any]:
    return get_user_model().objects.with_perm("prospects.work_prospects").filter(is_active=True)


class OfARep:
    """A form on which a user is chosen among those who work prospects."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("user", "head"):
            kwargs["queryset"] = reps()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class MemberTable(OfARep, PartTable):
    model = AssignmentMember
    fields = ("user", "weight", "given")
    readonly_fields = ("given",)
    verbose_name_plural = _("Who takes turns")


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(ArchiveAdmin, HistoryAdmin):
    list_display = ("name", "field", "words", "team", "archived_at")
    search_fields = ("name", "words")
    ordering_field = "order"
    hide_ordering_field = True
    inlines = (MemberTable,)
    fieldsets = (
        (
            None,
            {
                "fields": ("name", ("field", "words"), "order"),
                "description": _(
                    "The first rule that fits decides; drag them into order on the list. Within a rule whoever is "
                    "owed most, by weight, is next; who is away, full or gone is passed over. No rule fits: the "
                    "prospect waits unassigned. A rule for the owner of the account needs no members."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("members__user")

    @display(description=_("who"))
    def team(self, rule: AssignmentRule) -> str:
        return ", ".join(str(member.user) for member in rule.members.all()) or "–"


@admin.register(Team)
class TeamAdmin(OfARep, ArchiveAdmin):
    list_display = ("name", "head", "who", "archived_at")
    search_fields = ("name",)
    list_select_related = ("head",)
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "head"),
                "description": _(
                    "The head hears when a clock of the team runs out; without a head, every manager does."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("reps__user")

    @display(description=_("who"))
    def who(self, team: Team) -> str:
        return ", ".join(str(rep) for rep in team.reps.all()) or "–"


class MovesClocks:
    """Saved and deleted by the verbs that let running clocks go on by the changed working time."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        self._say(request, save_time_off(row=obj, by=request.user, at=timezone.now()))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._say(request, delete_time_off(row=obj, by=request.user, at=timezone.now()))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def _say(self, request: HttpRequest, moved: int) -> None:
        if moved:
            said = ngettext("%(n)d running clock has moved.", "%(n)d running clocks have moved.", moved)
            messages.info(request, said % {"n": moved})


class RepForm(forms.ModelForm):
    """Working days as a set of numbers, and hours the right way round."""

    def clean_working_days(self) -> str:
        days = self.cleaned_data["working_days"]
        if not days or set(days) - set("1234567"):
            raise forms.ValidationError(_("Write the days as numbers: 12345 is Monday to Friday."))
        return "".join(sorted(set(days)))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("opens") and data.get("closes") and data["opens"] >= data["closes"]:
            self.add_error("closes", _("The day ends after it begins."))
        return data


@admin.register(Rep)
class RepAdmin(MovesClocks, OfARep, StaffAdmin):
    form = RepForm
    list_display = ("user", "team", "working_days", "opens", "closes", "capacity")
    list_select_related = ("user", "team")
    list_filter = ("team",)
    search_fields = ("user__username", "user__first_name", "user__last_name")
    fieldsets = (
        (
            None,
            {
                "fields": (("user", "team"), "working_days", ("opens", "closes"), "capacity"),
                "description": _(
                    "Without an entry here a rep works Monday to Friday, nine to five, with no limit."
                ),
            },
        ),
    )


class AbsenceForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("first_on") and data.get("last_on") and data["first_on"] > data["last_on"]:
            self.add_error("last_on", _("The last day comes after the first."))
        return data


@admin.register(Absence)
class AbsenceAdmin(MovesClocks, OfARep, StaffAdmin):
    form = AbsenceForm
    list_display = ("user", "first_on", "last_on")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__first_name", "user__last_name")
    fieldsets = (
        (
            None,
            {
                "fields": ("user", ("first_on", "last_on")),
                "description": _(
                    "Both days included. Meanwhile they get no new prospect, and no clock runs for them. "
                    "Back earlier: change the last day."
                ),
            },
        ),
    )


@admin.register(Holiday)
class HolidayAdmin(MovesClocks, StaffAdmin):
    list_display = ("on", "name")
    search_fields = ("name",)
