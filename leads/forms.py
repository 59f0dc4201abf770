"""The form of a landing page, built from its fields. It checks what was typed; `leads.capture` does the rest."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.library import NEWSLETTER
from campaigns.models import ConsentText, FormField, LandingPage
from leads.identity import BadAddress, email_key
from leads.nonce import Shown, make, read

Maps = FormField.Maps

LABELS = {
    Maps.EMAIL: gettext_lazy("Work e-mail"),
    Maps.FIRST_NAME: pgettext_lazy("public", "First name"),
    Maps.LAST_NAME: pgettext_lazy("public", "Last name"),
    Maps.COMPANY: pgettext_lazy("public", "Company"),
    Maps.JOB_TITLE: pgettext_lazy("public", "Job title"),
    Maps.PHONE: pgettext_lazy("public", "Phone"),
    Maps.COUNTRY: pgettext_lazy("public", "Country"),
    Maps.INDUSTRY: pgettext_lazy("public", "Industry"),
    Maps.MESSAGE: gettext_lazy("What would you like to know?"),
    Maps.COMPANY_SIZE: gettext_lazy("How many people work there?"),
    Maps.HEARD_FROM: gettext_lazy("How did you hear about us?"),
}
AUTOCOMPLETE = {
    Maps.EMAIL: "email",
    Maps.FIRST_NAME: "given-name",
    Maps.LAST_NAME: "family-name",
    Maps.COMPANY: "organization",
    Maps.JOB_TITLE: "organization-title",
    Maps.PHONE: "tel",
    Maps.COUNTRY: "country",
}
# As long as the column that keeps the answer.
LENGTHS = {
    Maps.EMAIL: 254,
    Maps.FIRST_NAME: 80,
    Maps.LAST_NAME: 80,
    Maps.COMPANY: 160,
    Maps.JOB_TITLE: 120,
    Maps.PHONE: 40,
    Maps.MESSAGE: 2000,
}
# The value is the smallest number of people of the class.
SIZES = [
    ("1", gettext_lazy("1 to 9")),
    ("10", gettext_lazy("10 to 49")),
    ("50", gettext_lazy("50 to 249")),
    ("250", gettext_lazy("250 to 999")),
    ("1000", gettext_lazy("1,000 and more")),
]
COUNTRIES = [
    ("AT", gettext_lazy("Austria")),
    ("BE", gettext_lazy("Belgium")),
    ("CA", gettext_lazy("Canada")),
    ("CZ", gettext_lazy("Czechia")),
    ("DK", gettext_lazy("Denmark")),
    ("FI", gettext_lazy("Finland")),
    ("FR", gettext_lazy("France")),
    ("DE", gettext_lazy("Germany")),
    ("IE", gettext_lazy("Ireland")),
    ("IT", gettext_lazy("Italy")),
    ("LI", gettext_lazy("Liechtenstein")),
    ("LU", gettext_lazy("Luxembourg")),
    ("NL", gettext_lazy("Netherlands")),
    ("NO", gettext_lazy("Norway")),
    ("PL", gettext_lazy("Poland")),
    ("PT", gettext_lazy("Portugal")),
    ("ES", gettext_lazy("Spain")),
    ("SE", gettext_lazy("Sweden")),
    ("CH", gettext_lazy("Switzerland")),
    ("GB", gettext_lazy("United Kingdom")),
    ("US", gettext_lazy("United States")),
    ("ZZ", gettext_lazy("Another country")),
]
SHORT = {
    "required": gettext_lazy("is still empty"),
    "no_at": gettext_lazy("the address has no @ sign"),
    "no_ending": gettext_lazy("the address has no ending"),
    "bad_address": gettext_lazy("the address does not work"),
    "max_length": gettext_lazy("is too long"),
    "invalid_choice": gettext_lazy("choose one of the list"),
    "bad_phone": gettext_lazy("the number is too short"),
}


@dataclass(frozen=True)
class Problem:
    """One line of the summary above the form; ``anchor`` is empty for what concerns no single field."""

    anchor: str
    label: str
    short: str


def plain(value: str, *, keep_lines: bool = False) -> str:
    """What was typed, in one form of Unicode (NFC), without control characters and lone surrogates."""
    kept = (
        char
        for char in value.replace("\r\n", "\n")
        if unicodedata.category(char) not in {"Cc", "Cs"} or (keep_lines and char in "\n\t")
    )
    return unicodedata.normalize("NFC", "".join(kept)).strip()


class PlainField(forms.CharField):
    """Text from a visitor, made harmless before it is measured."""

    def to_python(self, value: object) -> str:
        return plain(str(value or ""), keep_lines=isinstance(self.widget, forms.Textarea))


def check_email(value: str) -> None:
    """Say what is wrong with an address in words that help to put it right."""
    shown = {"value": value}
    if "@" not in value:
        raise ValidationError(
            _("“%(value)s” has no @ sign. An address looks like name@company.com."), "no_at", shown
        )
    if "." not in value.rpartition("@")[2].strip("."):
        raise ValidationError(
            _("“%(value)s” stops too early. Add the ending, such as .com or .eu."), "no_ending", shown
        )
    try:
        email_key(value)
    except BadAddress:
        message = _("“%(value)s” is no address that mail can reach. Please look at it once more.")
        raise ValidationError(message, "bad_address", shown) from None


def check_phone(value: str) -> None:
    if sum(char.isdigit() for char in value) < 6:
        raise ValidationError(
            _("A phone number has at least six digits. Begin with the country, such as +41."), "bad_phone"
        )


def _choices(field: FormField) -> list[tuple[str, Any]]:
    """Lines of a list field, each ``words`` or ``value | words``; sizes and countries have usual ones."""
    lines = [line.partition("|") for line in field.choices.splitlines() if line.strip()]
    given = [(value.strip(), (words or value).strip()) for value, _bar, words in lines]
    usual: dict[Maps, list[tuple[str, Any]]] = {Maps.COMPANY_SIZE: SIZES, Maps.COUNTRY: COUNTRIES}
    return given or usual.get(Maps(field.maps_to), [])


def _widget(field: FormField) -> forms.Widget:
    maps = Maps(field.maps_to)
    attrs = {"autocomplete": AUTOCOMPLETE[maps]} if maps in AUTOCOMPLETE else {}
    if field.maps_to == Maps.EMAIL:
        return forms.EmailInput({**attrs, "inputmode": "email"})
    if field.maps_to == Maps.MESSAGE:
        return forms.Textarea({**attrs, "rows": 4})
    if field.maps_to == Maps.PHONE:
        return forms.TextInput({**attrs, "type": "tel", "inputmode": "tel"})
    return forms.TextInput(attrs)


def _validators(field: FormField) -> list[Callable[[str], None]]:
    checks: dict[Maps, Callable[[str], None]] = {Maps.EMAIL: check_email, Maps.PHONE: check_phone}
    check = checks.get(Maps(field.maps_to))
    return [check] if check else []


def _custom_choices(field: FormField) -> list[tuple[str, str]]:
    custom = field.custom_field
    if custom is None:
        return []
    if custom.kind == custom.Kind.YES_NO:
        return [("yes", _("Yes")), ("no", _("No"))]
    return [(line.strip(), line.strip()) for line in custom.choices.splitlines() if line.strip()]


def build_field(field: FormField) -> forms.Field:
    """The form field for one line of a page's form."""
    label = field.label or (field.custom_field.label if field.custom_field else "")
    label = label or str(LABELS.get(Maps(field.maps_to), field.get_maps_to_display().capitalize()))
    empty = (
        _("Please fill in this field.")
        if field.maps_to != Maps.EMAIL
        else _("Please type your e-mail address.")
    )
    common: dict[str, Any] = {"label": label, "required": field.required, "help_text": field.help_text}
    choices = _choices(field) or _custom_choices(field)
    if choices:
        return forms.ChoiceField(
            choices=[("", _("Choose one")), *choices],
            widget=forms.Select({"autocomplete": AUTOCOMPLETE.get(Maps(field.maps_to), "off")}),
            error_messages={
                "required": _("Please choose one."),
                "invalid_choice": _("Please choose one of the list."),
            },
            **common,
        )
    length = LENGTHS.get(Maps(field.maps_to), 500)
    return PlainField(
        max_length=length,
        widget=_widget(field),
        validators=_validators(field),
        error_messages={
            "required": empty,
            "max_length": _("This is too long: at most %(limit_value)d characters, please."),
        },
        **common,
    )


def field_name(field: FormField) -> str:
    """Name of the input: what it fills, or ``custom_<key>``."""
    if field.maps_to == Maps.CUSTOM and field.custom_field:
        return f"custom_{field.custom_field.key}"
    return field.maps_to


class CaptureForm(forms.Form):
    """A landing page's form. ``website`` is a trap that people never see; ``nonce`` says when it was shown."""

    nonce = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    website = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, page: LandingPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page
        self.asked = {field_name(field): field for field in page.fields.all()}
        self.fields.update({name: build_field(field) for name, field in self.asked.items()})
        if page.consent_text and not self.is_newsletter:
            self.fields["consent"] = forms.BooleanField(label=page.consent_text.text, required=False)
        if page.tracking_text:
            self.fields["tracking"] = forms.BooleanField(label=page.tracking_text.text, required=False)
        self.fields["nonce"].initial = make()
        self.helper = self._helper()

    @property
    def is_newsletter(self) -> bool:
        """Sending this form is itself the consent: it asks for nothing else."""
        return bool(self.page.asset and self.page.asset.kind.slug == NEWSLETTER)

    @property
    def shown_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.asked]

    @property
    def answers(self) -> dict[str, str]:
        """What was typed, by field name; empty answers are left out."""
        return {name: self.cleaned_data[name] for name in self.asked if self.cleaned_data.get(name)}

    @property
    def consents(self) -> list[ConsentText]:
        """The consent texts that were agreed to."""
        mail = self.page.consent_text if self.is_newsletter or self.cleaned_data.get("consent") else None
        tracking = self.page.tracking_text if self.cleaned_data.get("tracking") else None
        return [text for text in (mail, tracking) if text]

    @property
    def shown(self) -> Shown:
        """When this form was shown to its sender."""
        return read(self.cleaned_data["nonce"])

    @property
    def suspicions(self) -> list[str]:
        """Why this looks like a machine's; empty for a human."""
        return ["honeypot"] * bool(self.cleaned_data["website"]) + ["too fast"] * self.shown.too_fast

    @property
    def problems(self) -> list[Problem]:
        """The summary: one line for each error, in the order of the fields."""
        return [
            self._problem(name, error) for name, errors in self.errors.as_data().items() for error in errors
        ]

    def _problem(self, name: str, error: ValidationError) -> Problem:
        words = " ".join(error.messages)
        if name not in self.fields or self[name].is_hidden:
            return Problem(anchor="", label="", short=words)
        return Problem(
            self[name].id_for_label, str(self[name].label), str(SHORT.get(error.code or "", words))
        )

    def _helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.form_show_errors = False
        helper.field_template = "leads/_field.html"
        trap = HTML('{% include "leads/_honeypot.html" %}')
        consent = [name for name in ("consent", "tracking") if name in self.fields]
        button = HTML('<button type="submit" class="btn btn-primary w-100">{{ page.button }}</button>')
        helper.layout = Layout("nonce", *self.asked, trap, *consent, button)
        return helper
