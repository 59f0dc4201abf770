"""Nouns that old reports name are archived, never deleted."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class ArchivableQuerySet(models.QuerySet):
    def in_use(self) -> Self:
        """What can still be chosen on a form."""
        return self.filter(archived_at=None)


class Archivable(models.Model):
    archived_at = models.DateTimeField(
        _("archived"),
        null=True,
        blank=True,
        help_text=_("Set it to hide this from new work. Old reports keep the name."),
    )

    objects = ArchivableQuerySet.as_manager()

    class Meta:
        abstract = True
