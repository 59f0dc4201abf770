"""The ledger of the jobs, and who may run them now."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """One run of a job in one period. The unique pair (name, period) makes two tickers one run.

    Nightly and hourly jobs keep a row per period. A job that runs every few seconds has one row, of the
    period `latest`, which is written over: a heartbeat.
    """

    LATEST = "latest"

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    name = models.CharField(_("job"), max_length=64)
    period = models.CharField(_("period"), max_length=32)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.RUNNING)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    # Whose dispatcher lease the run was under: a run of a holder that is gone may be taken over.
    holder = models.CharField(_("holder"), max_length=128, blank=True, default="")
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    seconds = models.FloatField(_("seconds"), null=True, blank=True)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    error = models.TextField(_("error"), blank=True, default="")

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["name", "period"], name="crm_jobrun_once_a_period"),
        ]
        indexes = [
            # The status page and the catch-up: the newest run of each job.
            models.Index(fields=["name", "-started_at"], name="crm_jobrun_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.period}"


class DispatcherLease(models.Model):
    """Who may run jobs on this database now: one embedded worker, or the workers behind one broker."""

    name = models.CharField(_("name"), max_length=32, primary_key=True)
    holder = models.CharField(_("holder"), max_length=128)
    until = models.DateTimeField(_("until"))
    renewed_at = models.DateTimeField(_("renewed"))

    class Meta:
        verbose_name = _("dispatcher lease")
        verbose_name_plural = _("dispatcher leases")

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"
