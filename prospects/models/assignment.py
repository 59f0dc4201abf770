"""Who gets a new prospect, and the row that says why."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.models.archive import Archivable
from prospects.models.prospect import Prospect


class AssignmentRule(Archivable):
    """Who gets a new prospect. The first rule that fits decides; no words: it fits everybody."""

    class Field(models.TextChoices):
        ACCOUNT = "account", _("owner of the account")
        COUNTRY = "country", _("country")
        PLACE = "place", _("place")
        INDUSTRY = "industry", _("industry")
        LANGUAGE = "language", _("language")
        SOURCE = "source", _("channel of the first touch")
        ANY = "any", _("anybody")

    order = models.PositiveSmallIntegerField(_("order"), default=100)
    name = models.CharField(_("name"), max_length=80)
    field = models.CharField(_("looks at"), max_length=10, choices=Field, default=Field.ANY)
    words = models.CharField(_("values"), max_length=500, blank=True, help_text=_("Separated by commas."))

    history = HistoricalRecords()

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("assignment rule")
        verbose_name_plural = _("assignment rules")

    def __str__(self) -> str:
        return self.name


class AssignmentMember(models.Model):
    """A rep of a rule. Whoever is owed most is next (docs/assignment.md)."""

    rule = models.ForeignKey(AssignmentRule, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    given = models.PositiveIntegerField(_("given so far"), default=0, editable=False)
    # Grows by this member's share of each prospect given while they could take one, shrinks by one with each they get.
    owed = models.FloatField(_("owed"), default=0, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["rule", "user"], name="assignment_member_once")]

    def __str__(self) -> str:
        return f"{self.user}"


class Assignment(models.Model):
    """A prospect came to an owner, or to nobody. Append-only; the newest is the owner of today."""

    prospect = models.ForeignKey(Prospect, models.PROTECT, related_name="assignments")
    old_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    rule = models.ForeignKey(AssignmentRule, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        indexes = [models.Index(fields=["rule", "at"], name="assignment_of_rule")]  # the fairness table

    def __str__(self) -> str:
        return f"{self.prospect} → {self.owner or '–'}"
