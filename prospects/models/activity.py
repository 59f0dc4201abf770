"""What we did: calls, meetings, notes, and the follow-ups we promised. And what was learnt: BANT."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.models import WorkRequest
from prospects.models.prospect import Prospect


class Call(models.Model):
    class Outcome(models.TextChoices):
        CONVERSATION = "conversation", _("conversation")
        VOICEMAIL = "voicemail", _("voicemail")
        NO_ANSWER = "no_answer", _("no answer")
        WRONG_NUMBER = "wrong_number", _("wrong number")
        GATEKEEPER = "gatekeeper", _("gatekeeper")
        DO_NOT_CALL = "do_not_call", _("do not call")

    class Direction(models.TextChoices):
        OUT = "out", _("we called")
        IN = "in", _("they called")

    prospect = models.ForeignKey(Prospect, models.PROTECT, related_name="calls")
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    direction = models.CharField(max_length=3, choices=Direction, default=Direction.OUT)
    outcome = models.CharField(max_length=14, choices=Outcome)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.TextField(blank=True, help_text=_("In their words."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    submit_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        indexes = [models.Index(fields=["by", "at"], name="call_of_rep")]  # my week

    def __str__(self) -> str:
        return f"Call {self.pk}"


class BantAnswer(models.Model):
    """One learnt answer. Append-only; the latest per question is the card."""

    class Question(models.TextChoices):
        BUDGET = "budget", _("Budget")
        AUTHORITY = "authority", _("Authority")
        NEED = "need", _("Need")
        TIMING = "timing", _("Timing")

    class State(models.TextChoices):
        UNKNOWN = "unknown", _("unknown")
        CLAIMED = "claimed", _("claimed")
        CONFIRMED = "confirmed", _("confirmed")
        NO = "no", _("no")

    prospect = models.ForeignKey(Prospect, models.PROTECT, related_name="bant")
    question = models.CharField(max_length=10, choices=Question)
    state = models.CharField(max_length=10, choices=State)
    quote = models.TextField(blank=True, help_text=_("The sentence or event behind it."))
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    on = models.DateField(null=True, blank=True, help_text=_("Timing: the date they named."))
    call = models.ForeignKey(Call, models.PROTECT, null=True, blank=True, related_name="bant")
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["prospect", "question", "-at"], name="bant_latest")]  # the card

    def __str__(self) -> str:
        return f"{self.get_question_display()}: {self.get_state_display()}"


class FollowUp(models.Model):
    """A promise with a date. Open prospects without one are red."""

    class Kind(models.TextChoices):
        CALL = "call", _("call")
        MAIL = "mail", _("mail")
        MEETING = "meeting", _("meeting")
        ANSWER = "answer", _("answer")
        OTHER = "other", _("other")

    prospect = models.ForeignKey(Prospect, models.PROTECT, related_name="follow_ups")
    kind = models.CharField(_("what"), max_length=10, choices=Kind, default=Kind.CALL)
    due_at = models.DateTimeField(_("when"))
    text = models.CharField(_("note"), max_length=200, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    work_request = models.OneToOneField(WorkRequest, models.PROTECT, null=True, blank=True, related_name="+")
    submit_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["due_at", "pk"]
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        indexes = [
            models.Index(fields=["owner", "due_at"], name="follow_up_due", condition=Q(done_at=None))
        ]  # today

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"


class Meeting(models.Model):
    class Outcome(models.TextChoices):
        BOOKED = "booked", _("booked")
        HELD = "held", _("held")
        NO_SHOW = "no_show", _("no-show")
        MOVED = "moved", _("moved")

    prospect = models.ForeignKey(Prospect, models.PROTECT, related_name="meetings")
    at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(default=30)
    subject = models.CharField(max_length=160, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.BOOKED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    submit_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["at"]
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        indexes = [models.Index(fields=["by", "at"], name="meeting_of_rep")]  # today, my week

    def __str__(self) -> str:
        return f"Meeting {self.pk}"


class Note(models.Model):
    prospect = models.ForeignKey(Prospect, models.PROTECT, related_name="notes")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    submit_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return f"Note {self.pk}"
