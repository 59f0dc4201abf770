"""Draws the plain widgets of forms as Django's own templates do, to the letter, without asking a template.

A page of sales has fifty inputs and forty options; a quarter of the time it took to draw went into their templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeData, SafeString, mark_safe

FOLDER = "django/forms/widgets/"
OPTION = f"{FOLDER}select_option.html"
INPUTS = (
    "input",
    "text",
    "hidden",
    "number",
    "email",
    "url",
    "tel",
    "search",
    "password",
    "date",
    "time",
    "checkbox",
)


class FormRenderer(DjangoTemplates):
    """Django's renderer, but for inputs, selects, text areas and errors that are none."""

    def render(self, template_name: str, context: Any, request: Any = None) -> SafeString:
        draw = DRAWN.get(template_name)
        words = draw(context) if draw else None
        if words is None:
            return mark_safe(super().render(template_name, context, request))
        return mark_safe(words)


def _input(context: Mapping[str, Any]) -> str:
    widget = context["widget"]
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return (
        f'<input type="{widget["type"]}" name="{conditional_escape(widget["name"])}"{value}{_attrs(widget)}>'
    )


def _textarea(context: Mapping[str, Any]) -> str:
    widget = context["widget"]
    value = conditional_escape(localize(widget["value"])) if widget["value"] else ""
    return f'<textarea name="{conditional_escape(widget["name"])}"{_attrs(widget)}>\n{value}</textarea>'


def _select(context: Mapping[str, Any]) -> str | None:
    """None where an option is drawn in a way of its own."""
    widget = context["widget"]
    parts = [f'<select name="{conditional_escape(widget["name"])}"{_attrs(widget)}>']
    for name, options, _index in widget["optgroups"]:
        if any(option["template_name"] != OPTION for option in options):
            return None
        if name:
            parts.append(f'\n  <optgroup label="{conditional_escape(localize(name))}">')
        parts += [f"\n  {_option(option)}\n" for option in options]
        if name:
            parts.append("\n  </optgroup>")
    return "".join([*parts, "\n</select>"])


def _errors(context: Mapping[str, Any]) -> str | None:
    """None where there are any: most fields have none, and that takes no template."""
    return None if context["errors"] else ""


def _option(option: Mapping[str, Any]) -> str:
    label = conditional_escape(localize(option["label"]))
    return f'<option value="{_text(option["value"])}"{_attrs(option)}>{label}</option>'


def _attrs(widget: Mapping[str, Any]) -> str:
    """` id="id_day" required`: a false one is left out, a true one has no value."""
    return "".join(
        f" {conditional_escape(name)}" if value is True else f' {conditional_escape(name)}="{_text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _text(value: Any) -> str:
    """As text and not in the reader's way of writing numbers, escaped unless it is marked as safe."""
    return str(value) if isinstance(value, SafeData) else conditional_escape(str(value))


DRAWN: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    "django/forms/errors/list/default.html": _errors,
    f"{FOLDER}textarea.html": _textarea,
    f"{FOLDER}select.html": _select,
    **{f"{FOLDER}{name}.html": _input for name in INPUTS},
}
