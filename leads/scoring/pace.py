"""How a full run makes room for visitors: while forms come in it takes small steps, and rests as long as it worked."""

from __future__ import annotations

from time import sleep

from django.db.models import Max

from leads.models import Submission
from leads.scoring.batch import RANGE

STEP = 2_000  # leads; a commit of so many does not hold up the commit of a form for long
BUSY = 1.0  # forms a second


class Pace:
    """`size` leads to take next. Call `rest` after each step with the seconds it took."""

    def __init__(self) -> None:
        self.size = RANGE
        self._newest = _newest_form()

    def rest(self, took: float) -> None:
        """Sleeps where forms came in meanwhile."""
        before, self._newest = self._newest, _newest_form()
        busy = self._newest - before > BUSY * took
        self.size = STEP if busy else RANGE
        if busy:
            sleep(took)


def _newest_form() -> int:
    return Submission.objects.aggregate(newest=Max("pk"))["newest"] or 0
