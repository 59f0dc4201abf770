from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    """Who answered, and what they did."""

    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        from campaigns.signals import asset_reads_differently, audience_changed
        from leads import defaults, indexes, receivers
        from leads.signals import people_merged, person_erased

        post_migrate.connect(defaults.after_migrate, sender=self)
        post_migrate.connect(indexes.after_migrate, sender=self)
        audience_changed.connect(receivers.on_audience_changed)
        asset_reads_differently.connect(receivers.on_asset_reads_differently)
        people_merged.connect(receivers.on_people_merged)
        person_erased.connect(receivers.on_person_erased)
