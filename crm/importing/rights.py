"""Who may bring in what, and who sees which imports.

People on a list of sales come in by whoever may bring in such lists, and by nobody else: marketing keeps to leads.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from campaigns.errors import Refused
from crm.importing.columns.mapping import Mapping
from crm.models import ImportRun

LEADS, HISTORY, LISTS = "leads.import_leads", "leads.import_history", "prospects.import_prospects"
ANY = (LEADS, HISTORY, LISTS)
COLD = "cold_contact"
NO_LIST = "cold contacts come in on a list, which says on what ground we may speak to them; name it"


def visible_runs(user: Any) -> QuerySet[ImportRun]:
    """Operators see all; marketing none of the lists of sales; whoever may only bring in lists, only those."""
    runs = ImportRun.objects.all()
    lists, leads, history = user.has_perm(LISTS), user.has_perm(LEADS), user.has_perm(HISTORY)
    if not (leads or history):
        return runs.exclude(prospecting_list=None) if lists else runs.none()
    return runs if lists or history else runs.filter(prospecting_list=None)


def refuse_unless_may(run: ImportRun, by: Any, needed: str, what: str) -> None:
    """`needed` is the right that an import without a list asks for. Raises Refused; None is the system."""
    if by is not None and not by.has_perm(LISTS if run.prospecting_list_id else needed):
        raise Refused(f"{by.get_username()} may not {what}")


def refuse_unfit_for_list(run: ImportRun, mapping: Mapping | None) -> None:
    """Cold contacts come in on a list, which holds the ground for speaking to them; nothing else comes in on one.

    Nothing is said of marketing mail: they never get any.
    """
    if not run.prospecting_list_id:
        if (mapping.kind if mapping else run.kind) == COLD:
            raise Refused(NO_LIST)
        return
    if run.prospecting_list and run.prospecting_list.archived_at:
        raise Refused("this list is archived; bring it back first")
    if (mapping.kind if mapping else run.kind) != COLD or (mapping and mapping.history):
        raise Refused("only cold contacts come in on a list; choose a mapping for them, or name the columns")
    if run.basis:
        raise Refused("marketing mail never goes to cold contacts; a legal basis for it has no place here")
