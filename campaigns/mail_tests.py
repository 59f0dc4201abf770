"""Two wordings of a mail step: ending the test. Who gets which: `leads/sending/wording.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.models import PublishedStep, PublishedWords, StepTest

Variant = PublishedWords.Variant


def end_test(*, step: PublishedStep, kept: str, by: Any, at: datetime) -> StepTest:
    """From now on everybody gets the kept wording. What was sent stays counted as it was.

    Raises Refused where the step has no two wordings, Conflict where the test has ended.
    """
    if kept not in Variant.values or not step.words.filter(persona=None, variant=kept).exists():
        raise Refused(_("This step has no such wording."))
    if not step.words.filter(persona=None, variant=Variant.B).exists():
        raise Refused(_("This step has one wording only; there is no test to end."))
    try:
        with transaction.atomic():
            return StepTest.objects.create(step=step, kept=kept, ended_at=at, ended_by=by)
    except IntegrityError:
        ended = StepTest.objects.get(step=step)
        raise Conflict(now=_("%s was kept") % ended.get_kept_display()) from None
