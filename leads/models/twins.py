"""Two rows that may be one person: found, looked at side by side, merged, and parted again."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.models.person import Person


class Twin(models.Model):
    """A pair that looks alike. `one` has the smaller id. Who said "two people" is not asked again."""

    class State(models.TextChoices):
        OPEN = "open", _("to be looked at")
        MERGED = "merged", _("merged")
        DIFFERENT = "different", _("two people")

    one = models.ForeignKey(Person, models.PROTECT, related_name="+")
    two = models.ForeignKey(Person, models.PROTECT, related_name="+")
    score = models.FloatField(_("alike"), help_text=_("0 to 1."))
    why = models.JSONField(default=dict, help_text=_("Field → how alike."))
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-score", "pk"]
        verbose_name = _("possible double")
        verbose_name_plural = _("possible doubles")
        permissions = [("merge_people", _("Can merge two people and part them again"))]
        constraints = [
            models.UniqueConstraint(fields=["one", "two"], name="twins_once"),
            models.CheckConstraint(condition=Q(one__lt=F("two")), name="twins_in_order"),
        ]
        indexes = [models.Index(fields=["-score"], name="twins_open", condition=Q(state="open"))]  # the queue

    def __str__(self) -> str:
        return f"Twins {self.one_id} and {self.two_id}"


class Merge(models.Model):
    """`gone` became part of `keep`. `changes` says, by table, what pointed where, so that it can be undone."""

    keep = models.ForeignKey(Person, models.PROTECT, related_name="+")
    gone = models.ForeignKey(Person, models.PROTECT, related_name="+")
    changes = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    submit_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("merge")
        verbose_name_plural = _("merges")

    def __str__(self) -> str:
        return f"Merge {self.pk}"
