from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    """Who answered, and what they did."""

    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        from leads import defaults

        post_migrate.connect(defaults.after_migrate, sender=self)
