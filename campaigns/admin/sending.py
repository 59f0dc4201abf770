"""The one page with the rules of sending: how much one person gets, how fast the server sends, how a domain begins."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns import sending
from campaigns.admin.base import HistoryAdmin
from campaigns.models import SendingPolicy

SHOWN_DAYS = (1, 2, 3, 5, 7, 10, 14, 21, 28, 60, 120)


@admin.register(SendingPolicy)
class SendingPolicyAdmin(HistoryAdmin):
    """One row; the list is its page."""

    actions_detail = ()
    autocomplete_fields = ("sunset_sequence",)
    readonly_fields = ("ramp_days", "ramp_today")
    fieldsets = (
        (_("How much one person gets"), {"fields": ("most_a_week",)}),
        (
            _("How fast"),
            {
                "fields": (("per_minute", "per_domain_minute"),),
                "description": _(
                    "A tenth of each limit is kept free for mails that people ask for: a download does not "
                    "wait behind a mailing."
                ),
            },
        ),
        (
            _("A new sending domain"),
            {"fields": (("ramp_from", "ramp_first_day"), ("ramp_percent", "ramp_until"), "ramp_days", "ramp_today")},
        ),
        (
            _("People of whom nothing is heard"),
            {"fields": (("sunset_months", "sunset_days"), "sunset_sequence")},
        ),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return self.change_view(request, "1", extra_context=extra_context)

    @display(description=_("mails a day as saved"))
    def ramp_days(self, policy: SendingPolicy) -> str:
        """Day 1: 50 … day 14: 9,731."""
        days = sending.ramp(policy)
        if not days:
            return _now("No ramp: the first day is its end already.")
        shown = sorted({number for number in SHOWN_DAYS if number <= len(days)} | {len(days)})
        parts = [
            _now("day %(day)d: %(mails)s")
            % {"day": number, "mails": number_format(days[number - 1], force_grouping=True)}
            for number in shown
        ]
        return " · ".join(parts)

    @display(description=_("today"))
    def ramp_today(self, policy: SendingPolicy) -> str:
        most = sending.most_on(policy, sending.day_of(timezone.now()))
        if most is None:
            return _now("No daily limit today.")
        return _now("At most %(mails)s mails today.") % {"mails": number_format(most, force_grouping=True)}
