"""Who is on which step, and every message we ever meant to send: the ledger is the queue."""

from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Asset, PublishedStep, PublishedWords, Sequence, SequenceVersion
from campaigns.models.labels import Labelled
from leads.models.person import Person
from leads.models.segment import Segment
from leads.models.tracking import Submission


class Entry(models.TextChoices):
    """What let a person in."""

    FORM = "form", _("a form")
    SEGMENT = "segment", _("a segment")
    GRADE = "grade", _("their grade")
    RETURNED = "returned", _("returned by sales")
    STAFF = "staff", _("by hand")
    MAILING = "mailing", _("a mailing")


class EnrolmentQuerySet(models.QuerySet):
    def of_versions(self, versions: Iterable[int | SequenceVersion]) -> Self:
        """Who walks these versions, found by their sequences."""
        keys = [version.pk if isinstance(version, SequenceVersion) else version for version in versions]
        sequences = SequenceVersion.objects.filter(pk__in=keys).values_list("sequence", flat=True)
        return self.filter(version__in=keys, sequence__in=list(sequences.distinct()))


class Enrolment(models.Model):
    """A person walking a version of a sequence. ``position`` is the step that is done; 0 at the start."""

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        FINISHED = "finished", _("finished")
        EXITED = "exited", _("left early")

    person = models.ForeignKey(Person, models.PROTECT, related_name="enrolments", db_index=False)
    sequence = models.ForeignKey(Sequence, models.PROTECT, related_name="+")
    # Without an index of its own, which each step would have to write: ask by sequence and version (`of_versions`).
    version = models.ForeignKey(SequenceVersion, models.PROTECT, related_name="+", db_index=False)
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    exit_reason = models.CharField(max_length=60, blank=True)
    entry = models.CharField(max_length=10, choices=Entry, default=Entry.STAFF)
    position = models.PositiveSmallIntegerField(default=0)
    # The step that comes next: mostly position + 1, another after a jump; 0 when there is none.
    next_position = models.PositiveSmallIntegerField(default=1)
    # When the next step is due, computed when the step before ended; null while a mail is on its way.
    due_at = models.DateTimeField(null=True, blank=True)
    # Waiting for something to happen: since when, and until when at most. ``due_at`` is the next look then.
    waits_since = models.DateTimeField(null=True, blank=True)
    waits_until = models.DateTimeField(null=True, blank=True)
    # Bit n: entered step n; went the first way at branch n. Counted by the reconciliation and the live view.
    entered = models.BigIntegerField(default=0)
    went_first_way = models.BigIntegerField(default=0)
    goal_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    submission = models.ForeignKey(
        Submission, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects = EnrolmentQuerySet.as_manager()

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
            models.Index(fields=["due_at"], name="enrolment_due", condition=Q(state="active")),  # advance
            models.Index(  # who may go on because of what a person just did
                fields=["person"],
                name="enrolment_waiting",
                condition=Q(state="active") & ~Q(waits_until=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.version}"


class EnrolmentMove(models.Model):
    """Somebody was taken over to another version of their sequence. Append-only; keeps what they had passed."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="moves")
    old = models.ForeignKey(SequenceVersion, models.PROTECT, related_name="+")
    new = models.ForeignKey(SequenceVersion, models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField()
    entered = models.BigIntegerField()
    went_first_way = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.old_id} → {self.new_id}"


class EntryRule(models.Model):
    """Who is let into a sequence by itself, besides forms: a segment, a grade, or what sales give back."""

    class Kind(models.TextChoices):
        SEGMENT = "segment", _("members of a segment")
        GRADE = "grade", _("leads of a grade or better")
        RETURNED = "returned", _("leads that sales give back to nurture")

    sequence = models.ForeignKey(Sequence, models.PROTECT, related_name="+", verbose_name=_("sequence"))
    kind = models.CharField(_("lets in"), max_length=8, choices=Kind)
    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="entry_rules", verbose_name=_("segment")
    )
    grade = models.CharField(
        _("grade"), max_length=2, blank=True, help_text=_("B2: fit B or better, engagement 2 or better.")
    )
    again_after_days = models.PositiveSmallIntegerField(
        _("again after days"), null=True, blank=True, help_text=_("Empty: each person once.")
    )
    is_on = models.BooleanField(_("on"), default=True)
    # Up to when those who came into the segment or reached the grade have been looked at.
    looked_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("way in")
        verbose_name_plural = _("ways in")

    def __str__(self) -> str:
        return f"{self.sequence}: {self.get_kind_display()}"


class Mailing(models.Model):
    """A one-off mail to a segment at a time. Underneath: a sequence of one step, with the same gate and ledger."""

    class Kind(models.TextChoices):
        NEWSLETTER = "newsletter", _("newsletter")
        ANNOUNCEMENT = "announcement", _("announcement")
        OFFER = "offer", _("offer")

    sequence = models.OneToOneField(Sequence, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.NEWSLETTER)
    segment = models.ForeignKey(Segment, models.PROTECT, related_name="+", verbose_name=_("to"))
    # A clock time: of the organisation's zone, or of each reader's own where ``in_each_zone``.
    send_on = models.DateField(_("day"), null=True, blank=True)
    send_at = models.TimeField(_("time"), null=True, blank=True)
    in_each_zone = models.BooleanField(_("at this time in each reader's zone"), default=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    enrolled_at = models.DateTimeField(null=True, blank=True, editable=False)  # when the whole segment was in
    submit_key = models.UUIDField(unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")

    def __str__(self) -> str:
        return str(self.sequence)


class Rehearsal(models.Model):
    """A walk of the real audience through a draft under a simulated clock. Nothing is sent; the result is kept."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    sequence = models.ForeignKey(Sequence, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    begins_at = models.DateTimeField()
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("rehearsal")
        verbose_name_plural = _("rehearsals")

    def __str__(self) -> str:
        return f"Rehearsal {self.pk}"


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


class Message(Labelled):
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
    # Where the address's mailboxes are: limits are kept by it. Set by the lease.
    to_domain = models.CharField(max_length=120, blank=True)
    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, null=True, blank=True, related_name="messages", db_index=False
    )
    step = models.ForeignKey(
        PublishedStep, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Which wording this person got, and which piece filled the room left for one; chosen when it is made.
    words = models.ForeignKey(
        PublishedWords, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    piece = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    submission = models.ForeignKey(Submission, models.SET_NULL, null=True, blank=True, related_name="+")
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(
        blank=True, help_text=_("Only for one-to-one mail; sequence mail is re-made from its step.")
    )
    state = models.CharField(max_length=10, choices=State, default=State.SCHEDULED)
    reason = models.CharField(
        max_length=200, blank=True, help_text=_("Why held back, cancelled, failed or waiting.")
    )
    # The gate's yes: when, and on what ground (which consent, which form). No mail goes out without it.
    allowed_at = models.DateTimeField(null=True, blank=True)
    ground = models.CharField(max_length=120, blank=True)
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
    # The walk has taken note of how it ended; without it each round would look at every mail on its way.
    settled = models.BooleanField(default=False, editable=False)

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
            models.Index(  # advance: walks whose mail has ended
                fields=["id"],
                name="message_to_settle",
                condition=Q(
                    kind="sequence",
                    settled=False,
                    state__in=["sent", "failed", "unknown", "cancelled", "suppressed"],
                ),
            ),
            models.Index(  # limits a minute and a day
                fields=["claimed_at"], name="message_claimed", condition=~Q(claimed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.key


class StaffMail(models.Model):
    """A mail to a user of ours: a test of a template, a notice. No consent, no cap, no way out; sent at most once."""

    class Kind(models.TextChoices):
        TEST = "test", _("test mail")
        NOTICE = "notice", _("notice")

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("scheduled")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    key = models.CharField(max_length=80, unique=True)
    message_id = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=6, choices=Kind)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=200)
    # Whole pages, as they go out.
    html = models.TextField()
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.SCHEDULED)
    words = models.CharField(max_length=200, blank=True, help_text=_("What the server said."))
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mail to staff")
        verbose_name_plural = _("mails to staff")
        indexes = [
            models.Index(fields=["due_at"], name="staff_mail_due", condition=Q(state="scheduled"))
        ]  # delivery

    def __str__(self) -> str:
        return self.key
