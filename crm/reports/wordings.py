"""What a test of two wordings found. It says nothing until both had their visitors, and nothing new after that.

Counted are human visitors (the latest verdict) and the people behind accepted forms. The count ends at the moment at
which the second wording had its number, and `FORM_WAIT` later for the forms of the last ones: who looks every day
cannot stop at a lucky moment, because there is one moment only. A visitor is a browser's key of one day, the same by
which the wording was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns import wording
from campaigns.models import PageTest
from campaigns.proportions import Difference, Share, difference, share
from leads.models import Hit, Submission, Verdict

FORM_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Result:
    """Both wordings, counted until ``until`` (None: until now). ``found`` stays None while it is too early to say."""

    a: Share
    b: Share
    needed: int
    until: datetime | None
    found: Difference | None

    @property
    def least(self) -> int:
        """Visitors of the wording that had fewer."""
        return min(self.a.of, self.b.of)

    @property
    def winner(self) -> str:
        """``"a"`` or ``"b"``; empty where nothing can be said or nothing differs."""
        if self.found is None or not self.found.clear:
            return ""
        return wording.B if self.found.value > 0 else wording.A

    @property
    def words(self) -> str | Promise:
        """The verdict as a sentence."""
        if self.found is None:
            if self.least >= self.needed:
                return _(
                    "Both had their visitors. The forms of the last ones are waited for, an hour at most."
                )
            return _("Not enough data yet: %(least)d of %(needed)d visitors.") % {
                "least": self.least,
                "needed": self.needed,
            }
        if not self.winner:
            return _("No difference found.")
        return (
            _("A, the page as it was, does better.")
            if self.winner == "a"
            else _("B, the second wording, does better.")
        )


def result(test: PageTest, *, at: datetime) -> Result:
    """The figures of a test as of ``at``."""
    seen = _first_seen(test)
    ends = [sorted(seen[which].values())[test.visitors_each - 1 : test.visitors_each] for which in "ab"]
    until = max(end[0] for end in ends) if all(ends) else None
    a, b = (_share(test, which, seen[which], until) for which in "ab")
    decided = until is not None and (at >= until + FORM_WAIT or test.ended_at is not None)
    return Result(a, b, test.visitors_each, until, difference(a, b) if decided else None)


def shown(test: PageTest, *, at: datetime) -> dict[str, Any]:
    """The figures as a page writes them down."""
    found = result(test, at=at)
    sides = [(kept.label, found.a if kept == wording.A else found.b) for kept in PageTest.Kept]
    gap = found.found
    return {
        "result": found,
        "sides": [(name, _written(side)) for name, side in sides],
        "gap": _points(gap.value) if gap else "",
        "low": _points(gap.low) if gap else "",
        "high": _points(gap.high) if gap else "",
    }


def _written(side: Share) -> dict[str, Any]:
    between = f"{side.low:.1%} – {side.high:.1%}" if side.of else "–"
    return {"of": side.of, "hits": side.hits, "percent": f"{side.value:.1%}", "between": between}


def _points(value: float) -> str:
    """``+3.1``: percentage points with their sign; a true minus, as in print."""
    return f"{value * 100:+.1f}".replace("-", "−")


def _first_seen(test: PageTest) -> dict[str, dict[str, datetime]]:
    """Of each wording its human visitors and when each came first."""
    hits = Hit.objects.with_verdict().filter(
        test=test, kind=Hit.Kind.PAGE, read_as=Verdict.Kind.HUMAN, at__gte=test.started_at
    )
    if test.ended_at:
        hits = hits.filter(at__lte=test.ended_at)
    seen: dict[str, dict[str, datetime]] = {"a": {}, "b": {}}
    for which, key, first in hits.values_list("variant", "visitor_key").annotate(Min("at")):
        seen[which][key] = first
    return seen


def _share(test: PageTest, which: str, seen: dict[str, datetime], until: datetime | None) -> Share:
    """Forms per visitor, never more: who is not counted as a visitor may still send a form."""
    sent = Submission.objects.filter(test=test, variant=which, state=Submission.State.ACCEPTED)
    last = until + FORM_WAIT if until else test.ended_at
    if last:
        sent = sent.filter(at__lte=last)
    visitors = sum(first <= until for first in seen.values()) if until else len(seen)
    return share(min(sent.values("person").distinct().count(), visitors), visitors)
