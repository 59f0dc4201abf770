"""Saved conditions over leads with stored membership."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.archive import Archivable
from leads.models.person import Person


class Segment(Archivable):
    class Match(models.TextChoices):
        ALL = "all", _("all lines hold")
        ANY = "any", _("any line holds")

    name = models.CharField(_("name"), max_length=120, unique=True)
    description = models.CharField(_("what for"), max_length=200, blank=True)
    match = models.CharField(_("somebody is in it if"), max_length=3, choices=Match, default=Match.ALL)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Membership is stored, as of this time. Null: not yet; then everybody is looked at, else only news.
    evaluated_at = models.DateTimeField(null=True, blank=True, editable=False)
    took_ms = models.PositiveIntegerField(null=True, blank=True, editable=False)
    size = models.PositiveIntegerField(null=True, blank=True, editable=False)
    # A hash of what its lines meant then: other lines, or another row behind a short name, ask for everybody again.
    meaning = models.CharField(max_length=64, blank=True, editable=False)
    # When somebody last looked at it: for a while it is kept up to date.
    wanted_at = models.DateTimeField(null=True, blank=True, editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("segment")
        verbose_name_plural = _("segments")

    def __str__(self) -> str:
        return self.name


class SegmentCondition(models.Model):
    """One line: what it looks at, how it compares, and with what. An empty value of `known` asks only that it is."""

    class Field(models.TextChoices):
        STATUS = "status", _("status")
        GRADE = "grade", _("grade")
        FIT = "fit", _("fit points")
        ENGAGEMENT = "engagement", _("engagement points")
        PERSONA = "persona", _("persona")
        JOURNEY = "journey", _("journey stage")
        EXCLUSION = "exclusion", _("excluded as")
        CHANNEL = "channel", _("first channel")
        CAMPAIGN = "campaign", _("first campaign")
        BECAME = "became", _("became a lead within days")
        TOUCHED = "touched", _("last touch within days")
        DID = "did", _("did, in days")
        CONSENT = "consent", _("agreed to")
        COUNTRY = "country", _("country")
        LANGUAGE = "language", _("language")
        TITLE = "title", _("job title has the word")
        COMPANY = "company", _("company (mail domain)")
        INDUSTRY = "industry", _("industry")
        SIZE = "size", _("company size")
        FACT = "fact", _("a fact by name")
        SALES_STAGE = "sales_stage", _("sales stage")
        WITH_SALES = "with_sales", _("with sales")
        SEGMENT = "segment", _("is in the segment")

    class Compare(models.TextChoices):
        IS = "is", _("is one of")
        FROM = "from", _("at least")
        UNTIL = "until", _("at most")
        KNOWN = "known", _("is known")

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="conditions")
    field = models.CharField(_("field"), max_length=12, choices=Field)
    negate = models.BooleanField(_("not"), default=False)
    name = models.CharField(
        _("which"), max_length=60, blank=True, help_text=_("The fact's name, or the kind of touch.")
    )
    compare = models.CharField(_("how"), max_length=5, choices=Compare, default=Compare.IS)
    value = models.CharField(_("value"), max_length=200, blank=True)
    times = models.PositiveSmallIntegerField(_("times"), default=1)
    days = models.PositiveSmallIntegerField(_("within days"), null=True, blank=True)

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


class ExportLog(models.Model):
    """Who took which people out as a file. Append-only; holds no person, so it stays when one is erased."""

    segment = models.ForeignKey(Segment, models.PROTECT, related_name="+", verbose_name=_("segment"))
    lines = models.JSONField(default=list, help_text=_("What it asked at that time, in words."))
    rows = models.PositiveIntegerField(_("people"))
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("export")
        verbose_name_plural = _("exports")

    def __str__(self) -> str:
        return f"{self.rows} of {self.segment}"
