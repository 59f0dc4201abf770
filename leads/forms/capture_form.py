"""The form of a landing page, built from its fields. It checks what was typed; `leads.capture` does the rest."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms
from django.core.exceptions import ValidationError

from campaigns.library import NEWSLETTER
from campaigns.models import ConsentText, FormField, LandingPage
from leads.answers import check_phone, field_name, marks_by_policy
from leads.forms.fields import shared_field
from leads.forms.words import SHORT
from leads.identity import email_key
from leads.nonce import Shown, make, read
from leads.progressive import Known, asks_nothing_first, questions

Maps = FormField.Maps


@dataclass(frozen=True)
class Problem:
    """One line of the summary above the form; ``anchor`` is empty for what concerns no single field."""

    anchor: str
    label: str
    short: str


class CaptureForm(forms.Form):
    """A landing page's form. ``website`` is a trap that people never see; ``nonce`` says when it was shown.

    Of a ``known`` person it asks only what is missing (`leads.progressive`). ``variant`` is the wording shown.
    """

    _has_own_fields = False
    nonce = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    website = forms.CharField(required=False, max_length=500)

    def __init__(
        self, *args: Any, page: LandingPage, known: Known | None = None, variant: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.page, self.known = page, known
        self.marks: list[str] = []
        required = False if self.is_optional else None
        self.asked = {field_name(field): field for field in self._questions()}
        self.fields.update({name: shared_field(f, required=required) for name, f in self.asked.items()})
        self._add_consents()
        texts = [pk for pk in (page.consent_text_id, page.tracking_text_id) if pk]
        self.fields["nonce"].initial = partial(make, variant=variant, texts=texts)

    @property
    def is_optional(self) -> bool:
        """One press is enough: a known person asks for a piece."""
        return self.known is not None and asks_nothing_first(self.page)

    @property
    def is_newsletter(self) -> bool:
        """Sending this form is itself the consent: it asks for nothing else."""
        return bool(self.page.asset and self.page.asset.kind.slug == NEWSLETTER)

    @property
    def shown_fields(self) -> list[forms.BoundField]:
        self._take_own_fields()
        return [self[name] for name in self.asked]

    @property
    def answers(self) -> dict[str, str]:
        """What was typed, by field name; empty answers are left out."""
        return {name: self.cleaned_data[name] for name in self.asked if self.cleaned_data.get(name)}

    @property
    def consents(self) -> list[ConsentText]:
        """The consent texts that were agreed to, in the version that was shown."""
        mail = self.page.consent_text if self.is_newsletter or self.cleaned_data.get("consent") else None
        tracking = self.page.tracking_text if self.cleaned_data.get("tracking") else None
        return [self._as_shown(text) for text in (mail, tracking) if text]

    @cached_property
    def shown(self) -> Shown:
        """When this form was shown to its sender."""
        return read(self.cleaned_data.get("nonce", ""))

    @property
    def suspicions(self) -> list[str]:
        """Why this looks like a machine's; empty for a human."""
        return ["honeypot"] * bool(self.cleaned_data["website"]) + ["too fast"] * self.shown.too_fast

    @property
    def problems(self) -> list[Problem]:
        """The summary: one line for each error, in the order of the fields."""
        order = {name: number for number, name in enumerate(self.fields)}
        found = sorted(self.errors.as_data().items(), key=lambda item: order.get(item[0], len(order)))
        return [self._problem(name, error) for name, errors in found for error in errors]

    @cached_property
    def helper(self) -> FormHelper:
        """How crispy lays it out; made only where the form is shown."""
        self._take_own_fields()
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.form_show_errors = False
        helper.field_template = "leads/_field.html"
        trap = HTML('{% include "leads/_honeypot.html" %}')
        consent = [name for name in ("consent", "tracking") if name in self.fields]
        words = HTML(
            '{% if form.is_newsletter %}<p class="form-text mb-3">{{ page.consent_text.text }}</p>{% endif %}'
        )
        button = HTML('<button type="submit" class="btn btn-primary w-100">{{ page.shown_button }}</button>')
        helper.layout = Layout("nonce", *self.asked, trap, *consent, words, button)
        return helper

    def _take_own_fields(self) -> None:
        """Crispy writes into the fields that it shows, and those of `shared_field` are everybody's."""
        if not self._has_own_fields:
            self._has_own_fields = True
            self.fields = deepcopy(self.fields)
            self._bound_fields_cache.clear()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What needs two answers, or the page, to be judged."""
        data = self.cleaned_data
        if data.get("email"):
            self._check("email", self._note_marks)
        if data.get("phone"):
            self._check("phone", lambda: check_phone(data["phone"], self.country))
        return data

    @property
    def country(self) -> str:
        """Where a phone number without a country is taken to be: as answered, as on file, or the page's."""
        on_file = self.known.person.country if self.known else ""
        return self.cleaned_data.get("country") or on_file or self.page.phone_country

    @cached_property
    def email_key(self) -> str | None:
        """Whose form this is: as typed, else the person's of the link."""
        typed = self.cleaned_data.get("email")
        return email_key(typed) if typed else self.known.person.email_key if self.known else None

    def _note_marks(self) -> None:
        self.marks = marks_by_policy(self.page, self.email_key)

    def _check(self, name: str, check: Any) -> None:
        try:
            check()
        except ValidationError as error:
            self.add_error(name, error)

    def _questions(self) -> Iterable[FormField]:
        fields = list(self.page.fields.all())
        # What comes anyway is taken: shown a moment ago and known by now, or sent by a program.
        sent = [field for field in fields if self.data.get(field_name(field))]
        if self.known is None:
            return [field for field in fields if not field.later or field in sent]
        now = questions(fields, known=self.known, most=self.page.most_asked)
        late = [field for field in sent if field.maps_to != Maps.EMAIL]
        return [field for field in fields if field in now or field in late]

    def _add_consents(self) -> None:
        given = self.known.consents if self.known else frozenset()
        boxes = {
            "consent": None if self.is_newsletter else self.page.consent_text,
            "tracking": self.page.tracking_text,
        }
        for name, text in boxes.items():
            if text and text.purpose not in given:
                self.fields[name] = forms.BooleanField(label=text.text, required=False)

    def _as_shown(self, text: ConsentText) -> ConsentText:
        """The words may have a new version since this page was cached; the evidence names those that were read."""
        if not self.shown.texts or text.pk in self.shown.texts:
            return text
        return ConsentText.objects.filter(pk__in=self.shown.texts, purpose=text.purpose).first() or text

    def _problem(self, name: str, error: ValidationError) -> Problem:
        words = " ".join(error.messages)
        if name not in self.fields or self[name].is_hidden:
            return Problem(anchor="", label="", short=words)
        return Problem(
            self[name].id_for_label, str(self[name].label), str(SHORT.get(error.code or "", words))
        )
