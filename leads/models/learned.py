"""Points learned from closed leads: weights, what was left out, and how far the chances can be relied on, as rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.asked import Asked
from leads.models.scoring import ScoringRule


class LearnedModel(Asked):
    """Points learned from closed leads: a logistic regression over bins, as rows that a person can read."""

    until = models.DateTimeField(help_text=_("Only what was known by then."))
    closed = models.PositiveIntegerField(default=0)
    won = models.PositiveIntegerField(default=0)
    intercept = models.FloatField(default=0)
    points_per_logit = models.FloatField(default=0, help_text=_("Points = weight times this, rounded."))
    # Area under the curve: in five parts, and learned on the older leads and tried on the newer; calibration error.
    auc = models.FloatField(null=True, blank=True)
    auc_in_time = models.FloatField(null=True, blank=True)
    calibration_error = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("learned points")
        verbose_name_plural = _("learned points")

    def __str__(self) -> str:
        return f"Learned points {self.pk}"


class LearnedPoint(models.Model):
    """One line: a field, a bin of its values, what it weighs, and how many closed leads had it."""

    learned = models.ForeignKey(LearnedModel, models.CASCADE, related_name="points")
    field = models.CharField(max_length=14, choices=ScoringRule.Field)
    fact_name = models.CharField(max_length=60, blank=True)
    label = models.CharField(max_length=160)
    words = models.CharField(max_length=500, blank=True)
    minimum = models.FloatField(null=True, blank=True)
    maximum = models.FloatField(null=True, blank=True)
    is_missing = models.BooleanField(default=False, help_text=_("Those of whom it is not known."))
    weight = models.FloatField()
    points = models.SmallIntegerField()
    leads = models.PositiveIntegerField()
    won = models.PositiveIntegerField()

    class Meta:
        ordering = ["-points", "pk"]

    def __str__(self) -> str:
        return f"{self.label} {self.points:+d}"


class LeftOut(models.Model):
    """A field that was not learned from, and why: it gives the outcome away, or says nothing."""

    class Why(models.TextChoices):
        TELLS = "tells", _("gives the outcome away")
        LATE = "late", _("known only after the outcome")
        SAME = "same", _("nearly everybody has the same value")
        NAMES = "names", _("nearly everybody has a value of their own")

    learned = models.ForeignKey(LearnedModel, models.CASCADE, related_name="left_out")
    field = models.CharField(max_length=14)
    fact_name = models.CharField(max_length=60, blank=True)
    label = models.CharField(max_length=160)
    why = models.CharField(max_length=8, choices=Why)
    auc = models.FloatField(null=True, blank=True, help_text=_("How well it alone tells the outcome."))

    def __str__(self) -> str:
        return f"{self.label}: {self.get_why_display()}"


class ReliabilityBin(models.Model):
    """Of the leads given a chance between two bounds: how many there were, the mean chance, how many were won."""

    learned = models.ForeignKey(LearnedModel, models.CASCADE, related_name="reliability")
    lower = models.FloatField()
    upper = models.FloatField()
    leads = models.PositiveIntegerField()
    expected = models.FloatField()
    won = models.PositiveIntegerField()

    class Meta:
        ordering = ["lower"]

    def __str__(self) -> str:
        return f"{self.lower:.1f} – {self.upper:.1f}"


class DriftCheck(models.Model):
    """What the live learned points expected of leads closed in a span, and what came of them."""

    learned = models.ForeignKey(LearnedModel, models.CASCADE, related_name="drift")
    since = models.DateTimeField()
    until = models.DateTimeField()
    leads = models.PositiveIntegerField()
    expected = models.FloatField()
    won = models.PositiveIntegerField()
    alarm = models.BooleanField(default=False)

    class Meta:
        ordering = ["-until"]
        constraints = [models.UniqueConstraint(fields=["learned", "until"], name="drift_check_once")]

    def __str__(self) -> str:
        return f"{self.learned}: {self.won} of {self.leads}"
