"""What an answer must be like: one set of checks for forms, the API, imports and staff. Each error says what helps."""

import unicodedata
from datetime import date, datetime
from decimal import Decimal

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.numbers import NumberFormatError, parse_decimal
from django.core.exceptions import ValidationError
from django.utils.formats import get_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.models import CustomField, FormField, LandingPage
from campaigns.models.page import MailboxPolicy
from leads import mailboxes
from leads.identity import BadAddress, email_key, read_phone

Maps = FormField.Maps
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
LONGEST_FACT = 500
FREE, THROWAWAY = "free mailbox", "throw-away mailbox"
Reason = phonenumbers.ValidationResult


def field_name(field: FormField) -> str:
    """Name of the input: what it fills, or ``custom_<key>``."""
    if field.maps_to == Maps.CUSTOM and field.custom_field:
        return f"custom_{field.custom_field.key}"
    return field.maps_to


def plain(value: str, *, keep_lines: bool = False) -> str:
    """What was typed, in one form of Unicode (NFC), without control characters and lone surrogates."""
    kept = (
        char
        for char in value.replace("\r\n", "\n")
        if unicodedata.category(char) not in {"Cc", "Cs"} or (keep_lines and char in "\n\t")
    )
    return unicodedata.normalize("NFC", "".join(kept)).strip()


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


def check_phone(value: str, country: str = "") -> None:
    """A number that can be dialled. ``country`` (two letters) reads national ones; abroad they begin with +."""
    try:
        reason: int | None = phonenumbers.is_possible_number_with_reason(read_phone(value, country))
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            raise ValidationError(
                _("Please begin with + and the number of the country, such as +41 44 668 18 00."),
                "no_country",
            ) from None
        short = error.error_type == phonenumbers.NumberParseException.TOO_SHORT_NSN
        reason = Reason.TOO_SHORT if short else None
    if reason == Reason.IS_POSSIBLE:
        return
    if reason in (Reason.TOO_SHORT, Reason.IS_POSSIBLE_LOCAL_ONLY):
        raise ValidationError(_("This number is too short. Is the area code missing?"), "phone_short")
    if reason in (Reason.TOO_LONG, Reason.INVALID_LENGTH):
        raise ValidationError(_("This number has too many or too few digits."), "phone_length")
    raise ValidationError(_("“%(value)s” is no phone number."), "bad_phone", {"value": value})


def mailbox_marks(key: str | None) -> list[str]:
    """What is worth knowing of an address's domain; empty for a company's."""
    domain = mailboxes.domain_of(key)
    if domain and mailboxes.is_throwaway(domain):
        return [THROWAWAY]
    return [FREE] if domain and mailboxes.is_free(domain) else []


def marks_by_policy(page: LandingPage, key: str | None) -> list[str]:
    """The marks that this page notes of an address. Raises ValidationError where it refuses such mailboxes."""
    policies = {FREE: page.free_mailboxes, THROWAWAY: page.throwaway_mailboxes}
    found = mailbox_marks(key)
    if FREE in found and policies[FREE] == MailboxPolicy.REFUSE:
        raise ValidationError(
            _("Please use your work address: this page is for companies, and this mailbox is a private one."),
            "free_mailbox",
        )
    if THROWAWAY in found and policies[THROWAWAY] == MailboxPolicy.REFUSE:
        raise ValidationError(
            _("Mail to this address is thrown away within minutes. Please use one that you read."),
            "throwaway",
        )
    return [mark for mark in found if policies[mark] == MailboxPolicy.MARK]


def custom_value(custom: CustomField, raw: str) -> str:
    """A custom field's answer as it is kept: numbers as 1234.5, dates as 2026-11-18, yes or no, else the words.

    Reads what is usual in the language of the moment. Raises ValidationError.
    """
    value = plain(raw)
    readers = {
        custom.Kind.NUMBER: _number,
        custom.Kind.DATE: _date,
        custom.Kind.YES_NO: _yes_no,
    }
    if value and custom.kind == custom.Kind.CHOICE:
        return _one_of(custom_choices(custom), value)
    reader = readers.get(custom.Kind(custom.kind))
    return reader(value) if value and reader else value


def custom_choices(custom: CustomField) -> list[str]:
    """The lines of a list field."""
    return [line.strip() for line in custom.choices.splitlines() if line.strip()]


def _one_of(lines: list[str], value: str) -> str:
    found = {line.casefold(): line for line in lines}.get(value.casefold())
    if found is None:
        raise ValidationError(_("Please choose one of the list."), "invalid_choice")
    return found


def _number(value: str) -> str:
    try:
        found = parse_decimal(value, locale=_locale(), strict=True)
    except NumberFormatError:
        try:
            found = Decimal(value)
        except ArithmeticError:
            found = Decimal("NaN")
    if not found.is_finite() or found.adjusted() > 20:
        raise ValidationError(_("Please type a number, such as 1200."), "bad_number")
    return format(found, "f")


def _locale() -> Locale:
    try:
        return Locale.parse(get_language() or "en", sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")


def _date(value: str) -> str:
    for pattern in ("%Y-%m-%d", *get_format("DATE_INPUT_FORMATS")):
        try:
            return datetime.strptime(value, pattern).date().isoformat()  # noqa: DTZ007 -- a date has no zone
        except ValueError:
            continue
    example = date(2026, 11, 18).isoformat()
    raise ValidationError(
        _("Please type a date as year, month and day, such as %(example)s."), "bad_date", {"example": example}
    )


def _yes_no(value: str) -> str:
    """Also the words of spreadsheets and of the five languages of the public pages."""
    word = value.casefold()
    if word in {"yes", "y", "true", "1", "x", "ja", "oui", "sì", "si", "sí", str(_("Yes")).casefold()}:
        return "yes"
    if word in {"no", "n", "false", "0", "nein", "non", str(_("No")).casefold()}:
        return "no"
    raise ValidationError(_("Please choose one of the list."), "invalid_choice")
