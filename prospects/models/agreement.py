"""What marketing and sales agreed on: the rules as they read on a day, and who of both heads has acknowledged them."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Agreement(models.Model):
    """A version. Made when the rules read otherwise than before; never changed (docs/agreement.md)."""

    number = models.PositiveIntegerField(unique=True)
    body = models.JSONField(help_text=_("Section → lines, as they stood."))
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")

    def __str__(self) -> str:
        return f"Agreement {self.number}"


class Acknowledgement(models.Model):
    class Side(models.TextChoices):
        MARKETING = "marketing", _("marketing")
        SALES = "sales", _("sales")

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="acknowledgements")
    side = models.CharField(max_length=10, choices=Side)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["agreement", "side"], name="acknowledged_once_a_side")]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.get_side_display()}"
