"""The night: what is due is scored until nothing is, and a sample is checked. All leads are not looked at."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from leads.models import LeadScore, ScoreRun
from leads.scoring.check import check_sample
from leads.scoring.renewal import renew_reference
from leads.scoring.rescore import due, rescore
from leads.scoring.rules import load_setup
from leads.scoring.runs import begin, finish, rescore_all, unfinished

AT_ONCE = 5000


def rescore_night(*, at: datetime) -> dict[str, int]:
    """Score who is due, and check a sample. First the rest of a full run that was killed, if there is one.

    Counts: those of `rescore` and, of the check, checked, differ and waiting; renewed, once in five years.
    """
    renewed = renew_reference(at=at)
    rules = load_setup().rules
    if rules is None:
        return {"without_model": 1}
    counts: Counter[str] = Counter({"renewed": renewed} if renewed else {})
    if unfinished(rules.id, at):
        counts.update(rescore_all(at=at))
    run = begin(ScoreRun.Kind.NIGHT, model=rules.id, at=at)
    counts.update(_until_nothing_is_due(at))
    counts.update(check_sample(at=at).counts())
    finish(run, counts)
    return dict(counts)


def _until_nothing_is_due(at: datetime) -> Counter[str]:
    """As many as were due at the beginning: who becomes due meanwhile is the sweep's, which runs beside."""
    counts: Counter[str] = Counter()
    left = LeadScore.objects.filter(dirty_at__isnull=False).count()
    left += LeadScore.objects.filter(dirty_at=None, next_check_at__lte=at).count()
    while left > 0 and (ids := due(at, AT_ONCE)):
        counts.update(rescore(lead_ids=ids, at=at))
        left -= len(ids)
    return counts
