"""What comes back after a mail: bounces, complaints, automatic and real replies. Stored raw first, then read."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.models.nurture import Message
from leads.models.person import Person


class Inbound(models.Model):
    """A mail from our own mailbox or a call of a provider's webhook, as it came. Read by the worker, once."""

    class Source(models.TextChoices):
        MAILBOX = "mailbox", _("mailbox")
        WEBHOOK = "webhook", _("provider")

    source = models.CharField(max_length=8, choices=Source)
    provider = models.CharField(max_length=40, blank=True)
    # Message-ID, or the provider's id of the event; without one a hash of the body. The same comes once.
    key = models.CharField(max_length=200)
    body = models.BinaryField()
    received_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    read_as = models.CharField(max_length=12, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("mail that came in")
        verbose_name_plural = _("mails that came in")
        constraints = [models.UniqueConstraint(fields=["source", "provider", "key"], name="inbound_once")]
        indexes = [
            models.Index(fields=["id"], name="inbound_to_read", condition=Q(read_at=None))
        ]  # the reader's queue

    def __str__(self) -> str:
        return f"Inbound {self.pk}"


class MailEvent(models.Model):
    """What became known about a mail after it was handed over. Append-only; events may come in any order."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered", _("delivered")
        HARD_BOUNCE = "hard", _("address does not exist")
        SOFT_BOUNCE = "soft", _("could not be delivered now")
        REFUSED_US = "refused_us", _("the server refuses us, not the address")
        COMPLAINT = "complaint", _("complained")
        AUTO_REPLY = "auto_reply", _("automatic reply")
        REPLY = "reply", _("replied")

    kind = models.CharField(max_length=10, choices=Kind)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, blank=True, related_name="events")
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, blank=True, related_name="mail_events", db_index=False
    )
    inbound = models.ForeignKey(Inbound, models.SET_NULL, null=True, blank=True, related_name="+")
    # What tells this event from another; the same event told twice is one row.
    key = models.CharField(max_length=200, unique=True)
    code = models.CharField(max_length=20, blank=True)
    words = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("answer to a mail")
        verbose_name_plural = _("answers to mails")
        indexes = [
            models.Index(fields=["person", "kind", "-at"], name="mail_event_of_person")
        ]  # soft bounces in 14 days, timeline

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code}".strip()
