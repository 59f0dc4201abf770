"""After the restore of a backup: what may have gone out since the backup is parked, not sent again (RELIABILITY O4).

The ledger of yesterday does not know today's mails. So before the first worker starts, the sequences are walked up
to now, and each mail that would be due on the way becomes `unknown`: listed, and decided by a person. Mail that
somebody asked for stays due; a second copy of it carries the same Message-ID.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from leads.nurture.advance import advance
from leads.sending import ledger, outbox

MOST_ROUNDS = 10_000


def park(*, at: datetime) -> dict[str, int]:
    """Park every sequence mail due by `at`. Returns counts: parked, and of leases that the backup held."""
    counts = Counter(parked=0, **ledger.free_dead_leases(at=at))
    for _ in range(MOST_ROUNDS):
        advanced = Counter(advance(at=at))
        parked = outbox.park_due(at=at)
        counts["parked"] += parked
        if not parked and not +advanced:
            break
    return dict(counts)
