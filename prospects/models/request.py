"""What sales asks of marketing: a piece of content that is missing, or a fact that is wrong."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Asset
from leads.models import Person
from prospects.models.prospect import Prospect


class MarketingRequest(models.Model):
    """One item of marketing's to-do list. Answered once; the rep hears the answer."""

    class Kind(models.TextChoices):
        CONTENT = "content", _("content is missing")
        WRONG_FACT = "wrong_fact", _("a fact is wrong")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        DECLINED = "declined", _("declined")

    prospect = models.ForeignKey(
        Prospect, models.PROTECT, null=True, blank=True, related_name="marketing_requests"
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    text = models.TextField(_("in a sentence"))
    field = models.CharField(_("which fact"), max_length=60, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    answer = models.TextField(_("answer"), blank=True)
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    submit_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("request to marketing")
        verbose_name_plural = _("requests to marketing")
        permissions = [("answer_requests", _("Can answer what sales asks of marketing"))]
        indexes = [
            models.Index(fields=["at"], name="marketing_request_open", condition=Q(state="open"))
        ]  # marketing's list

    def __str__(self) -> str:
        return f"Request {self.pk}"
