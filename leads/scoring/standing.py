"""Persona and journey stage as a colleague sets them: their word counts before all rules, until it is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from campaigns.models import JourneyStage, Persona
from leads.best_known import BY_HAND, SET_BY_HAND, best
from leads.models import Fact, Lead, Person
from leads.tracking import make_dirty

PERSONA, STAGE = SET_BY_HAND


def by_hand(person: Person) -> Mapping[str, Fact]:
    """Field → the colleague's fact that counts; a field given back to the rules is missing. One query."""
    facts = Fact.objects.filter(person=person, field__in=SET_BY_HAND).select_related("by")
    return {
        field: fact
        for field, fact in best(facts.order_by("-at", "-pk")).items()
        if fact.source in BY_HAND and fact.value
    }


def set_by_hand(*, person: Person, field: str, value: str, by: Any, at: datetime) -> bool:
    """Write a colleague's word on one of `SET_BY_HAND`; an empty `value` gives it back to the rules.

    `value` is the slug of a persona or a journey stage. False where it stood like that already: twice is once.
    Raises Refused for a persona or a stage that does not exist, and for a person who is no lead.
    """
    columns = _columns(field, value)
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        lead = (
            Lead.objects.select_for_update(no_key=True)
            .filter(person=person, person__merged_into=None)
            .first()
        )
        if lead is None:
            raise Refused(_("Only a lead has a persona and a journey stage."))
        held = by_hand(person).get(field)
        if value == (held.value if held else ""):
            return False
        Fact.objects.create(
            person=person, field=field, value=value, source=Fact.Source.STAFF, by=by, at=at, recorded_at=at
        )
        Lead.objects.filter(pk=lead.pk).update(**columns)
        make_dirty(lead_ids=[lead.pk], at=at)
    return True


def _columns(field: str, value: str) -> dict[str, Any]:
    """What the lead's row holds until the next run; given back, nothing: the rules begin anew."""
    if field == PERSONA:
        persona = Persona.objects.in_use().filter(slug=value).first()
        if value and persona is None:
            raise Refused(_("There is no such persona in use. Choose one of the list."))
        return {"persona": persona}
    if field != STAGE or (value and value not in JourneyStage.values):
        raise Refused(_("There is no such journey stage. Choose one of the list."))
    return {"journey_stage": value}
