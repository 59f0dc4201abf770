"""Who is who: canonical keys of a person, and finding or making the one person behind them."""

from dataclasses import dataclass
from datetime import datetime

import phonenumbers
from django.db import IntegrityError, transaction
from django.db.models import Q
from email_validator import EmailNotValidError, validate_email

from leads.models import ExternalRef, Person


class BadAddress(ValueError):
    """Not an address we can write to; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Keys:
    """What identifies a person: any of the three, strongest first (reference, e-mail, phone)."""

    email_key: str | None = None
    phone_key: str | None = None
    ref: tuple[str, str] | None = None

    def __bool__(self) -> bool:
        return bool(self.email_key or self.phone_key or self.ref)


def email_key(raw: str) -> str:
    """The one canonical form of an address: trimmed, NFC, domain in lower case and punycode, local part lower.

    Raises BadAddress. Local parts outside ASCII, quoted local parts and domains without a dot are refused: most
    mail servers refuse them too (RFC 5321 allows them, RFC 6531 is needed for the first).
    """
    try:
        found = validate_email(raw.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise BadAddress(str(error)) from None
    return (found.ascii_email or found.normalized).lower()


def phone_key(raw: str, country: str = "") -> str | None:
    """E.164, or None where the number is not one. ``country`` (two letters) reads national numbers."""
    try:
        number = phonenumbers.parse(raw, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def find_person(keys: Keys) -> Person | None:
    """By external reference, then e-mail, then phone; follows a merge to the person who stayed."""
    person = None
    if keys.ref:
        source, external_id = keys.ref
        ref = (
            ExternalRef.objects.filter(source=source, external_id=external_id)
            .select_related("person")
            .first()
        )
        person = ref.person if ref else None
    if person is None and (keys.email_key or keys.phone_key):
        person = _by_keys(keys)
    while person is not None and person.merged_into_id:
        person = person.merged_into
    return person


def _by_keys(keys: Keys) -> Person | None:
    wanted = Q()
    if keys.email_key:
        wanted |= Q(email_key=keys.email_key)
    if keys.phone_key:
        wanted |= Q(phone_key=keys.phone_key)
    found = {person.email_key == keys.email_key: person for person in Person.objects.filter(wanted)[:2]}
    return found.get(True) or found.get(False)


def person_for(*, keys: Keys, at: datetime, **said: str) -> tuple[Person, bool]:
    """Find the person or make them; safe against a twin that runs at the same moment.

    ``said`` are columns of Person; they fill what is empty and never replace what is there. Returns the person
    and whether it was made. Raises ValueError without any key.
    """
    if not keys:
        raise ValueError("A person needs an e-mail, a phone number or a reference.")
    person = find_person(keys)
    if person is None:
        try:
            with transaction.atomic():
                return _make(keys, at, said), True
        except IntegrityError:
            person = find_person(keys)
            if person is None:
                raise
    fill_blanks(person, said)
    return person, False


def fill_blanks(person: Person, said: dict[str, str]) -> list[str]:
    """Write what was empty; returns the names of the columns that changed."""
    changed = [name for name, value in said.items() if value and not getattr(person, name)]
    for name in changed:
        setattr(person, name, said[name])
    if changed:
        person.save(update_fields=changed)
    return changed


def _make(keys: Keys, at: datetime, said: dict[str, str]) -> Person:
    person = Person.objects.create(
        email_key=keys.email_key,
        phone_key=keys.phone_key,
        created_at=at,
        **{k: v for k, v in said.items() if v},
    )
    if keys.ref:
        ExternalRef.objects.create(source=keys.ref[0], external_id=keys.ref[1], person=person)
    return person
