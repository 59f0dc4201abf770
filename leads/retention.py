"""What is kept for a while only: the addresses of computers (RELIABILITY T6).

They are evidence that a person, not a program, sent a form or gave a consent. After ``settings.ADDRESS_DAYS`` they are
taken out; everything else of the row stays.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Model

from leads.models import ConsentEvent, Hit, PrivacyRequest, Submission

AT_ONCE = 2_000
# Each with the column that says how old the address is.
WITH_ADDRESS: tuple[tuple[type[Model], str], ...] = (
    (Hit, "at"),
    (Submission, "at"),
    (ConsentEvent, "recorded_at"),
    (PrivacyRequest, "asked_at"),
)


def remove_addresses(*, at: datetime) -> dict[str, int]:
    """Empty the addresses that are too old, in small statements; twice changes nothing. Counts by table."""
    before = at - timedelta(days=settings.ADDRESS_DAYS)
    return {model._meta.model_name or "": _empty(model, column, before) for model, column in WITH_ADDRESS}


def _empty(model: type[Model], column: str, before: datetime) -> int:
    old = model._default_manager.filter(ip__isnull=False, **{f"{column}__lt": before}).order_by(column)
    done = 0
    while pks := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        done += model._default_manager.filter(pk__in=pks).update(ip=None)
    return done
