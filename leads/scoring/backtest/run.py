"""A version of the rules tried on the past, beside another one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from leads.models import ScoringModel
from leads.scoring.backtest.reading import pasts, there_by
from leads.scoring.backtest.replay import Version
from leads.scoring.backtest.span import span_until
from leads.scoring.backtest.tally import Tally
from leads.scoring.points import Rules
from leads.scoring.rules import load_setup, rules_of


def replay(
    *,
    draft: ScoringModel,
    beside: ScoringModel | None,
    until: datetime,
    weeks: int,
    capacity: int,
    walked: Callable[[int, int], Any] = lambda done, of: None,
) -> dict[str, Any]:
    """Both versions over the last `weeks` full weeks before `until`; fit for a JSON column (docs/backtest.md).

    `walked` hears how many leads are done, of how many. Memory follows one lot of leads, not their number.
    """
    setup = load_setup()
    rules = rules_of(draft)
    span = span_until(until, weeks=weeks, zone=rules.zone)
    new = Version(rules, span, setup.exclusions)
    old = Version(rules_of(beside), span, setup.exclusions) if beside is not None else None
    tally, done, of = Tally(span, capacity), 0, there_by(span.until).count()
    for lot in pasts(span, until=until):
        for past in lot:
            tally.add(past, new.handed(past), old.handed(past) if old is not None else None)
        done += len(lot)
        walked(done, of)
    return tally.result(beside=old is not None) | {"rules": fingerprint(rules)}


def fingerprint(rules: Rules) -> str:
    """Tells whether a draft was changed after it was tried. The reference time decides nothing."""
    said = [getattr(rules, name) for name in sorted(Rules.__dataclass_fields__) if name != "reference_at"]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]
