"""What came back after mails, to look at: the answers, and for operators the inbound mails and calls as they came."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from campaigns.admin.base import ReadOnlyAdmin
from leads.admin.people import SEES_LEADS
from leads.models import Inbound, MailEvent

MOST_SHOWN = 20_000
Kind = MailEvent.Kind


@admin.register(MailEvent)
class MailEventAdmin(ReadOnlyAdmin):
    seen_with = SEES_LEADS
    list_display = ("at", "whose", "kind_label", "code", "words", "mail")
    list_filter = (("kind", ChoicesDropdownFilter), ("at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("person", "message")
    search_fields = ("person__email", "message__message_id", "code")
    readonly_fields = ("whose", "mail", "kind_label")
    fields = (("whose", "mail"), ("kind_label", "code"), "words", ("at", "recorded_at"))
    show_full_result_count = False

    @display(description=_("person"))
    def whose(self, event: MailEvent) -> str:
        return event.person.name if event.person else "–"

    @display(description=_("subject"))
    def mail(self, event: MailEvent) -> str:
        return (event.message.subject if event.message else "") or "–"

    @display(
        description=_("what came back"),
        ordering="kind",
        label={
            Kind.HARD_BOUNCE: "danger",
            Kind.COMPLAINT: "danger",
            Kind.REFUSED_US: "danger",
            Kind.SOFT_BOUNCE: "warning",
            Kind.REPLY: "success",
            Kind.DELIVERED: "success",
        },
    )
    def kind_label(self, event: MailEvent) -> tuple[str, Any]:
        return event.kind, event.get_kind_display()


@admin.register(Inbound)
class InboundAdmin(ReadOnlyAdmin):
    """Whole mails of people: for who runs the installation and looks why one was not understood."""

    seen_with = "leads.view_inbound"
    list_display = ("received_at", "source", "provider", "read_as", "error", "read_at")
    list_filter = (
        ("source", ChoicesDropdownFilter),
        "provider",
        "read_as",
        ("received_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    search_fields = ("key",)
    ordering = ("-pk",)
    readonly_fields = ("as_it_came",)
    fields = (("source", "provider"), "key", ("received_at", "read_at"), ("read_as", "error"), "as_it_came")
    show_full_result_count = False

    @display(description=_("as it came"))
    def as_it_came(self, inbound: Inbound) -> str:
        return bytes(inbound.body)[:MOST_SHOWN].decode("utf-8", "replace") or "–"
