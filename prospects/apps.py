from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ProspectsConfig(AppConfig):
    """What sales does with them."""

    name = "prospects"
    verbose_name = _("Prospects")

    def ready(self) -> None:
        from prospects import defaults

        post_migrate.connect(defaults.after_migrate, sender=self)
