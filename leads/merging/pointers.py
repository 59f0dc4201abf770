"""All rows that hang on a person, of every app: read from the models, as a cascade does, so that none is forgotten."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import ForeignKey, ManyToOneRel, Model, UniqueConstraint

from leads.models import EnrichTry, Merge, Person, SegmentMember, Twin

# Records of merging itself, and what is worked out anew from the people as they are.
STAYS: frozenset[type[Model]] = frozenset({Twin, Merge, SegmentMember, EnrichTry})
Pointer = tuple[type[Model], "ForeignKey[Any, Any]"]


@cache
def pointers() -> tuple[Pointer, ...]:
    """(model, field) of each foreign key to a person that a merge moves."""
    found: set[Pointer] = set()
    for relation in Person._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel) or relation.related_model in STAYS:
            continue
        assert isinstance(relation.field, ForeignKey)
        found.add((relation.related_model, relation.field))
    return tuple(sorted(found, key=lambda one: (one[0]._meta.label_lower, one[1].name)))


def move_rows(*, keep: int, gone: int) -> None:
    """What pointed to `gone` points to `keep`; a row that `keep` has already stays with the tombstone."""
    for model, field in pointers():
        rows = model._base_manager.filter(**{field.attname: gone})
        twice = clashes(model, field, keep=keep, gone=gone)
        (rows.exclude(pk__in=twice) if twice else rows).update(**{field.attname: keep})


def clashes(model: type[Model], field: ForeignKey[Any, Any], *, keep: int, gone: int) -> set[Any]:
    """Rows of `gone` that would break a unique constraint beside the rows of `keep`."""
    if field.unique:
        theirs = model._base_manager.filter(**{field.attname: gone})
        taken = model._base_manager.filter(**{field.attname: keep}).exists()
        return set(theirs.values_list("pk", flat=True)) if taken else set()
    found: set[Any] = set()
    for rule in model._meta.constraints:
        if isinstance(rule, UniqueConstraint) and field.name in rule.fields:
            found |= _same(model, field, rule, keep=keep, gone=gone)
    return found


def _same(
    model: type[Model], field: ForeignKey[Any, Any], rule: UniqueConstraint, *, keep: int, gone: int
) -> set[Any]:
    others = [name for name in rule.fields if name != field.name]
    rows = model._base_manager.filter(rule.condition) if rule.condition else model._base_manager.all()
    have = set(rows.filter(**{field.attname: keep}).values_list(*others))
    theirs = rows.filter(**{field.attname: gone}).values_list("pk", *others)
    return {pk for pk, *values in theirs if tuple(values) in have and None not in values}
