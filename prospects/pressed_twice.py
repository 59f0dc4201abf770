"""The same form twice: a second press, or a second tab, answers with what the first one made."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from prospects.models import Prospect
from prospects.transitions import lock, refuse_stranger

Row = TypeVar("Row", bound=Model)


def twin_of(model: type[Row], submit_key: Any, **whose: Model) -> Row | None:
    """The row that this form left already, or None. Raises Refused where it is about somebody else than `whose`."""
    twin = model._default_manager.filter(submit_key=submit_key).first() if submit_key else None
    if twin is not None and any(getattr(twin, f"{name}_id") != row.pk for name, row in whose.items()):
        raise Refused(_("This form was sent for somebody else already: load the page again."))
    return twin


def lock_for(prospect: Prospect, model: type[Row], submit_key: Any, *, by: Any, **whose: Model) -> Row | None:
    """Lock the prospect for `by`, and the row that this form left already, or None.

    A stage that was moved by the first press of this very form is no lost race. Raises Conflict where somebody else
    moved it, Refused for a stranger.
    """
    whose = whose or {"prospect": prospect}
    try:
        lock(prospect)
    except Conflict:
        refuse_stranger(prospect, by)
        twin = twin_of(model, submit_key, **whose)
        if twin is None:
            raise
        return twin
    refuse_stranger(prospect, by)
    return twin_of(model, submit_key, **whose)
