"""Saved conditions over leads with stored membership."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.archive import Archivable
from leads.models.person import Person


class Segment(Archivable):
    name = models.CharField(_("name"), max_length=120, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    evaluated_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("segment")
        verbose_name_plural = _("segments")

    def __str__(self) -> str:
        return self.name


class SegmentCondition(models.Model):
    """All lines must hold."""

    class Field(models.TextChoices):
        STATUS = "status", _("status")
        GRADE = "grade", _("grade")
        PERSONA = "persona", _("persona")
        CHANNEL = "channel", _("first channel")
        CAMPAIGN = "campaign", _("first campaign")
        COUNTRY = "country", _("country")
        TOUCHED = "touched", _("last touch within days")

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="conditions")
    field = models.CharField(_("field"), max_length=12, choices=Field)
    negate = models.BooleanField(_("not"), default=False)
    value = models.CharField(_("value"), max_length=200)

    def __str__(self) -> str:
        return f"{self.get_field_display()}: {self.value}"


class SegmentMember(models.Model):
    segment = models.ForeignKey(Segment, models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "person"], name="segment_member_once")]

    def __str__(self) -> str:
        return f"{self.person} in {self.segment}"
