"""Leaving a sequence early: the one place where a walk ends before its last step."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from leads.models import Enrolment, Message

REASON_LENGTH = Enrolment._meta.get_field("exit_reason").max_length or 0


def leave(walking: QuerySet[Enrolment], *, reason: str, at: datetime, goal_at: datetime | None = None) -> int:
    """End these walks and cancel their mails that are only scheduled; returns how many. Call inside a transaction.

    Three statements, however many they are. A mail that is being sent at this moment may still arrive.
    """
    active = walking.filter(state=Enrolment.State.ACTIVE)
    # Walks before their mails, as publishing takes them: two who take both must not wait for each other.
    list(active.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
    Message.objects.filter(enrolment__in=active.values("pk"), state=Message.State.SCHEDULED).update(
        state=Message.State.CANCELLED, reason=reason, ended_at=at, lease=None
    )
    return active.update(
        state=Enrolment.State.EXITED,
        exit_reason=reason[:REASON_LENGTH],
        ended_at=at,
        goal_at=goal_at,
    )
