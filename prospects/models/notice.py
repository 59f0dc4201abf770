"""What a colleague should hear of: shown on the staff pages until it was seen."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prospects.models.prospect import Prospect


class Notice(models.Model):
    """Told once (`key`); the newest stand first."""

    class Kind(models.TextChoices):
        ASSIGNED = "assigned", _("a new prospect")
        CLOCK = "clock", _("a clock is broken")
        TOO_LONG = "too_long", _("too long in a stage")
        MENTION = "mention", _("named in a note")
        ANSWERED = "answered", _("marketing answered")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    prospect = models.ForeignKey(Prospect, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=300)
    key = models.CharField(max_length=80, unique=True, help_text=_("What it is about; told once."))
    at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_unseen", condition=Q(seen_at=None))
        ]  # the bell

    def __str__(self) -> str:
        return f"Notice {self.pk}"
