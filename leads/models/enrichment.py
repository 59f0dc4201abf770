"""Look-ups that failed and are to be tried again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.person import Person


class EnrichTry(models.Model):
    """An enricher that owes an answer about a person. The row goes when the answer comes; null due: given up."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    enricher = models.CharField(_("enricher"), max_length=60)
    tries = models.PositiveSmallIntegerField(default=1)
    due_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "enricher"], name="enrich_try_once")]
        # the sweep
        indexes = [models.Index(fields=["due_at"], name="enrich_try_due", condition=~models.Q(due_at=None))]

    def __str__(self) -> str:
        return f"{self.enricher} about {self.person}"
