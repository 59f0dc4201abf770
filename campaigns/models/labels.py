"""What a choice is called on a screen."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.encoding import force_str


class Labelled(models.Model):
    """For rows that are drawn by the fifty: `get_…_display` translates the one label it answers with.

    Django's translates all labels of the field each time: it makes them hashable first.
    """

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field: Any) -> Any:
        value = getattr(self, field.attname)
        label = next((label for key, label in field.flatchoices if key == value), value)
        return force_str(label, strings_only=True)
