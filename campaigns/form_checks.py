"""What a form lacks before visitors may see it, in words; empty when nothing does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext as _

from campaigns.models import CustomField, FormField, LandingPage

Maps = FormField.Maps


def form_problems(page: LandingPage) -> list[str]:
    """Reads the page's fields as they are saved."""
    fields = list(page.fields.select_related("custom_field"))
    return [*_reaches_nobody(page, fields), *_asked_twice(fields), *_unfit(fields), *_foreign_words(page)]


def _reaches_nobody(page: LandingPage, fields: list[FormField]) -> Iterable[str]:
    """Without an address or a number an answer is nobody's; what is sent by mail needs the address."""
    first = {field.maps_to: field for field in fields if not field.later}
    mails = bool(page.asset_id or page.double_opt_in) or not page.inquiry
    if Maps.EMAIL not in first and (mails or Maps.PHONE not in first):
        yield (
            _("a form field for the e-mail address")
            if mails
            else _("a form field for the e-mail address or the phone number")
        )
    elif mails and not first[Maps.EMAIL].required:
        yield _("an e-mail field that is required, since the piece is sent by mail")
    elif not any(name in first and first[name].required for name in (Maps.EMAIL, Maps.PHONE)):
        yield _("an e-mail or phone field that is required: else nobody knows whose answer it is")


def _asked_twice(fields: list[FormField]) -> Iterable[str]:
    times = Counter(
        str(field.custom_field) if field.custom_field else field.get_maps_to_display() for field in fields
    )
    for name, number in times.items():
        if number > 1:
            yield _("one field less for “%(field)s”: it is asked %(number)d times") % {
                "field": name,
                "number": number,
            }


def _unfit(fields: list[FormField]) -> Iterable[str]:
    for field in fields:
        custom = field.custom_field
        if (field.maps_to == Maps.CUSTOM) != (custom is not None):
            yield _("the custom field of the line “%(field)s”, or another choice under Fills") % {
                "field": field
            }
        elif custom and custom.entity != CustomField.Entity.PERSON:
            yield _("a custom field of a person for “%(field)s”: a form is filled in by one") % {
                "field": field
            }
        elif custom and custom.archived_at:
            yield _("a custom field that is in use for “%(field)s”: this one is archived") % {"field": field}
        elif custom and custom.kind == custom.Kind.CHOICE and not (custom.choices or field.choices).strip():
            yield _("the choices of “%(field)s”") % {"field": field}


def _foreign_words(page: LandingPage) -> Iterable[str]:
    """Consent must be understood (GDPR art. 7)."""
    for text in (page.consent_text, page.tracking_text):
        if text and text.language != page.language:
            yield _("words of consent in the language of the page: “%(text)s” is not") % {"text": text}
