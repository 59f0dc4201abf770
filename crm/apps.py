from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    """What we learnt, and the wiring."""

    name = "crm"
    verbose_name = _("CRM")
