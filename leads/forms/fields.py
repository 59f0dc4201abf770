"""The form field for one line of a page's form: its widget, its choices, its words."""

from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.models import CustomField, FormField
from leads.answers import LENGTHS, LONGEST_FACT, check_email, custom_choices, custom_value, plain
from leads.countries import country_names
from leads.forms.words import AUTOCOMPLETE, LABELS, SIZES

Maps = FormField.Maps
Lines = tuple[tuple[str, str], ...]


class PlainField(forms.CharField):
    """Text from a visitor, made harmless before it is measured."""

    def to_python(self, value: object) -> str:
        return plain(str(value or ""), keep_lines=isinstance(self.widget, forms.Textarea))


class CustomAnswer(PlainField):
    """The answer to a typed custom field, in the one form that is kept."""

    def __init__(self, *, custom: CustomField, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.custom = custom

    def to_python(self, value: object) -> str:
        return custom_value(self.custom, super().to_python(value))


class ListSelect(forms.Select):
    """A list whose lines are made once and kept: rendered a template each, 250 countries would cost 20 ms."""

    def __init__(self, *, lines: Lines, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lines = lines

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        given = {"name": name, **self.attrs, **(attrs or {})}
        pairs = format_html_join("", ' {}="{}"', ((k, v) for k, v in given.items() if v not in (True, False)))
        flags = format_html_join("", " {}", ((k,) for k, v in given.items() if v is True))
        options, first = _options(self.lines), _("Choose one")
        if value:
            chosen = f'<option value="{escape(value)}"'  # as `_options` escapes it
            options = mark_safe(options.replace(f"{chosen}>", f"{chosen} selected>", 1))
        return format_html(
            '<select{}{}><option value="">{}</option>{}</select>', pairs, flags, first, options
        )

    def use_required_attribute(self, initial: Any) -> bool:
        """The first line is empty, so a browser may insist on another."""
        return True


class ListField(forms.Field):
    """One of the lines of a list, by its value."""

    def __init__(self, *, lines: Lines, attrs: dict[str, str], **kwargs: Any) -> None:
        super().__init__(widget=ListSelect(lines=lines, attrs=attrs), **kwargs)
        self.lines = lines

    def to_python(self, value: object) -> str:
        return plain(str(value or ""))

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not any(value == one for one, _words in self.lines):
            raise ValidationError(_("Please choose one of the list."), "invalid_choice")


@lru_cache(maxsize=256)
def _options(lines: Lines) -> str:
    return format_html_join("", '<option value="{}">{}</option>', lines)


def label_of(field: FormField) -> str:
    """The marketer's words, else the custom field's, else the usual ones."""
    own = field.label or (field.custom_field.label if field.custom_field else "")
    usual = LABELS.get(Maps(field.maps_to))
    return own or str(usual or field.get_maps_to_display().capitalize())


def shared_field(field: FormField, *, required: bool | None = None) -> forms.Field:
    """The same, made once for a line that is kept in the process (`campaigns.kept`): checking does not change it.

    Whoever shows it takes a copy first, because crispy writes into what it lays out.
    """
    made = field.__dict__.setdefault("_form_fields", {})
    key = (get_language(), required)
    if key not in made:
        made[key] = build_field(field, required=required)
    return made[key]


def build_field(field: FormField, *, required: bool | None = None) -> forms.Field:
    """The form field for one line of a page's form. ``required`` overrides what the line says."""
    common: dict[str, Any] = {
        "label": label_of(field),
        "required": field.required if required is None else required,
        "help_text": field.help_text,
    }
    lines = _lines(field)
    if lines:
        attrs = {"autocomplete": AUTOCOMPLETE.get(Maps(field.maps_to), "off")}
        return ListField(
            lines=lines, attrs=attrs, error_messages={"required": _("Please choose one.")}, **common
        )
    common["error_messages"] = {
        "required": _empty(field),
        "max_length": _("This is too long: at most %(limit_value)d characters, please."),
    }
    if field.custom_field:
        return CustomAnswer(
            custom=field.custom_field,
            max_length=LONGEST_FACT,
            widget=_custom_widget(field.custom_field),
            **common,
        )
    maps = Maps(field.maps_to)
    return PlainField(
        max_length=LENGTHS.get(maps, LONGEST_FACT),
        widget=_widget(maps),
        validators=[check_email] if maps == Maps.EMAIL else [],
        **common,
    )


def _empty(field: FormField) -> str:
    return (
        _("Please type your e-mail address.")
        if field.maps_to == Maps.EMAIL
        else _("Please fill in this field.")
    )


def _lines(field: FormField) -> Lines:
    """Lines of a list field, each ``words`` or ``value | words``; sizes, countries, custom lists have usual ones."""
    given = [line.partition("|") for line in field.choices.splitlines() if line.strip()]
    if given:
        return tuple((value.strip(), (words or value).strip()) for value, _bar, words in given)
    if field.maps_to == Maps.COMPANY_SIZE:
        return tuple((value, str(words)) for value, words in SIZES)
    if field.maps_to == Maps.COUNTRY:
        return country_names(get_language() or "en")
    return _custom_lines(field.custom_field) if field.custom_field else ()


def _custom_lines(custom: CustomField) -> Lines:
    if custom.kind == custom.Kind.YES_NO:
        return (("yes", _("Yes")), ("no", _("No")))
    if custom.kind == custom.Kind.CHOICE:
        return tuple((line, line) for line in custom_choices(custom))
    return ()


def _widget(maps: FormField.Maps) -> forms.Widget:
    attrs = {"autocomplete": AUTOCOMPLETE[maps]} if maps in AUTOCOMPLETE else {}
    if maps == Maps.EMAIL:
        return forms.EmailInput({**attrs, "inputmode": "email"})
    if maps == Maps.MESSAGE:
        return forms.Textarea({**attrs, "rows": 4})
    if maps == Maps.PHONE:
        return forms.TextInput({**attrs, "type": "tel", "inputmode": "tel"})
    return forms.TextInput(attrs)


def _custom_widget(custom: CustomField) -> forms.Widget:
    """A date has the browser's own calendar; a number is typed, since a number input hides what it cannot read."""
    if custom.kind == custom.Kind.DATE:
        return forms.TextInput({"type": "date"})
    if custom.kind == custom.Kind.NUMBER:
        return forms.TextInput({"inputmode": "decimal"})
    return forms.TextInput()
