"""What is known of the pieces of the library: which of them moved people on."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models import Asset, JourneyStage, Persona


class PieceRecord(models.Model):
    """Of the leads of a persona and stage who met a piece, how many qualified soon after. Counted each night."""

    persona = models.ForeignKey(
        Persona, models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    journey_stage = models.CharField(max_length=16, choices=JourneyStage, blank=True)
    asset = models.ForeignKey(Asset, models.CASCADE, related_name="+", db_index=False)
    people = models.PositiveIntegerField()
    moved = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("what moved people on")
        verbose_name_plural = _("what moved people on")

    def __str__(self) -> str:
        return f"{self.asset}: {self.moved} of {self.people}"
