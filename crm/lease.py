"""The dispatcher lease: of all processes on one database, those of one holder run jobs.

An embedded worker is a holder by itself; all Celery workers behind one broker are one holder together. So two
stacks on one database, or an embedded worker beside Celery, do not dispatch twice: the second one waits.
"""

from __future__ import annotations

import hashlib
import socket
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from crm.models import DispatcherLease

NAME = "dispatcher"
LASTS = timedelta(seconds=30)
RENEW_EVERY = timedelta(seconds=5)
_BOOT = uuid.uuid4().hex[:12]
_renewed: dict[str, datetime] = {}


def _embedded_here() -> str:
    return f"embedded:{socket.gethostname()[:60]}:"


def holder() -> str:
    """The name under which this process asks for the lease."""
    if settings.REDIS_URL:
        return "celery:" + hashlib.sha256(settings.REDIS_URL.encode()).hexdigest()[:12]
    return _embedded_here() + _BOOT


def hold(*, at: datetime) -> bool:
    """Take the lease or renew it; False while somebody else holds it. Cheap: asks the database every 5 s."""
    mine = holder()
    last = _renewed.get(mine)
    if last and last <= at < last + RENEW_EVERY:
        return True
    taken = _take(mine, at)
    if taken:
        _renewed[mine] = at
    else:
        _renewed.pop(mine, None)
    return taken


def _take(mine: str, at: datetime) -> bool:
    fresh = {"holder": mine, "until": at + LASTS, "renewed_at": at}
    free = Q(holder=mine) | Q(until__lt=at) | Q(until__gt=at + 2 * LASTS)  # the last: a clock was set back
    if DispatcherLease.objects.filter(free, name=NAME).update(**fresh):
        return True
    try:
        with transaction.atomic():
            DispatcherLease.objects.create(name=NAME, **fresh)
    except IntegrityError:
        return False
    return True


def take_over_here(*, at: datetime) -> None:
    """Free the lease of an embedded worker of this machine that died. Only for who holds its lock file."""
    DispatcherLease.objects.filter(name=NAME, holder__startswith=_embedded_here()).update(until=at - LASTS)


def release() -> None:
    """Give the lease back, so that the next process need not wait for its end."""
    _renewed.clear()
    DispatcherLease.objects.filter(name=NAME, holder=holder()).delete()
