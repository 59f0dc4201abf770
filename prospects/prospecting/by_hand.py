"""A cold contact comes in by hand: the person found or made, their company, and the outbound cycle."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.companies import company_for
from leads.identity import BadAddress, Keys, email_key, person_for, phone_key
from leads.models import ContactBasis, Person
from leads.twins.finding import like
from prospects.handover import open_cold
from prospects.models import Prospect, ProspectingList
from prospects.prospecting.ground import Ground, ground_of, record
from prospects.prospecting.listing import note_started


def enter_cold(
    *, said: dict[str, str], ground: Ground, owner: Any, by: Any, at: datetime, submit_key: UUID | None = None
) -> Prospect:
    """Open an outbound cycle on the person the keys name; a second press answers with the first cycle.

    `said` holds first_name, last_name, email, phone, job_title, company, country, note; `ground` is why we may speak
    to them. Raises Refused for an address that is none, and for somebody whom a colleague works on (the text says
    who, and no more); then nothing is kept. One's own contact of whom no ground was ever written down gets it.
    """
    with transaction.atomic():
        person, _made = person_for(keys=_keys(said), at=at, **_columns(said))
        mine = _without_ground(person, by)
        if mine is not None:
            record(person=person, ground=ground, by=by, at=at)
            return mine
        company_for(person=person, at=at)
        prospect = open_cold(
            person=person, owner=owner, at=at, by=by, note=said.get("note", ""), submit_key=submit_key
        )
        record(person=person, ground=ground, by=by, at=at)
        return prospect


def _without_ground(person: Person, by: Any) -> Prospect | None:
    """From before a ground was asked for: the open cycle of whoever enters them once more."""
    mine = Prospect.objects.open().filter(person=person, owner=by, origin=Prospect.Origin.OUTBOUND)
    return mine.first() if not ContactBasis.objects.filter(person=person).exists() else None


def enter_on_list(
    *,
    onto: ProspectingList,
    said: dict[str, str],
    owner: Any,
    by: Any,
    at: datetime,
    submit_key: UUID | None = None,
) -> Prospect:
    """The same, with the ground of a list; its numbers count the person as begun."""
    with transaction.atomic():
        prospect = enter_cold(
            said=said, ground=ground_of(onto), owner=owner, by=by, at=at, submit_key=submit_key
        )
        note_started(of_list=onto, prospect=prospect, at=at)
        return prospect


class PerhapsKnown(Refused):
    """Somebody much like this person is here already; whoever says it is another one may go on."""


def refuse_known(said: dict[str, str]) -> None:
    """Raises PerhapsKnown for a likely double under other keys. It says whose they are, and no more.

    The same address or number is no doubt at all: then the known person is taken, or the rep is told whose it is.
    """
    keys = _keys(said)
    names = ("first_name", "last_name", "email", "phone", "country")
    asked = {name: said.get(name, "") for name in names} | {"company_name": said.get("company", "")}
    found = [one.person for one in like(asked)]
    for person in found:
        same_address = keys.email_key is not None and keys.email_key == person.email_key
        if same_address or (keys.phone_key is not None and keys.phone_key == person.phone_key):
            return
    if found:
        owners = sorted({str(person.sales_owner or _("nobody in sales")) for person in found})
        raise PerhapsKnown(
            _("Somebody like this exists already, owned by %(who)s.") % {"who": ", ".join(owners)}
        )


def _keys(said: dict[str, str]) -> Keys:
    phone = phone_key(said["phone"], said.get("country", "")) if said.get("phone") else None
    if said.get("phone") and phone is None:
        raise Refused(_("This phone number cannot be read; write it with its country: +49 30 5550 148."))
    try:
        return Keys(email_key=email_key(said["email"]) if said.get("email") else None, phone_key=phone)
    except BadAddress as wrong:
        raise Refused(_("This address cannot be written to: %(why)s") % {"why": wrong}) from None


def _columns(said: dict[str, str]) -> dict[str, str]:
    names = ("first_name", "last_name", "email", "phone", "job_title", "country")
    return {name: said.get(name, "") for name in names} | {"company_name": said.get("company", "")}
