"""The log of what was read from files. It names files, lines and columns, never what stood in a cell."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign


class ImportRun(models.Model):
    """One reading of one file. The same file again adds a run here and changes nothing else; a dry run adds none."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    file_name = models.CharField(_("file"), max_length=200)
    file_sha256 = models.CharField(max_length=64)
    mapping = models.CharField(_("mapping"), max_length=80)
    mapping_sha256 = models.CharField(max_length=64, blank=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    seconds = models.FloatField(_("seconds"), null=True, blank=True)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    notes = models.TextField(
        _("notes"), blank=True, help_text=_("What was assumed where the file is silent.")
    )
    error = models.CharField(_("error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"Import {self.pk}"


class ImportLine(models.Model):
    """A line that stayed out, or one that went in and deserves a look. Good lines leave none."""

    class Kind(models.TextChoices):
        REFUSED = "refused", _("stayed out")
        FLAGGED = "flagged", _("went in, flagged")

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField(_("line"), help_text=_("As an editor counts; the header is one too."))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("import line")
        verbose_name_plural = _("import lines")
        ordering = ["run", "line", "pk"]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"
