"""Widgets are drawn without templates, and to the letter as Django's templates draw them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.forms.utils import ErrorList
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from crm.form_renderer import DRAWN, FormRenderer

ODD = '"><script>1&amp;2</script>'
CHOICES = [
    ("", "–"),
    ("a&b", mark_safe("<b>bold</b>")),
    (1, gettext_lazy("Stage")),
    (2000, 2000),
    (Decimal("1.5"), Decimal("1234.5")),
    (mark_safe("safe&amp;"), ODD),
    ("Group <1>", [("x", "in a group"), (None, "none")]),
]
ATTRS = {"id": "id_x", "class": ODD, "required": True, "disabled": False, "data-n": 12345, "maxlength": None}
CASES: list[tuple[forms.Widget, Any]] = [
    (forms.TextInput(), ODD),
    (forms.TextInput(), None),
    (forms.TextInput(), ""),
    (forms.TextInput(), mark_safe("a&amp;b")),
    (forms.NumberInput(), 12345),
    (forms.NumberInput(), Decimal("1234.50")),
    (forms.EmailInput(), "ada@acme.example"),
    (forms.URLInput(), "https://acme.example/?a=1&b=2"),
    (forms.PasswordInput(), "secret"),
    (forms.HiddenInput(), 7),
    (forms.DateInput(), date(2026, 11, 22)),
    (forms.TimeInput(), "09:30"),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput(), "yes&no"),
    (forms.Textarea(), ODD),
    (forms.Textarea(), ""),
    (forms.Textarea(), None),
    (forms.Select(choices=CHOICES), "a&b"),
    (forms.Select(choices=CHOICES), 2000),
    (forms.Select(choices=()), None),
    (forms.SelectMultiple(choices=CHOICES), ["x", 1]),
    (forms.NullBooleanSelect(), True),
    (forms.RadioSelect(choices=CHOICES), "x"),
    (forms.CheckboxSelectMultiple(choices=CHOICES), ["x"]),
    (forms.SplitDateTimeWidget(), None),
    (forms.FileInput(), None),
]


@pytest.mark.parametrize("attrs", [{}, ATTRS])
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("widget", "value"), CASES)
def test_a_widget_is_the_same_as_by_djangos_template(
    widget: forms.Widget, value: Any, language: str, attrs: dict[str, Any]
) -> None:
    with override(language):
        ours = widget.render("a<name>", value, attrs, FormRenderer())
        assert ours == widget.render("a<name>", value, attrs, DjangoTemplates())
        assert hasattr(ours, "__html__")


def test_a_whole_form_is_the_same() -> None:
    class Asked(forms.Form):
        name = forms.CharField(max_length=80, help_text="as on the card")
        size = forms.ChoiceField(choices=[("s", "small"), ("l", "large")])
        words = forms.CharField(widget=forms.Textarea)

    given = {"name": ODD, "size": "x"}
    plain, ours = Asked(given, renderer=DjangoTemplates()), Asked(given, renderer=FormRenderer())
    assert str(plain) == str(ours)


def test_errors_are_drawn_and_none_are_nothing() -> None:
    for errors in (ErrorList(), ErrorList(["Say <when>."])):
        assert (
            ErrorList(errors, renderer=FormRenderer()).render()
            == ErrorList(errors, renderer=DjangoTemplates()).render()
        )


def test_what_is_drawn_here_is_djangos_and_this_is_the_renderer_of_the_site() -> None:
    assert isinstance(get_default_renderer(), FormRenderer)
    for name in DRAWN:
        DjangoTemplates().get_template(name)
