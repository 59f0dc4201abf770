"""Scoring models as data, and the one narrow row per lead that holds the result."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.models import JourneyStage
from leads.models.lead import Lead
from leads.models.tracking import TouchKind


class ScoringModel(models.Model):
    """A version of the rules. Letters come from fit, digits from engagement; points are whole numbers."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        LIVE = "live", _("live")
        RETIRED = "retired", _("retired")

    number = models.PositiveIntegerField(_("version"), unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    note = models.CharField(_("what changed"), max_length=200, blank=True)
    # e1…e3 = Σ points · 2^((touch − reference) / half-life): the sums do not change while nothing happens.
    reference_at = models.DateTimeField(default=timezone.now, editable=False)
    half_life_1 = models.PositiveSmallIntegerField(_("first half-life, days"), default=7)
    half_life_2 = models.PositiveSmallIntegerField(_("second half-life, days"), default=30)
    half_life_3 = models.PositiveSmallIntegerField(_("third half-life, days"), default=90)
    fit_a = models.SmallIntegerField(_("A from"), default=75)
    fit_b = models.SmallIntegerField(_("B from"), default=50)
    fit_c = models.SmallIntegerField(_("C from"), default=25)
    engagement_1 = models.SmallIntegerField(_("1 from"), default=60)
    engagement_2 = models.SmallIntegerField(_("2 from"), default=35)
    engagement_3 = models.SmallIntegerField(_("3 from"), default=15)
    fit_ceiling = models.SmallIntegerField(_("fit at most"), default=100)
    engagement_ceiling = models.SmallIntegerField(_("engagement at most"), default=100)
    qualify_fit = models.CharField(_("qualifies from letter"), max_length=1, default="B")
    qualify_engagement = models.CharField(_("and from digit"), max_length=1, default="2")
    # Two thresholds, so that nobody is passed back and forth between marketing and sales.
    again_margin = models.PositiveSmallIntegerField(
        _("more engagement after a return"),
        default=10,
        help_text=_("Points above the digit's bound that a lead needs which sales gave back."),
    )
    required_facts = models.CharField(
        _("required facts"),
        max_length=200,
        default="email,company,job_title",
        help_text=_(
            "Separated by commas: email, phone, company, job_title, country, company_size, industry."
        ),
    )

    # Where its fit rules were learned from closed leads: what makes points a chance in per cent.
    learned = models.ForeignKey(
        "leads.LearnedModel", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("scoring model")
        verbose_name_plural = _("scoring models")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="live"), name="one_live_scoring_model"
            )
        ]

    def __str__(self) -> str:
        return _("Rules %(number)s") % {"number": self.number}


class ScoringRule(models.Model):
    """One line: a fact of the person or company (fit), or a kind of touch (engagement), and its points."""

    class Group(models.TextChoices):
        FIT = "fit", _("fit")
        ENGAGEMENT = "engagement", _("engagement")

    class Field(models.TextChoices):
        NONE = "", "–"
        INDUSTRY = "industry", _("industry")
        SIZE = "company_size", _("company size")
        AGE = "company_age", _("years in business")
        COUNTRY = "country", _("country")
        TITLE = "job_title", _("job title")
        SENIORITY = "seniority", _("seniority")
        CHANNEL = "channel", _("first channel")
        MAILBOX = "mailbox", _("mailbox (company or free)")
        FACT = "fact", _("a fact by name")

    model = models.ForeignKey(ScoringModel, models.CASCADE, related_name="rules")
    group = models.CharField(_("group"), max_length=10, choices=Group)
    label = models.CharField(_("name"), max_length=120)
    points = models.SmallIntegerField(_("points"))
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    # fit
    field = models.CharField(_("looks at"), max_length=14, choices=Field, blank=True)
    fact_name = models.CharField(_("fact"), max_length=60, blank=True)
    words = models.CharField(_("values"), max_length=500, blank=True, help_text=_("Separated by commas."))
    minimum = models.DecimalField(_("from"), max_digits=12, decimal_places=2, null=True, blank=True)
    maximum = models.DecimalField(_("to"), max_digits=12, decimal_places=2, null=True, blank=True)
    # engagement
    touch_kind = models.CharField(_("touch"), max_length=14, choices=TouchKind, blank=True)
    asset_kind = models.ForeignKey(
        "campaigns.AssetKind", models.PROTECT, null=True, blank=True, related_name="+"
    )
    journey_stage = models.CharField(_("journey stage of the asset"), max_length=16, blank=True)
    half_life = models.PositiveSmallIntegerField(
        _("half-life"), default=2, choices=[(1, "1"), (2, "2"), (3, "3")]
    )
    cool_down_hours = models.PositiveSmallIntegerField(
        _("counts once in hours"), default=0, help_text=_("0: every touch counts.")
    )
    ceiling_touches = models.PositiveSmallIntegerField(_("at most touches"), null=True, blank=True)
    ceiling_days = models.PositiveSmallIntegerField(_("in days"), null=True, blank=True)

    class Meta:
        ordering = ["group", "order", "pk"]
        verbose_name = _("scoring rule")
        verbose_name_plural = _("scoring rules")

    def __str__(self) -> str:
        return self.label


class JourneyRule(models.Model):
    """One line of how far a lead has come: so many touches of a kind reach the stage, for good."""

    model = models.ForeignKey(ScoringModel, models.CASCADE, related_name="journey_rules")
    stage = models.CharField(_("journey stage"), max_length=16, choices=JourneyStage)
    touch_kind = models.CharField(_("touch"), max_length=14, choices=TouchKind)
    asset_kind = models.ForeignKey(
        "campaigns.AssetKind", models.PROTECT, null=True, blank=True, related_name="+"
    )
    times = models.PositiveSmallIntegerField(_("times"), default=1)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("rule of a journey stage")
        verbose_name_plural = _("rules of journey stages")

    def __str__(self) -> str:
        return f"{self.get_stage_display()}: {self.times} × {self.get_touch_kind_display()}"


class LeadScore(models.Model):
    """A lead's score. Written only by ``leads.scoring.rescore``; made dirty by whoever adds a touch or fact."""

    lead = models.OneToOneField(Lead, models.CASCADE, primary_key=True, related_name="score")
    model = models.ForeignKey(
        ScoringModel, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    fit = models.SmallIntegerField(default=0)
    e1 = models.FloatField(default=0)
    e2 = models.FloatField(default=0)
    e3 = models.FloatField(default=0)
    engagement = models.SmallIntegerField(
        default=0, help_text=_("As of the last local midnight plus today's touches.")
    )
    grade = models.CharField(max_length=2, blank=True)
    total = models.DecimalField(max_digits=6, decimal_places=1, default=Decimal(0))
    dirty_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True)
    # Set by rescoring, cleared by the verdict: a crash between the two loses no qualification.
    qualifies_at = models.DateTimeField(null=True, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["dirty_at"], name="score_dirty", condition=Q(dirty_at__isnull=False)
            ),  # rescore_dirty
            models.Index(
                fields=["next_check_at"], name="score_check", condition=Q(next_check_at__isnull=False)
            ),  # rescore_dirty: grades that may have changed by themselves
            models.Index(
                fields=["qualifies_at"], name="score_qualifies", condition=Q(qualifies_at__isnull=False)
            ),  # qualify_due
            models.Index(fields=["grade", "-total", "lead"], name="score_best_first"),  # leads list by grade
            models.Index(fields=["computed_at"], name="score_news"),  # whom segments look at again
        ]

    def __str__(self) -> str:
        return self.grade or "–"


class ScoreRun(models.Model):
    """A run and what it found. A full one says how far it came: after a crash it goes on behind that lead."""

    class Kind(models.TextChoices):
        FULL = "full", _("Full run")
        NIGHT = "night", _("Night run")
        CHECK = "check", _("Check")

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FULL)
    model = models.ForeignKey(ScoringModel, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(help_text=_("The time that all rows of this run are worked out for."))
    last_lead = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
