"""What a rule looks at, and whether it fits. Pure but for the rows that hang on the person."""

from __future__ import annotations

from leads.models import Person
from prospects.models import AssignmentRule

Field = AssignmentRule.Field


def value_of(field: str, person: Person) -> str:
    """What the rule looks at, of the person or else of the company."""
    company = person.company
    if field == Field.COUNTRY:
        return person.country or (company.country if company else "")
    if field == Field.PLACE:
        return company.city if company else ""
    if field == Field.INDUSTRY:
        return company.industry if company else ""
    if field == Field.SOURCE:
        return _channel_of(person)[0]
    return person.language if field == Field.LANGUAGE else ""


def fits(rule: AssignmentRule, value: str, *also: str) -> bool:
    """Whole values compare without case; a rule for anybody, or without words, fits everybody."""
    words = {word.strip().casefold() for word in rule.words.split(",")} - {""}
    if rule.field in (Field.ANY, Field.ACCOUNT) or not words:
        return True
    return bool(words & {one.casefold() for one in (value, *also)})


def fits_person(rule: AssignmentRule, person: Person) -> bool:
    """A channel may be named by its name or by its short name in addresses."""
    also = _channel_of(person)[1:] if rule.field == Field.SOURCE else ()
    return fits(rule, value_of(rule.field, person), *also)


def _channel_of(person: Person) -> tuple[str, ...]:
    """Name and short name of the channel of the first touch."""
    touch = getattr(getattr(person, "lead", None), "first_touch", None)
    channel = touch.channel if touch else None
    return (channel.name, channel.slug) if channel else ("",)
