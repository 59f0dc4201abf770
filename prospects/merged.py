"""What becomes of prospects when two people are one: cycles in one order of rounds, and never two open ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.models import Person
from prospects.models import Prospect
from prospects.transitions import tell_leads

ASIDE = 10_000  # above any round: numbers that are free while the order changes


def make_room(*, keep_id: int, gone_id: int) -> None:
    """Number the cycles of both by when they were opened. Raises Refused where both have an open one.

    Which of two open cycles is right, and whose it is, only sales can say: no rule closes one silently.
    """
    cycles = Prospect.objects.filter(person__in=[keep_id, gone_id]).select_related("pipeline", "owner")
    by_pipeline: dict[int, list[Prospect]] = {}
    for cycle in cycles.select_for_update(of=("self",)).order_by("opened_at", "pk"):
        by_pipeline.setdefault(cycle.pipeline_id, []).append(cycle)
    for rows in by_pipeline.values():
        open_ones = [cycle for cycle in rows if cycle.is_open]
        if len(open_ones) > 1:
            raise Refused(_words(open_ones), missing=[_("one open prospect instead of two")])
        if len({cycle.person_id for cycle in rows}) == 2:
            _number([cycle for cycle in rows if not cycle.is_open] + open_ones)


def _words(open_ones: list[Prospect]) -> str:
    nobody = _("nobody")
    return _("Both have an open prospect in “%(pipeline)s” (with %(owners)s). Close one of them first.") % {
        "pipeline": open_ones[0].pipeline.name,
        "owners": ", ".join(str(cycle.owner or nobody) for cycle in open_ones),
    }


def _number(cycles: list[Prospect]) -> None:
    for place, cycle in enumerate(cycles, 1):
        Prospect.objects.filter(pk=cycle.pk).update(round=ASIDE + place)
    for place, cycle in enumerate(cycles, 1):
        Prospect.objects.filter(pk=cycle.pk).update(round=place)


def tell_leads_again(*, person_ids: Iterable[int], at: datetime) -> None:
    """Somebody moved a prospect between a merge and its undo: the stage that marketing reads is worked out anew."""
    for person in Person.objects.filter(pk__in=list(person_ids)):
        cycles = Prospect.objects.filter(person=person).select_related("person", "stage", "owner")
        newest = cycles.order_by("-opened_at", "-pk")
        cycle = newest.filter(closed_at=None).first() or newest.first()
        if cycle:
            tell_leads(cycle, at=at)
        else:
            Person.objects.filter(pk=person.pk).update(sales_stage="", sales_open=False, sales_owner=None)
