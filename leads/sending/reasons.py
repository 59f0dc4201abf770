"""Why somebody gets this mail, as its footer says it: in the mail's language, and true of the ground it goes out on.

To a cold contact the footer says where the address comes from and how to object, with the first mail and each one
after it (GDPR art. 14 (2) (f), (3) (b) and art. 21 (4)).
"""

from __future__ import annotations

from functools import lru_cache

from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.models import Sequence
from leads.models import ContactBasis, Lead, Message, Person
from leads.sending.gate.contacts import is_cold


def reason(message: Message, language: str) -> str:
    """Of a sequence mail. One query for mail to a cold contact, none for all other mail."""
    sequence = message.enrolment.sequence if message.enrolment else None
    if sequence is None or sequence.audience != Sequence.Audience.PROSPECTS:
        return agreed(language)
    if message.ground.startswith("open conversation"):
        return in_touch(language)
    return cold(language, _source_of(message.person_id)) if is_cold(message.ground) else agreed(language)


def reason_for(person: Person | None, sequence: Sequence | None, language: str) -> str:
    """The same before there is a mail, as far as it can be told: for a preview."""
    if person is None or sequence is None or sequence.audience != Sequence.Audience.PROSPECTS:
        return agreed(language)
    cold_contact = not Lead.objects.filter(person=person.pk).exists()
    source = _source_of(person.pk) if cold_contact else ""
    return cold(language, source) if source else agreed(language)


def _source_of(person: int) -> str:
    latest = ContactBasis.objects.filter(person=person).order_by("-at", "-pk")
    return latest.values_list("source", flat=True).first() or ""


@lru_cache(maxsize=16)
def agreed(language: str) -> str:
    with translation.override(language):
        return _("You get this mail because you agreed to hear from us.")


@lru_cache(maxsize=16)
def in_touch(language: str) -> str:
    with translation.override(language):
        return _("You get this mail because you wrote to us, and we are in touch about it.")


@lru_cache(maxsize=256)
def cold(language: str, source: str) -> str:
    """For somebody who never wrote to us."""
    with translation.override(language):
        return _(
            "You hear from us because we believe that our work concerns yours. We have your address from: %(source)s. "
            "If you do not want to hear from us, press “Unsubscribe”: no mail follows."
        ) % {"source": " ".join(source.split())}
