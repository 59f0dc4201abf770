"""Custom fields of prospects and deals: which there are, what stands in them, and the one way to change them.

They are defined in the admin (`campaigns.models.CustomField`). Values are kept as text in the form that
`leads.answers.custom_value` gives them, as those of people and companies are; entry rules read them by
`prospects.known_facts`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.models import CustomField
from leads.answers import custom_value
from prospects.models import Deal, Note, Prospect
from prospects.money.deals import lock_deal
from prospects.transitions import lock, refuse_stranger

Entity = CustomField.Entity
LONGEST = 500


@dataclass(frozen=True)
class Line:
    """A value in words; `own`: there is a field for it, else an import brought it under this key."""

    label: str
    value: str
    own: bool = True


def fields_of(entity: str) -> list[CustomField]:
    """Those in use, by label."""
    return list(CustomField.objects.in_use().filter(entity=entity).order_by("label", "pk"))


def lines_of(entity: str, custom: Mapping[str, Any]) -> list[Line]:
    """Every field in use, a blank one too, then what else is kept. An archived field keeps its label."""
    known = {row.key: row for row in CustomField.objects.filter(entity=entity).order_by("label", "pk")}
    fields = [row for row in known.values() if row.archived_at is None or custom.get(row.key)]
    named = [Line(row.label, in_words(row, custom.get(row.key, ""))) for row in fields]
    others = [key for key in custom if key not in known]
    return named + [Line(key.replace("_", " "), str(custom[key]), own=False) for key in others]


def in_words(field: CustomField, value: Any) -> str:
    """As a reader has it; what does not fit its kind (an older import) stays as it is."""
    said = str(value or "")
    if field.kind == field.Kind.YES_NO:
        return {"yes": _("Yes"), "no": _("No")}.get(said, said)
    if said and field.kind == field.Kind.DATE:
        try:
            return date_format(date.fromisoformat(said), "DATE_FORMAT")
        except ValueError:
            return said
    return said


def stamp(custom: Mapping[str, Any]) -> str:
    """What a form said when it was drawn: in another tab it may say something else by now."""
    return sha256(json.dumps(dict(custom), sort_keys=True, default=str).encode()).hexdigest()[:16]


def change_custom(
    *, row: Prospect | Deal, said: Mapping[str, str], by: Any, at: datetime, seen: str = ""
) -> list[str]:
    """Change the custom values named in `said`; an empty one takes the value away. Returns the labels changed.

    Of a closed cycle or deal too: what the contract says is often known after it is won. Who changed what is kept: a
    note on the timeline, or a row of the log. Raises Refused for a stranger, an unknown key or a value that does not
    fit its field, Conflict where `seen` (a `stamp`) is no longer what stands there.
    """
    entity = Entity.PROSPECT if isinstance(row, Prospect) else Entity.DEAL
    fields = {field.key: field for field in fields_of(entity)}
    values = {key: _typed(fields.get(key), key, raw) for key, raw in said.items()}
    with transaction.atomic():
        _lock(row, by)
        model = type(row)
        custom = dict(model._base_manager.values_list("custom", flat=True).get(pk=row.pk))
        changed = {key: value for key, value in values.items() if str(custom.get(key) or "") != value}
        if changed and seen and seen != stamp(custom):
            raise Conflict(now=_("A colleague has changed these fields since you opened them."))
        if changed:
            told = [
                f"{fields[key].label}: {_step(fields[key], custom.get(key), changed[key])}" for key in changed
            ]
            custom = {key: value for key, value in {**custom, **changed}.items() if value not in ("", None)}
            model._base_manager.filter(pk=row.pk).update(custom=custom)
            _note(row, told, by, at)
        row.custom = custom
    return [fields[key].label for key in changed]


def _typed(field: CustomField | None, key: str, raw: str) -> str:
    if field is None:
        raise Refused(_("There is no field %(key)s.") % {"key": key})
    try:
        value = custom_value(field, raw)
    except ValidationError as wrong:
        raise Refused(f"{field.label}: {wrong.messages[0]}") from None
    if len(value) > LONGEST:
        raise Refused(_("%(field)s: at most %(n)s characters.") % {"field": field.label, "n": LONGEST})
    return value


def _lock(row: Prospect | Deal, by: Any) -> None:
    if isinstance(row, Prospect):
        lock(row)
        refuse_stranger(row, by)
    else:
        lock_deal(row, by)


def _step(field: CustomField, old: Any, new: str) -> str:
    return f"{in_words(field, old) or '–'} → {in_words(field, new) or '–'}"


def _note(row: Prospect | Deal, told: list[str], by: Any, at: datetime) -> None:
    """On the timeline; a deal of a company alone has none to stand on, and keeps it in the log of the admin."""
    prospect = row if isinstance(row, Prospect) else row.prospect
    if prospect is not None:
        about = [] if isinstance(row, Prospect) else [_("Deal “%(title)s”") % {"title": row.title or row.pk}]
        Note.objects.create(prospect=prospect, text="\n".join([*about, *told]), at=at, by=by)
    elif by is not None:
        LogEntry.objects.create(
            user=by, action_time=at, content_type=ContentType.objects.get_for_model(Deal), object_id=row.pk,
            object_repr=str(row), action_flag=CHANGE, change_message="\n".join(told),
        )  # fmt: skip


def changes_of(deal: Deal) -> QuerySet[LogEntry]:
    """Who changed which values of a deal of a company alone, in the order of time."""
    about = {"content_type": ContentType.objects.get_for_model(Deal), "object_id": deal.pk}
    return LogEntry.objects.filter(**about).select_related("user").order_by("action_time", "pk")
