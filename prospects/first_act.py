"""What the first act of a rep does, whichever it is: a call, a mail, a meeting or a social touch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from prospects.models import Prospect
from prospects.pipeline import first_act
from prospects.qualification import missing_for
from prospects.stages import CONTACTING, TO_CONTACT, stage_named
from prospects.transitions import enter


def note_first_act(prospect: Prospect, *, by: Any, at: datetime) -> None:
    """Stops the clock of the first answer, if a person acts and nobody has before."""
    changed = first_act(prospect, by=by, at=at)
    if changed:
        Prospect.objects.filter(pk=prospect.pk, first_acted_at=None).update(**changed)
        prospect.first_acted_at = at


def leave_to_contact(prospect: Prospect, *, by: Any, at: datetime, why: str) -> None:
    """The first call or mail to a cold contact; where the next stage asks for more than that, it stays."""
    if prospect.origin != Prospect.Origin.OUTBOUND or prospect.stage.slug != TO_CONTACT or by is None:
        return
    contacting = stage_named(prospect.pipeline, CONTACTING)
    if not missing_for(prospect, contacting, by=by):
        enter(prospect, contacting, at=at, by=by, why=why)
