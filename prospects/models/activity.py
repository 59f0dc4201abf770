"""What we did: calls, meetings, notes, and the follow-ups we promised. And what was learnt: BANT."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.labels import Labelled
from leads.models import OwnMail, Person, WorkRequest
from prospects.models.prospect import Prospect


class Call(Labelled):
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
    recording = models.URLField(_("recording"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    submit_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        indexes = [models.Index(fields=["by", "at"], name="call_of_rep")]  # my week

    def __str__(self) -> str:
        return f"Call {self.pk}"


class BantAnswer(Labelled):
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


class FollowUp(Labelled):
    """A promise with a date. Open prospects without one are red."""

    class Kind(models.TextChoices):
        CALL = "call", _("call")
        MAIL = "mail", _("mail")
        MEETING = "meeting", _("meeting")
        ANSWER = "answer", _("answer")
        SOCIAL = "social", _("social network")
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
    snoozed = models.PositiveSmallIntegerField(default=0, help_text=_("How often it was put off."))
    work_request = models.OneToOneField(WorkRequest, models.PROTECT, null=True, blank=True, related_name="+")
    submit_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["due_at", "pk"]
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        indexes = [
            models.Index(
                fields=["owner", "due_at"], name="follow_up_due", condition=Q(done_at=None)
            ),  # today
            models.Index(
                fields=["prospect", "due_at"], name="follow_up_next", condition=Q(done_at=None)
            ),  # the next step of a row or card
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"


class Meeting(Labelled):
    class Outcome(models.TextChoices):
        BOOKED = "booked", _("booked")
        HELD = "held", _("held")
        NO_SHOW = "no_show", _("no-show")
        MOVED = "moved", _("moved")

    prospect = models.ForeignKey(Prospect, models.PROTECT, related_name="meetings")
    at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(default=30)
    subject = models.CharField(max_length=160, blank=True)
    place = models.CharField(_("place or link"), max_length=300, blank=True)
    # Of RFC 5545: one uid for an appointment however often it is moved, and a number that grows with each change.
    uid = models.UUIDField(default=uuid4, editable=False)
    sequence = models.PositiveSmallIntegerField(default=0, editable=False)
    moved_from = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="moved_to", editable=False
    )
    call = models.ForeignKey(Call, models.PROTECT, null=True, blank=True, related_name="meetings")
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


class MeetingGuest(models.Model):
    """Who is invited: a person we know, or a colleague; by which mail, and what they answered."""

    class Answer(models.TextChoices):
        NONE = "", _("no answer yet")
        ACCEPTED = "accepted", _("comes")
        TENTATIVE = "tentative", _("perhaps")
        DECLINED = "declined", _("does not come")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="guests")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    mail = models.ForeignKey(OwnMail, models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField(max_length=9, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person"], name="meeting_guest_once"),
            models.UniqueConstraint(fields=["meeting", "user"], name="meeting_colleague_once"),
            models.CheckConstraint(
                condition=Q(person=None, user__isnull=False) | Q(person__isnull=False, user=None),
                name="meeting_guest_is_one_of_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}: {self.person or self.user}"


class SocialTouch(Labelled):
    """What passed between a rep and a person on a social network, as the rep noted it."""

    class Network(models.TextChoices):
        LINKEDIN = "linkedin", _("LinkedIn")
        XING = "xing", _("XING")
        X = "x", _("X")
        OTHER = "other", _("another network")

    class What(models.TextChoices):
        ASKED = "asked", _("asked to connect")
        CONNECTED = "connected", _("connected")
        WROTE = "wrote", _("wrote a message")
        COMMENTED = "commented", _("commented on something of theirs")
        ANSWERED = "answered", _("they answered")

    prospect = models.ForeignKey(Prospect, models.PROTECT, related_name="social_touches")
    network = models.CharField(_("network"), max_length=8, choices=Network, default=Network.LINKEDIN)
    what = models.CharField(_("what"), max_length=9, choices=What)
    text = models.TextField(_("in words"), blank=True)
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    submit_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("social touch")
        verbose_name_plural = _("social touches")

    def __str__(self) -> str:
        return f"{self.get_network_display()}: {self.get_what_display()}"


class PhoneEvent(models.Model):
    """A finished call as the phone system tells it. Without a prospect it waits until somebody says whose it was."""

    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    number = models.CharField(max_length=40, help_text=_("Theirs, as told."))
    direction = models.CharField(max_length=3, choices=Call.Direction)
    at = models.DateTimeField()
    seconds = models.PositiveIntegerField(default=0)
    answered = models.BooleanField(default=False)
    recording = models.URLField(max_length=500, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    call = models.OneToOneField(Call, models.PROTECT, null=True, blank=True, related_name="phone_event")
    set_aside_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("call of the phone system")
        verbose_name_plural = _("calls of the phone system")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="phone_event_once")]
        indexes = [
            models.Index(
                fields=["user", "-at"], name="phone_event_open", condition=Q(call=None, set_aside_at=None)
            )
        ]  # what is to be sorted out

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"


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


class Mention(models.Model):
    """A colleague named with @ in a note; they hear of it and may read this note."""

    note = models.ForeignKey(Note, models.PROTECT, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="mentioned_once")]

    def __str__(self) -> str:
        return f"{self.note}: {self.user}"


class NoteFile(models.Model):
    """A file kept with a note; given out to those who may see the prospect, always as a download."""

    note = models.ForeignKey(Note, models.PROTECT, related_name="files")
    file = models.FileField(upload_to="notes/%Y/%m/")
    name = models.CharField(max_length=160)
    size = models.PositiveIntegerField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"File {self.pk} of {self.note}"
