"""A company as met by a mail domain or a form, long before sales own it as an account."""

from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.indexes import BeginsWith


class Company(models.Model):
    name = models.CharField(_("name"), max_length=160)
    domain = models.CharField(
        _("mail domain"),
        max_length=253,
        null=True,
        blank=True,
        unique=True,
        help_text=_("Never a free mailbox's domain."),
    )
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    size = models.PositiveIntegerField(_("people"), null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    city = models.CharField(_("place"), max_length=80, blank=True)
    founded_year = models.PositiveSmallIntegerField(_("founded"), null=True, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    custom = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        indexes = [
            models.Index(fields=["name"], name="company_by_name"),  # order of lists, duplicate check by name
            # the company a person named, in any capitals
            BeginsWith(Upper("name"), name="company_name_begins"),
        ]

    def __str__(self) -> str:
        return self.name
