from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """What we say, to whom, at what cost."""

    name = "campaigns"
    verbose_name = _("Campaigns")
