"""The user of the whole project."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


def known_time_zone(name: str) -> None:
    """Refuse a zone name that the zone database does not know."""
    if name and name not in available_timezones():
        raise ValidationError(
            _("%(name)s is no time zone; write it as Europe/Zurich."), params={"name": name}
        )


class User(AbstractUser):
    """Somebody who signs in: marketing, sales, an operator."""

    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, default="", validators=[known_time_zone]
    )

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [
            ("view_reports", _("Can see the reports")),
            ("view_status", _("Can see the status page")),
            ("operate_jobs", _("Can run and stop jobs")),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.get_username()

    def zone(self) -> ZoneInfo:
        """The user's own zone, else the zone of the installation."""
        return ZoneInfo(self.time_zone or settings.TIME_ZONE)
