"""When and how much a rep works: teams, working time, absences, and the house's holidays."""

from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.archive import Archivable


class Team(Archivable):
    """Reps who share a target and a board."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    head = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("head"),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class Rep(models.Model):
    """Who works prospects: team, working time, and how many open ones at most. Without a row the defaults hold."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="reps", verbose_name=_("team")
    )
    working_days = models.CharField(
        _("working days"), max_length=7, default="12345", help_text=_("1 is Monday, 7 is Sunday.")
    )
    opens = models.TimeField(_("from"), default=time(9))
    closes = models.TimeField(_("until"), default=time(17))
    capacity = models.PositiveSmallIntegerField(
        _("open prospects at most"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    # A secret in an address: who knows it may read the calendar.
    calendar_key = models.CharField(max_length=43, null=True, blank=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("rep")
        verbose_name_plural = _("reps")

    def __str__(self) -> str:
        return str(self.user)


class Absence(models.Model):
    """Days, both included, on which a rep gets no new prospect and no clock runs for them."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who")
    )
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))

    class Meta:
        ordering = ["first_on", "pk"]
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="absence_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.first_on} – {self.last_on}"


class Holiday(models.Model):
    """A day on which nobody of the house works: no clock runs."""

    on = models.DateField(_("day"), unique=True)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        ordering = ["on"]
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")

    def __str__(self) -> str:
        return f"{self.on} {self.name}"
