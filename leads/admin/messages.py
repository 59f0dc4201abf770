"""The message ledger: read, and for a mail whose fate is not known, two decisions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib import messages as notices
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from campaigns.admin.base import ReadOnlyAdmin, ask
from leads.admin.people import SEES_LEADS
from leads.models import Message
from leads.sending import outbox


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    seen_with = SEES_LEADS
    list_display = ("due_at", "whose", "kind", "what", "state_label", "reason")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("due_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    search_fields = ("to_address", "key", "message_id")
    list_select_related = ("person", "words")
    actions = ("mark_sent", "send_again")
    readonly_fields = ("whose", "what", "state_word")
    fields = (
        ("whose", "to_address"),
        ("kind", "what"),
        ("state_word", "reason", "code"),
        ("allowed_at", "ground"),
        ("due_at", "claimed_at", "ended_at", "attempts"),
        ("key", "message_id"),
    )

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("leads.change_lead")

    @display(description=_("person"), ordering="person__last_name")
    def whose(self, message: Message) -> str:
        return message.person.name

    @display(description=_("subject"))
    def what(self, message: Message) -> str:
        return message.subject or (message.words.subject if message.words else "") or "–"

    @display(description=_("state"))
    def state_word(self, message: Message) -> str:
        return message.get_state_display()

    @display(
        description=_("state"),
        ordering="state",
        label={
            Message.State.SENT: "success",
            Message.State.FAILED: "danger",
            Message.State.UNKNOWN: "warning",
            Message.State.SCHEDULED: "info",
            Message.State.SENDING: "info",
        },
    )
    def state_label(self, message: Message) -> tuple[str, Any]:
        return message.state, message.get_state_display()

    @admin.action(description=_("Not known: it was sent"), permissions=["decide"])
    def mark_sent(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._decide(request, chosen, outbox.settle_as_sent, _("Noted as sent: %(count)d."))

    @admin.action(description=_("Not known: send it again"), permissions=["decide"])
    def send_again(self, request: HttpRequest, chosen: QuerySet) -> None:
        self._decide(request, chosen, outbox.send_again, _("Will be sent again: %(count)d."))

    def _decide(self, request: HttpRequest, chosen: QuerySet, verb: Any, words: Any) -> None:
        at = timezone.now()
        settled = sum(
            ask(request, lambda m=message: verb(message=m, by=request.user, at=at)) is not None
            for message in chosen
        )
        if settled:
            notices.success(request, words % {"count": settled})
