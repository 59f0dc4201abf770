"""How long people waited for the first act of each rep, in the rep's own working minutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from statistics import median

from prospects.clocks.clock import Hours, working_minutes
from prospects.team_board.figures import Span, rows_of

MOST = 2000  # the newest of the period: a median of more says the same


def first_touch(span: Span, hours: Mapping[int, Hours]) -> dict[int, int]:
    """Rep → median from the handover to the first act, of those first touched in the period. One query.

    `hours`: when each rep works.
    """
    rows = rows_of("answered", span).filter(owner__in=hours).order_by("-first_acted_at", "-pk")
    waits: dict[int, list[int]] = defaultdict(list)
    for owner, opened, acted in rows.values_list("owner", "opened_at", "first_acted_at")[:MOST]:
        waits[owner].append(working_minutes(opened, acted, hours[owner]))
    return {owner: round(median(found)) for owner, found in waits.items()}
