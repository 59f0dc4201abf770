from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    """Who answered, and what they did."""

    name = "leads"
    verbose_name = _("Leads")
