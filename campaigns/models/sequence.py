"""Sequences as they are written, and the published versions that people walk on. Who walks: ``leads``."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.models.archive import Archivable
from campaigns.models.audience import Persona
from campaigns.models.campaign import Campaign, Offer
from campaigns.models.content import Asset, Topic
from campaigns.models.mailing import EmailTemplate, MailFormat
from campaigns.models.page import LandingPage

MOST_STEPS = 60  # who passed which step is kept as the bits of one number


class Sequence(Archivable):
    """A series of steps for one audience. Its steps are the working copy; people walk on a published version."""

    class Audience(models.TextChoices):
        LEADS = "leads", _("leads")
        PROSPECTS = "prospects", _("prospects, from their owner")
        CUSTOMERS = "customers", _("customers")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        LIVE = "live", _("live")
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")

    class Kind(models.TextChoices):
        SEQUENCE = "sequence", _("sequence")
        MAILING = "mailing", _("one-off mailing")

    class Goal(models.TextChoices):
        NONE = "", _("no goal")
        REPLY = "reply", _("a reply")
        MEETING = "meeting", _("a meeting")
        INQUIRY = "inquiry", _("an inquiry")
        DOWNLOAD = "download", _("a download")
        HANDOVER = "handover", _("handed over to sales")
        CUSTOMER = "customer", _("becomes a customer")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), unique=True, max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.SEQUENCE, editable=False)
    audience = models.CharField(_("audience"), max_length=10, choices=Audience, default=Audience.LEADS)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="sequences")
    persona = models.ForeignKey(Persona, models.PROTECT, null=True, blank=True, related_name="+")
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="+")
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        default=50,
        help_text=_("When a person may get one mail only, the flow with the higher number sends it."),
    )
    goal = models.CharField(
        _("goal"),
        max_length=10,
        choices=Goal,
        blank=True,
        help_text=_("Whoever reaches it leaves with success."),
    )
    stops_on_reply = models.BooleanField(_("a reply ends it"), default=True)
    stops_on_meeting = models.BooleanField(_("a meeting ends it"), default=True)
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
    WAIT_FOR = "wait_for", _("wait until something happens")
    BRANCH = "branch", _("if … else")
    FOLLOW_UP = "follow_up", _("follow-up for a rep")
    CHANGE = "change", _("change a field or topic")
    END = "end", _("end here")


class LooksAt(models.TextChoices):
    """What a branch or a wait asks. Opens are not offered: machines open too much mail to steer by it."""

    CLICK = "click", _("clicked in a mail of this sequence")
    DOWNLOAD = "download", _("downloaded")
    PAGE = "page", _("visited a page")
    FORM = "form", _("sent a form")
    REPLY = "reply", _("replied")
    GRADE = "grade", _("grade is at least")
    FIELD = "field", _("a field")
    CONSENT = "consent", _("consent")
    TOPIC = "topic", _("wants a topic")
    STATUS = "status", _("lead status is")
    STAGE = "stage", _("sales stage is")


class Compares(models.TextChoices):
    IS = "is", _("is")
    IS_NOT = "is_not", _("is not")
    CONTAINS = "contains", _("contains")
    AT_LEAST = "at_least", _("is at least")
    AT_MOST = "at_most", _("is at most")
    KNOWN = "known", _("is known")
    UNKNOWN = "unknown", _("is not known")


class StepRule(models.Model):
    """What a step does, whether it is being written or frozen: both have the same columns."""

    class Measure(models.TextChoices):
        CLICK = "click", _("people who clicked")
        REPLY = "reply", _("people who replied")

    class RepDoes(models.TextChoices):
        CALL = "call", _("call")
        SOCIAL = "social", _("message on a social network")
        OTHER = "other", _("something else")

    kind = models.CharField(_("kind"), max_length=10, choices=StepKind, default=StepKind.MAIL)
    # When: so long after the step before, then at the next allowed day and hour in the person's zone.
    delay_hours = models.PositiveIntegerField(_("hours after the step before"), default=0)
    weekdays = models.CharField(
        _("only on"), max_length=7, blank=True, help_text=_("1 is Monday: 12345. Empty: any day.")
    )
    at_time = models.TimeField(_("at"), null=True, blank=True, help_text=_("In the person's zone."))
    # What a branch and a wait for something ask.
    looks_at = models.CharField(_("asks"), max_length=10, choices=LooksAt, blank=True)
    field = models.CharField(
        _("field"), max_length=60, blank=True, help_text=_("job_title, country, custom_<key> …")
    )
    compares = models.CharField(_("compares"), max_length=10, choices=Compares, default=Compares.IS)
    value = models.CharField(_("value"), max_length=200, blank=True)
    asset = models.ForeignKey(
        Asset, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("resource")
    )
    page = models.ForeignKey(
        LandingPage, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("landing page")
    )
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("topic")
    )
    within_days = models.PositiveSmallIntegerField(
        _("within days"), null=True, blank=True, help_text=_("Empty: since the person entered the sequence.")
    )
    limit_hours = models.PositiveIntegerField(
        _("wait at most, hours"), null=True, blank=True, help_text=_("Then the person goes the other way.")
    )
    rep_does = models.CharField(_("the rep does"), max_length=6, choices=RepDoes, default=RepDoes.CALL)
    note = models.CharField(_("note for the rep"), max_length=200, blank=True)
    # A mail may leave room for the piece that fits this person next.
    next_piece = models.BooleanField(
        _("with the next piece"),
        default=False,
        help_text=_("Adds what moved similar people on and this person has not seen yet."),
    )
    test_mails = models.PositiveIntegerField(
        _("mails of each wording"),
        null=True,
        blank=True,
        validators=[MinValueValidator(50)],
        help_text=_("A test says nothing before so many of each were sent. Fixed when it starts."),
    )
    test_measure = models.CharField(_("counts"), max_length=6, choices=Measure, default=Measure.CLICK)

    class Meta:
        abstract = True


class SequenceStep(StepRule):
    """A step as it is being written. The list is walked from top to bottom; jumps lead forward only."""

    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    template = models.ForeignKey(
        EmailTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("e-mail template"),
    )
    then = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("then go to"),
        help_text=_("Empty: the next step of the list."),
    )
    otherwise = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("otherwise go to"),
        help_text=_("For “if … else” and for a wait that ran out. Empty: the end."),
    )

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")

    def __str__(self) -> str:
        return f"{self.order}. {self.get_kind_display()}"


class StepWording(models.Model):
    """Other words for a mail step: for one persona, or as the second wording (B) of a test."""

    step = models.ForeignKey(SequenceStep, models.CASCADE, related_name="wordings")
    persona = models.ForeignKey(
        Persona,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("for persona"),
        help_text=_("Empty: wording B of a test, for everybody who has no wording of their own."),
    )
    template = models.ForeignKey(
        EmailTemplate, models.PROTECT, related_name="+", verbose_name=_("e-mail template")
    )

    class Meta:
        verbose_name = _("other wording")
        verbose_name_plural = _("other wordings")
        constraints = [
            models.UniqueConstraint(fields=["step", "persona"], name="one_wording_a_persona"),
            models.UniqueConstraint(
                fields=["step"], condition=models.Q(persona=None), name="one_second_wording"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.persona or 'B'}: {self.template}"


class SequenceVersion(models.Model):
    """What people walk on: frozen at publishing, never changed."""

    sequence = models.ForeignKey(Sequence, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # What the check before publishing found and why it was accepted: [{"check", "level", "words", "reason"}].
    findings = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["sequence", "-number"]
        verbose_name = _("published version")
        verbose_name_plural = _("published versions")
        constraints = [models.UniqueConstraint(fields=["sequence", "number"], name="sequence_version_once")]

    def __str__(self) -> str:
        return f"{self.sequence} v{self.number}"


class PublishedStep(StepRule):
    """One step of a version. ``position`` counts from 1; jumps name positions, empty is the next one or the end."""

    version = models.ForeignKey(SequenceVersion, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    # The working step it was frozen from, which may be gone by now: how versions are matched.
    origin = models.PositiveBigIntegerField(null=True, blank=True)
    then_position = models.PositiveSmallIntegerField(null=True, blank=True)
    otherwise_position = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="published_step_once")]

    def __str__(self) -> str:
        return f"{self.version}, step {self.position}"


class PublishedWords(models.Model):
    """The words of a published mail step, copied, so that every mail ever sent can be made again."""

    class Variant(models.TextChoices):
        A = "a", _("A")
        B = "b", _("B")

    step = models.ForeignKey(PublishedStep, models.PROTECT, related_name="words")
    persona = models.ForeignKey(Persona, models.PROTECT, null=True, blank=True, related_name="+")
    variant = models.CharField(max_length=1, choices=Variant, default=Variant.A)
    subject = models.CharField(max_length=200)
    preheader = models.CharField(max_length=200, blank=True)
    format = models.CharField(max_length=6, choices=MailFormat, default=MailFormat.SIMPLE)
    body = models.TextField()
    language = models.CharField(max_length=5, default="en")
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["step", "persona", "variant"]
        constraints = [
            models.UniqueConstraint(fields=["step", "persona", "variant"], name="published_words_once"),
            models.UniqueConstraint(
                fields=["step", "variant"],
                condition=models.Q(persona=None),
                name="published_usual_words_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.subject}"


class MailLink(models.Model):
    """A link of a published mail: the click address names this row, the target stays on our side."""

    words = models.ForeignKey(PublishedWords, models.PROTECT, related_name="links")
    position = models.PositiveSmallIntegerField()
    # As the words say it, before UTM was put on; a next piece's link is added when it is first used.
    source = models.CharField(max_length=1000)
    target = models.CharField(max_length=1000)

    class Meta:
        ordering = ["words", "position"]
        constraints = [
            models.UniqueConstraint(fields=["words", "position"], name="mail_link_once"),
        ]

    def __str__(self) -> str:
        return self.target


class StepTest(models.Model):
    """How a test of two wordings ended. Without a row it runs; until then half of the people get each wording."""

    step = models.OneToOneField(PublishedStep, models.PROTECT, related_name="test_end")
    kept = models.CharField(max_length=1, choices=PublishedWords.Variant)
    ended_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("end of a test")
        verbose_name_plural = _("ends of tests")

    def __str__(self) -> str:
        return f"{self.step}: {self.kept}"
