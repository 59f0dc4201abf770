"""When a colleague last gave a lead (back) to nurture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from leads.models import LeadMove, LeadStatus

BY_PEOPLE = (LeadMove.Way.SALES, LeadMove.Way.STAFF, LeadMove.Way.IMPORTED)


def returned_since(lead_ids: Sequence[int]) -> dict[int, datetime]:
    """When a person last put each lead (back) into nurture; leads that never were are missing."""
    moves = LeadMove.objects.filter(lead__in=lead_ids, new=LeadStatus.NURTURING, way__in=BY_PEOPLE)
    return dict(moves.order_by().values_list("lead").annotate(Max("at")))
