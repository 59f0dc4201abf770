"""Marks of the sequence pages: a number that opens its people, and a share beside it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from leads.models import Message
from leads.nurture.live import StepLive
from leads.templatetags.staff_ui import count, percent

register = template.Library()


@register.simple_tag(takes_context=True)
def step_rows(context: Any, line: StepLive, what: str, number: int) -> SafeString | str:
    """The number as a link to the people behind it; a plain zero where there are none."""
    if not number:
        return format_html('<span class="zero">{}</span>', 0)
    url = reverse("staff-sequence-rows", args=[context["sequence"].pk, what])
    return format_html('<a href="{}?{}">{}</a>', url, urlencode({"step": line.step.pk}), count(number))


@register.simple_tag
def share_of(part: int, whole: int) -> SafeString | str:
    """A share in small letters under a number; nothing where nothing can be said."""
    return format_html('<div class="meta">{}</div>', percent(part / whole)) if part and whole else ""


@register.filter
def state_words(state: str) -> str:
    """A state of a mail, or what it is called where it is none."""
    return str(dict(Message.State.choices).get(state, state))
