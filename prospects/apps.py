from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProspectsConfig(AppConfig):
    """What sales does with them."""

    name = "prospects"
    verbose_name = _("Prospects")
