"""People, leads, submissions and consents: rows that verbs write, so here they are only read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from campaigns.admin.base import ReadOnlyAdmin
from leads.admin.start_sequence import StartsSequences
from leads.models import Company, ConsentEvent, Lead, Person, Submission

SEES_LEADS = "leads.view_lead"


@admin.register(Company)
class CompanyAdmin(ReadOnlyAdmin):
    seen_with = SEES_LEADS
    list_display = ("name", "domain", "industry", "size", "country", "city")
    list_filter = ("country", "industry")
    search_fields = ("name", "domain")
    fields = ("name", "domain", "industry", "size", "country", "city", "founded_year", "parent")


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    seen_with = SEES_LEADS
    list_display = ("called", "email", "job_title", "company", "country", "created_at")
    list_filter = ("country", "language")
    search_fields = ("email", "first_name", "last_name", "company_name")
    list_select_related = ("company",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("first_name", "last_name"),
                    ("email", "phone"),
                    "job_title",
                    ("company_name", "company"),
                    ("country", "language", "time_zone"),
                    "created_at",
                )
            },
        ),
    )

    @display(description=_("name"), ordering="last_name")
    def called(self, person: Person) -> str:
        return person.name


@admin.register(Lead)
class LeadAdmin(StartsSequences):
    seen_with = SEES_LEADS
    actions = ("start_sequence",)
    list_display = ("called", "status_label", "grade", "persona", "first_campaign", "created_at")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("persona", AutocompleteSelectFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    search_fields = ("person__email", "person__first_name", "person__last_name", "person__company_name")
    fields = (
        "called",
        "status_word",
        "grade",
        ("persona", "journey_stage", "exclusion"),
        ("created_at", "marketing_qualified_at"),
        ("first_touch", "last_touch"),
        "story",
    )
    readonly_fields = ("called", "status_word", "grade", "story")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).for_list()

    def view_on_site(self, lead: Lead) -> str | None:
        try:
            return reverse("staff-person", args=[lead.person_id])
        except NoReverseMatch:
            return None

    @display(description=_("name"), ordering="person__last_name")
    def called(self, lead: Lead) -> str:
        return lead.person.name

    @display(description=_("status"))
    def status_word(self, lead: Lead) -> str:
        return lead.get_status_display()

    @display(
        description=_("status"),
        ordering="status",
        label={
            "new": "info",
            "nurturing": "info",
            "marketing_qualified": "primary",
            "disqualified": "danger",
            "customer": "success",
        },
    )
    def status_label(self, lead: Lead) -> tuple[str, Any]:
        return lead.status, lead.get_status_display()

    @display(description=_("grade"), ordering="score__grade")
    def grade(self, lead: Lead) -> str:
        score = getattr(lead, "score", None)
        return score.grade if score and score.grade else "–"

    @display(description=_("first campaign"))
    def first_campaign(self, lead: Lead) -> str:
        return str(lead.first_touch.campaign or lead.first_touch.channel) if lead.first_touch else "–"

    @display(description=_("what became of it"))
    def story(self, lead: Lead) -> SafeString:
        lines = (
            (f"{move.at:%Y-%m-%d %H:%M}", move.get_new_display(), move.get_way_display(), move.why)
            for move in lead.moves.all()
        )
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{} · {} · {} {}</li>", lines))


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    seen_with = SEES_LEADS
    list_display = ("at", "page", "email_key", "state", "inquiry", "reasons")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("inquiry", ChoicesDropdownFilter),
        ("page", AutocompleteSelectFilter),
        ("at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    search_fields = ("email_key",)
    list_select_related = ("page",)
    date_hierarchy = "at"
    readonly_fields = ("said",)
    fields = (
        ("page", "at"),
        ("state", "reasons", "inquiry"),
        "said",
        ("utm_source", "utm_medium", "utm_campaign"),
        ("referrer", "source_url"),
    )

    @display(description=_("what was sent"))
    def said(self, submission: Submission) -> SafeString:
        rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", submission.answers.items())
        return format_html('<dl class="said">{}</dl>', rows)


@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnlyAdmin):
    seen_with = SEES_LEADS
    list_display = ("at", "whose", "purpose", "given", "text", "confirmed_at")
    list_filter = ("purpose", "given", ("at", RangeDateTimeFilter))
    list_filter_submit = True
    search_fields = ("person__email", "person__last_name")
    list_select_related = ("person", "text")
    fields = (
        "whose",
        ("purpose", "given"),
        ("at", "confirmed_at", "recorded_at"),
        ("text", "page"),
        ("source_url", "ip", "channel"),
        ("basis", "pending"),
        "by",
    )
    readonly_fields = ("whose", "channel")

    @display(description=_("channel"))
    def channel(self, event: ConsentEvent) -> str:
        return event.submission.get_door_display() if event.submission else "–"

    @display(description=_("person"), ordering="person__last_name")
    def whose(self, event: ConsentEvent) -> str:
        return event.person.name
