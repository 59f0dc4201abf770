"""What came back, as numbers: of the last days for the status page, of a step for the live view."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from campaigns.models import PublishedStep
from leads.models import Inbound, MailEvent, Message, Suppression

Kind = MailEvent.Kind
DAYS = timedelta(days=7)


@dataclass(frozen=True)
class Rates:
    """Of the last seven days. Rates are of the mails sent in that time; 0.0 where none was."""

    sent: int
    hard: int
    soft: int
    refused_us: int
    complaints: int
    replies: int
    unsubscribed: int
    unread: int  # inbound mails and calls that nobody has worked on yet
    not_read: int  # and those that could not be read

    def share(self, number: int) -> float:
        return number / self.sent if self.sent else 0.0

    @property
    def too_many_complaints(self) -> bool:
        """Gmail and Yahoo refuse senders above 0.3 %; few mails prove nothing."""
        return self.sent >= 300 and self.share(self.complaints) > 0.003

    @property
    def too_many_bounces(self) -> bool:
        return self.sent >= 300 and self.share(self.hard) > 0.05

    @property
    def we_are_refused(self) -> bool:
        return self.refused_us >= 5

    @property
    def good(self) -> bool:
        return not (self.too_many_complaints or self.too_many_bounces or self.we_are_refused)


def rates(*, at: datetime) -> Rates:
    """Of the seven days before `at`."""
    since = at - DAYS
    events = MailEvent.objects.filter(recorded_at__gt=since, recorded_at__lte=at).order_by()
    by_kind = dict(events.values_list("kind").annotate(mails=Count("message", distinct=True)))
    sent = Message.objects.filter(state=Message.State.SENT, claimed_at__gt=since, claimed_at__lte=at)
    left = Suppression.objects.filter(reason=Suppression.Reason.UNSUBSCRIBED, at__gt=since, at__lte=at)
    return Rates(
        sent=sent.count(),
        hard=by_kind.get(Kind.HARD_BOUNCE, 0),
        soft=by_kind.get(Kind.SOFT_BOUNCE, 0),
        refused_us=by_kind.get(Kind.REFUSED_US, 0),
        complaints=by_kind.get(Kind.COMPLAINT, 0),
        replies=by_kind.get(Kind.REPLY, 0),
        unsubscribed=left.filter(topic=None).count(),
        unread=Inbound.objects.filter(read_at=None).count(),
        not_read=Inbound.objects.filter(received_at__gt=since).exclude(error="").count(),
    )


def by_step(steps: Iterable[PublishedStep]) -> dict[int, dict[str, int]]:
    """Step → how many of its mails bounced, were complained about, answered, unsubscribed from. Two queries."""
    ids = [step.pk for step in steps]
    found: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    events = MailEvent.objects.filter(message__step__in=ids).order_by()
    for step, kind, mails in events.values_list("message__step", "kind").annotate(
        mails=Count("message", distinct=True)
    ):
        found[step][kind] = mails
    left = Suppression.objects.filter(
        message__step__in=ids, topic=None, reason=Suppression.Reason.UNSUBSCRIBED
    ).order_by()
    for step, mails in left.values_list("message__step").annotate(mails=Count("message", distinct=True)):
        found[step]["unsubscribed"] = mails
    return found
