"""What the house wants to reach in a month, and what both teams decided about a verdict they read differently."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from prospects.models.prospect import Prospect
from prospects.models.team import Team


class Target(models.Model):
    """A number for a month, of the house or of one rep, team or campaign."""

    class Measure(models.TextChoices):
        LEADS = "leads", _("leads")
        MARKETING_QUALIFIED = "marketing_qualified", _("marketing-qualified")
        SALES_QUALIFIED = "sales_qualified", _("sales-qualified")
        MEETINGS = "meetings", _("meetings held")
        REVENUE = "revenue", _("revenue")

    month = models.DateField(_("month"), help_text=_("Its first day."))
    measure = models.CharField(_("what"), max_length=20, choices=Measure)
    # "house", "rep:7", "team:2", "campaign:9": one column, since NULLs are distinct in a unique constraint.
    whose = models.CharField(max_length=24, default="house", editable=False)
    rep = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="+")
    value = models.DecimalField(max_digits=14, decimal_places=2, validators=[MinValueValidator(0)])
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["month", "measure", "whose"]
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.UniqueConstraint(fields=["month", "measure", "whose"], name="target_once"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.get_measure_display()}: {self.whose}"


class Review(models.Model):
    """Marketing's grade and sales' verdict disagreed; this is what both found when they looked again."""

    class Decision(models.TextChoices):
        MARKETING = "marketing", _("the grade was right")
        SALES = "sales", _("the verdict was right")
        RULE = "rule", _("a rule is to be changed")

    prospect = models.OneToOneField(Prospect, models.PROTECT, related_name="review")
    decision = models.CharField(_("who was right"), max_length=10, choices=Decision)
    note = models.TextField(_("note"), blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self) -> str:
        return f"Review of {self.prospect}"
