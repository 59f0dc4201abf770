"""What leads do when campaigns or a higher floor says that something changed: scores become due."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from leads.models import Touch
from leads.tracking import note_change, note_change_of_rules


def on_audience_changed(**_: Any) -> None:
    note_change_of_rules(at=timezone.now())


def on_asset_reads_differently(asset_id: int, **_: Any) -> None:
    people = Touch.objects.filter(asset=asset_id).order_by("person").values_list("person", flat=True)
    note_change(person_ids=people.distinct(), at=timezone.now())


def on_people_merged(keep_id: int, gone_id: int, **_: Any) -> None:
    note_change(person_ids=[keep_id, gone_id], at=timezone.now())


def on_person_erased(person_id: int, **_: Any) -> None:
    note_change(person_ids=[person_id], at=timezone.now())
