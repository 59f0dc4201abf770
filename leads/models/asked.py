"""Long work that somebody asks for and the worker does: trying a version of the rules on the past."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.models.scoring import ScoringModel


class Asked(models.Model):
    """Long work that somebody asked for and the worker does: the row is the queue, and holds the result."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    beat_at = models.DateTimeField(null=True, blank=True, help_text=_("A sign of life of the worker."))
    progress = models.PositiveSmallIntegerField(default=0, help_text=_("Per cent."))
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class Backtest(Asked):
    """A version of the rules tried on the past, week by week, with only what was known then."""

    model = models.ForeignKey(ScoringModel, models.PROTECT, related_name="backtests")
    beside = models.ForeignKey(
        ScoringModel, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("The version that was live when it was asked for."),
    )  # fmt: skip
    until = models.DateTimeField()
    weeks = models.PositiveSmallIntegerField(_("weeks"), default=26)
    capacity = models.PositiveSmallIntegerField(_("calls a week"), default=20)
    # Numbers and ids only: names are read when it is shown, so an erased person is in no old result.
    result = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("backtest")
        verbose_name_plural = _("backtests")

    def __str__(self) -> str:
        return f"Backtest {self.pk}"
