"""How long something took, on the pages of segments."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def took(milliseconds: int) -> str:
    """`40 ms`, `1.2 s`."""
    if milliseconds < 100:
        return _("%(n)d ms") % {"n": milliseconds}
    return _("%(n)s s") % {"n": number_format(milliseconds / 1000, 1)}
