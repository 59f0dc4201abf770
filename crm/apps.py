from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def after_migrate(using: str, **kwargs: Any) -> None:
    """Note an SQLite file as made, and bring the role groups up to the table of crm/roles.py."""
    from django.db import connections

    from crm import database, roles

    connection = connections[using]
    name, of_tests = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    if connection.vendor == "sqlite" and name != of_tests and not str(name).startswith("file:"):
        database.remember(str(name))
    roles.set_up_roles()


class CrmConfig(AppConfig):
    """What we learnt, and the wiring."""

    name = "crm"
    verbose_name = _("CRM")

    def ready(self) -> None:
        from crm import checks  # noqa: F401 - registers itself

        # crm is migrated last, so the permissions of all apps are there.
        post_migrate.connect(after_migrate, sender=self)
