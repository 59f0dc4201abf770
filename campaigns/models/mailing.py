"""The wording of e-mails and the steps of sequences. Who is on which step lives in ``leads``."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.models.archive import Archivable
from campaigns.models.audience import Persona
from campaigns.models.campaign import Campaign


class EmailTemplate(Archivable):
    """A mail's words. Merge fields are Liquid over plain data: ``{{ person.first_name | default: "there" }}``."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), unique=True, max_length=80)
    subject = models.CharField(_("subject"), max_length=200)
    preheader = models.CharField(_("preview line"), max_length=200, blank=True)
    body = models.TextField(_("body"), help_text=_("HTML with merge fields; cleaned against an allow list."))
    language = models.CharField(_("language"), max_length=5, default="en")
    persona = models.ForeignKey(Persona, models.PROTECT, null=True, blank=True, related_name="+")

    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name = _("e-mail template")
        verbose_name_plural = _("e-mail templates")

    def __str__(self) -> str:
        return self.name


class Sequence(Archivable):
    """A series of mails to one audience. Its steps are the working copy; people walk on a published version."""

    class Audience(models.TextChoices):
        LEADS = "leads", _("leads")
        PROSPECTS = "prospects", _("prospects, from their owner")
        CUSTOMERS = "customers", _("customers")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        LIVE = "live", _("live")
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), unique=True, max_length=80)
    audience = models.CharField(_("audience"), max_length=10, choices=Audience, default=Audience.LEADS)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="sequences")
    persona = models.ForeignKey(Persona, models.PROTECT, null=True, blank=True, related_name="+")
    topic = models.ForeignKey("campaigns.Topic", models.PROTECT, null=True, blank=True, related_name="+")
    goal = models.CharField(_("goal"), max_length=120, blank=True)
    quiet_from = models.TimeField(
        _("quiet from"), null=True, blank=True, help_text=_("In the person's zone.")
    )
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name = _("sequence")
        verbose_name_plural = _("sequences")

    def __str__(self) -> str:
        return self.name


class StepKind(models.TextChoices):
    MAIL = "mail", _("send a mail")
    WAIT = "wait", _("wait")
    FOLLOW_UP = "follow_up", _("follow-up for a rep")


class SequenceStep(models.Model):
    """A step as it is being written."""

    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=10, choices=StepKind, default=StepKind.MAIL)
    delay_hours = models.PositiveIntegerField(_("hours after the step before"), default=0)
    template = models.ForeignKey(
        EmailTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("e-mail template"),
    )
    note = models.CharField(_("note for the rep"), max_length=200, blank=True)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")

    def __str__(self) -> str:
        return f"{self.order}. {self.get_kind_display()}"


class SequenceVersion(models.Model):
    """What people walk on: frozen at publishing, never changed."""

    sequence = models.ForeignKey(Sequence, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["sequence", "-number"]
        verbose_name = _("published version")
        verbose_name_plural = _("published versions")
        constraints = [models.UniqueConstraint(fields=["sequence", "number"], name="sequence_version_once")]

    def __str__(self) -> str:
        return f"{self.sequence} v{self.number}"


class PublishedStep(models.Model):
    """One step of a version. ``position`` counts from 1. Its words are copied, so a message can always be re-made."""

    version = models.ForeignKey(SequenceVersion, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=StepKind)
    delay_hours = models.PositiveIntegerField(default=0)
    subject = models.CharField(max_length=200, blank=True)
    preheader = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    language = models.CharField(max_length=5, default="en")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="published_step_once")]

    def __str__(self) -> str:
        return f"{self.version}, step {self.position}"


class MailLink(models.Model):
    """A link of a published step: the click address carries its position, the target stays on our side."""

    step = models.ForeignKey(PublishedStep, models.PROTECT, related_name="links")
    position = models.PositiveSmallIntegerField()
    target = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "position"], name="mail_link_once")]

    def __str__(self) -> str:
        return self.target
