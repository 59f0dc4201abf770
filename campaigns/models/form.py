"""What a form asks, and the words a person agrees to."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ConsentText(models.Model):
    """The words a person agreed to. A change is a new version; evidence points at the words of its day."""

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("marketing mail")
        TRACKING = "tracking", _("tracking")
        # Only ever objected to, never asked for on a form (GDPR art. 21).
        PROFILING = "profiling", _("scoring")

    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    language = models.CharField(_("language"), max_length=5, default="en")
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["purpose", "language", "-version"]
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "language", "version"], name="consent_text_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.language} v{self.version}"


class FormField(models.Model):
    """A field of a page's form, mapped to what it fills."""

    class Maps(models.TextChoices):
        EMAIL = "email", _("e-mail")
        FIRST_NAME = "first_name", _("first name")
        LAST_NAME = "last_name", _("last name")
        COMPANY = "company", _("company")
        JOB_TITLE = "job_title", _("job title")
        PHONE = "phone", _("phone")
        COUNTRY = "country", _("country")
        COMPANY_SIZE = "company_size", _("company size")
        INDUSTRY = "industry", _("industry")
        MESSAGE = "message", _("message")
        HEARD_FROM = "heard_from", _("how did you hear about us?")
        CUSTOM = "custom", _("a custom field")

    page = models.ForeignKey("campaigns.LandingPage", models.CASCADE, related_name="fields")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    maps_to = models.CharField(_("fills"), max_length=12, choices=Maps)
    custom_field = models.ForeignKey(
        "campaigns.CustomField", models.PROTECT, null=True, blank=True, related_name="+"
    )
    label = models.CharField(_("label"), max_length=80, blank=True, help_text=_("Empty: the usual label."))
    help_text = models.CharField(_("help"), max_length=200, blank=True)
    required = models.BooleanField(_("required"), default=True)
    later = models.BooleanField(
        _("ask later"),
        default=False,
        help_text=_("Only of a person who comes back by their own link and has answered the fields above."),
    )
    choices = models.TextField(_("choices"), blank=True, help_text=_("One a line; makes the field a list."))

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("form field")
        verbose_name_plural = _("form fields")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "maps_to"], condition=~Q(maps_to="custom"), name="form_field_once_a_page"
            )
        ]

    def __str__(self) -> str:
        return self.label or self.get_maps_to_display()
