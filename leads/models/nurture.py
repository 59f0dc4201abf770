"""Who is on which step, and every message we ever meant to send: the ledger is the queue."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import PublishedStep, Sequence, SequenceVersion
from leads.models.person import Person
from leads.models.tracking import Submission


class Enrolment(models.Model):
    """A person walking a version of a sequence. ``position`` is the step that is done; 0 at the start."""

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        FINISHED = "finished", _("finished")
        EXITED = "exited", _("left early")

    person = models.ForeignKey(Person, models.PROTECT, related_name="enrolments", db_index=False)
    sequence = models.ForeignKey(Sequence, models.PROTECT, related_name="+")
    version = models.ForeignKey(SequenceVersion, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    exit_reason = models.CharField(max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    # When the next step is due, computed when the step before ended; null while a mail is on its way.
    due_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    submission = models.ForeignKey(
        Submission, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["person", "sequence", "round"], name="enrolment_once_a_round"),
            models.UniqueConstraint(
                fields=["person", "sequence"], condition=Q(state="active"), name="one_active_enrolment"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="enrolment_due", condition=Q(state="active"))
        ]  # advance

    def __str__(self) -> str:
        return f"{self.person} on {self.version}"


class SendLease(models.Model):
    """A batch of messages one sender slot may work on until a time. Freed at once when the slot's process is gone."""

    slot = models.CharField(max_length=80)
    boot_id = models.UUIDField()
    database_started_at = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["slot"], name="lease_open", condition=Q(released_at=None))
        ]  # dead leases

    def __str__(self) -> str:
        return f"Lease {self.pk} of {self.slot}"


class SenderPause(models.Model):
    """Nothing is sent until a time: the mail server refuses us, not the people. Append-only but for ``lifted_at``."""

    reason = models.CharField(max_length=200)
    code = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("pause of sending")
        verbose_name_plural = _("pauses of sending")
        indexes = [
            models.Index(fields=["until"], name="sender_paused", condition=Q(lifted_at=None))
        ]  # may we send?

    def __str__(self) -> str:
        return self.reason


class Message(models.Model):
    """One mail to one person. Key and Message-ID are made with the row; the state says what is known about it."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("scheduled")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("not known")
        CANCELLED = "cancelled", _("cancelled")
        SUPPRESSED = "suppressed", _("held back")

    class Kind(models.TextChoices):
        SEQUENCE = "sequence", _("sequence")
        DOWNLOAD = "download", _("download")
        OPT_IN = "opt_in", _("confirmation")
        ONE_TO_ONE = "one", _("one to one")
        REQUEST = "request", _("privacy request")

    key = models.CharField(max_length=80)
    message_id = models.CharField(max_length=160)
    kind = models.CharField(max_length=10, choices=Kind)
    person = models.ForeignKey(Person, models.PROTECT, related_name="messages", db_index=False)
    to_address = models.CharField(max_length=254, blank=True)
    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, null=True, blank=True, related_name="messages", db_index=False
    )
    step = models.ForeignKey(
        PublishedStep, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    submission = models.ForeignKey(Submission, models.SET_NULL, null=True, blank=True, related_name="+")
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(
        blank=True, help_text=_("Only for one-to-one mail; sequence mail is re-made from its step.")
    )
    state = models.CharField(max_length=10, choices=State, default=State.SCHEDULED)
    reason = models.CharField(
        max_length=200, blank=True, help_text=_("Why held back, cancelled, failed or waiting.")
    )
    code = models.CharField(max_length=20, blank=True, help_text=_("The server's answer."))
    attempts = models.PositiveSmallIntegerField(default=0)
    # How often an unknown transactional mail was sent again, with the same Message-ID: at most once by itself.
    resends = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    lease = models.ForeignKey(
        SendLease, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["message_id"], name="message_id_once"),
            models.UniqueConstraint(fields=["key"], name="message_key_once"),
            models.UniqueConstraint(fields=["enrolment", "step"], name="one_message_a_step"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["scheduled", "sending", "sent", "failed", "unknown", "cancelled", "suppressed"]
                ),
                name="message_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="message_due", condition=Q(state="scheduled")),  # lease
            models.Index(  # lease: what people asked for goes first
                fields=["due_at"],
                name="message_asked_for_due",
                condition=Q(state="scheduled", kind__in=["download", "opt_in", "request"]),
            ),
            models.Index(
                fields=["lease"], name="message_leased", condition=Q(lease__isnull=False)
            ),  # a dead lease
            models.Index(
                fields=["state"], name="message_open", condition=Q(state__in=["sending", "unknown"])
            ),  # status
            models.Index(fields=["person", "-due_at"], name="message_of_person"),  # timeline, cap
            models.Index(fields=["step", "state"], name="message_of_step"),  # sums per step
        ]

    def __str__(self) -> str:
        return self.key
