"""What was decided about a pair: two people, or to be looked at again. Merging is `leads.merging`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Conflict
from leads.models import Person, Twin


def differ(*, one: Person, two: Person, at: datetime, by: Any) -> Twin:
    """They are two people: the pair is not asked again, whatever is found later. Twice is once."""
    low, high = sorted([one.pk, two.pk])
    with transaction.atomic():
        Twin.objects.get_or_create(one_id=low, two_id=high, defaults={"score": 0.0, "found_at": at})
        twin = Twin.objects.select_for_update().get(one=low, two=high)
        if twin.state == Twin.State.MERGED:
            raise Conflict(now=_("They were merged."))
        if twin.state == Twin.State.OPEN:
            Twin.objects.filter(pk=twin.pk).update(state=Twin.State.DIFFERENT, decided_at=at, decided_by=by)
            twin.refresh_from_db()
    return twin


def look_again(*, twin: Twin) -> bool:
    """Back into the queue; False where it was not decided as two people."""
    again = {"state": Twin.State.OPEN, "decided_at": None, "decided_by": None}
    return bool(Twin.objects.filter(pk=twin.pk, state=Twin.State.DIFFERENT).update(**again))
