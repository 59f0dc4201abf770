from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ProspectsConfig(AppConfig):
    """What sales does with them."""

    name = "prospects"
    verbose_name = _("Prospects")

    def ready(self) -> None:
        from leads.signals import (
            invitation_answered,
            lead_qualified,
            own_mail_filed,
            people_merging,
            people_parted,
            work_requested,
        )
        from prospects import defaults, receivers

        post_migrate.connect(defaults.after_migrate, sender=self)
        lead_qualified.connect(receivers.on_lead_qualified)
        work_requested.connect(receivers.on_work_requested)
        people_merging.connect(receivers.on_people_merging)
        people_parted.connect(receivers.on_people_parted)
        own_mail_filed.connect(receivers.on_own_mail_filed)
        invitation_answered.connect(receivers.on_invitation_answered)
