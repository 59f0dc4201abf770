"""The log of what was read from files. It names files, lines and columns, never what stood in a cell."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from prospects.models import ProspectingList


class ImportRun(models.Model):
    """One file on its way in: uploaded, checked, read, perhaps undone. The same file again changes nothing else.

    The row is also the queue of the worker and the checkpoint after a crash: `done_line`, `counts` and
    `error_bytes` are written in the transaction of each batch.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("file uploaded")
        TO_CHECK = "to_check", _("dry run")
        CHECKED = "checked", _("dry run done")
        WAITING = "waiting", _("waits for the worker")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        TO_UNDO = "to_undo", _("being undone")
        UNDONE = "undone", _("undone")

    file_name = models.CharField(_("file"), max_length=200)
    file_sha256 = models.CharField(max_length=64)
    # Below DATA_DIR/imports where it was uploaded, else the whole path; empty once the file was deleted.
    path = models.CharField(max_length=500, blank=True)
    mapping = models.CharField(_("mapping"), max_length=80)
    mapping_sha256 = models.CharField(max_length=64, blank=True)
    mapping_text = models.TextField(blank=True, help_text=_("As TOML, so that a run can be resumed."))
    kind = models.CharField(_("kind"), max_length=12, default="lead")
    source = models.CharField(_("source"), max_length=40, blank=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="+")
    # Cold contacts come in on a list of sales, which says on what ground we may speak to them.
    prospecting_list = models.ForeignKey(
        ProspectingList, models.PROTECT, null=True, blank=True, related_name="+"
    )
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
    # Why those who said yes elsewhere may be written to. Without it nobody gets marketing mail by being imported.
    basis = models.CharField(_("legal basis"), max_length=80, blank=True)
    basis_source = models.CharField(_("source of the legal basis"), max_length=80, blank=True)
    basis_on = models.DateField(_("date of the legal basis"), null=True, blank=True)
    no_opt_outs = models.BooleanField(
        _("no opt-outs"), default=False, help_text=_("Somebody said that this source has no opt-outs.")
    )
    # What the dry run found: counts, the first broken lines, what was assumed.
    checked = models.JSONField(default=dict, blank=True)
    done_line = models.PositiveIntegerField(default=0)
    error_bytes = models.PositiveBigIntegerField(default=0)
    # Who works on it, and when that was last heard of: a run whose worker is gone is taken over.
    claim = models.UUIDField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What stood in the way of the undo, or what it left as it was: words and ids, no values.
    undo_found = models.JSONField(default=list, blank=True)
    submit_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(
                fields=["started_at"],
                name="import_run_due",
                condition=Q(state__in=["to_check", "waiting", "running", "to_undo"]),
            )
        ]  # the worker's queue

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


class ImportBatch(models.Model):
    """What one transaction of an import changed, so that it can be undone. Ids and fingerprints, no values.

    `made`: model → ranges of ids. `filled`: person → column → fingerprint of what was put into the blank.
    `moved`: [model, id, {column: [before, after]}], for columns that say nothing of a person by themselves.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="batches")
    last_line = models.PositiveIntegerField()
    made = models.JSONField(default=dict)
    filled = models.JSONField(default=dict)
    moved = models.JSONField(default=list)

    class Meta:
        ordering = ["run", "pk"]

    def __str__(self) -> str:
        return f"Batch {self.pk} of {self.run}"


class SavedMapping(models.Model):
    """A mapping that somebody chose on the import page; offered again for a file of the same shape or source."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=12)
    source = models.CharField(_("source"), max_length=40, blank=True)
    # Of the names of the columns, whatever their order.
    header_key = models.CharField(max_length=64, db_index=True)
    text = models.TextField(_("mapping"), help_text=_("As TOML; equal to a mapping file."))
    at = models.DateTimeField(_("saved"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("saved mapping")
        verbose_name_plural = _("saved mappings")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
