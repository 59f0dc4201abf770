"""Who is who: canonical keys of a person, and finding or making the one person behind them."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import phonenumbers
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from email_validator import EmailNotValidError, validate_email

from leads.models import ExternalRef, Person
from leads.tracking import note_change

BLANKS = " \t\u00a0\u2007\u202f\u200b\ufeff"
# What nearly all addresses look like; of these only the domain needs the long way, once for all its people.
_USUAL = re.compile(r"([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@([a-z0-9.-]+)", re.IGNORECASE | re.ASCII)


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


@lru_cache(maxsize=256)  # one form asks three times
def email_key(raw: str) -> str:
    """The one canonical form of an address: trimmed, NFC, domain in lower case and punycode, local part lower.

    Raises BadAddress. Needless quotes around a local part are taken off, needed ones stay (RFC 5321). Refused are local
    parts outside ASCII, which few servers take (RFC 6531), domains without a dot, and an address with a name before it.
    """
    # Blanks around an address are a slip of the hand; a line break is not part of any.
    bare = raw.strip(BLANKS)
    usual = _USUAL.fullmatch(bare)
    if usual and len(usual[1]) <= 64 and len(bare) <= 200:
        return f"{usual[1].lower()}@{_domain(usual[2].lower())}"
    return _validated(bare)


@lru_cache(maxsize=10_000)
def _domain(domain: str) -> str:
    return _validated(f"a@{domain}")[2:]


def _validated(bare: str) -> str:
    try:
        found = validate_email(
            bare, check_deliverability=False, allow_smtputf8=False, allow_quoted_local=True
        )
    except (EmailNotValidError, UnicodeError) as error:
        raise BadAddress(str(error)) from None
    return (found.ascii_email or found.normalized).lower()


def phone_key(raw: str, country: str = "") -> str | None:
    """E.164, or None where the number is not one. ``country`` (two letters) reads national numbers."""
    try:
        number = read_phone(raw, country)
    except phonenumbers.NumberParseException:
        return None
    # A number without its area code can be dialled next door only: it identifies nobody.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_phone(raw: str, country: str = "") -> phonenumbers.PhoneNumber:
    """The number as typed: national ones by ``country``, and 00 means + where no country is known.

    Raises phonenumbers.NumberParseException.
    """
    region = country.upper() if country.upper() in phonenumbers.SUPPORTED_REGIONS else None
    digits = raw.strip()
    if region is None and digits.startswith("00"):
        digits = f"+{digits[2:]}"
    return phonenumbers.parse(digits, region)


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
    of_number = found.get(False)
    return found.get(True) or (None if of_number and are_two(keys, of_number) else of_number)


def are_two(keys: Keys, person: Person) -> bool:
    """A number alone does not make two people with two addresses one: switchboards are shared."""
    return bool(keys.email_key and person.email_key) and keys.email_key != person.email_key


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
        with transaction.atomic():
            person.save(update_fields=changed)
            note_change(person_ids=[person.pk], at=timezone.now())
    return changed


def _make(keys: Keys, at: datetime, said: dict[str, str]) -> Person:
    taken = bool(keys.phone_key) and Person.objects.filter(phone_key=keys.phone_key).exists()
    person = Person.objects.create(
        email_key=keys.email_key,
        phone_key=None if taken else keys.phone_key,
        created_at=at,
        **{k: v for k, v in said.items() if v},
    )
    if keys.ref:
        ExternalRef.objects.create(source=keys.ref[0], external_id=keys.ref[1], person=person)
    return person
