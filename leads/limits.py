"""How many forms one client, one mailbox and one page may send (docs/capture.md).

Counted in Redis, behind a breaker: a store that does not answer within a tenth of a second is left alone for ten
seconds, and each process counts for itself meanwhile. A limit never stops a form by failing.

A window slides: what was counted in the window before weighs as much as of it is still inside.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from ipaddress import IPv6Address, ip_address

import redis
from django.conf import settings
from django.utils.translation import ngettext
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

HOUR = 3600
WAIT_SECONDS = 0.1  # for an answer of the store
OPEN_SECONDS = 10.0  # how long a store that failed is left alone
MOST_COUNTED = 20_000  # keys a process remembers by itself

# Counts one form under each key in turn and stops at the first that has had too many: a flood from one address
# fills neither the mailbox's count nor the page's. Returns the number of that key (from 1), or 0.
COUNT = """
for i = 1, #KEYS / 2 do
  local now = redis.call('INCR', KEYS[2 * i - 1])
  if now == 1 then redis.call('EXPIRE', KEYS[2 * i - 1], 2 * tonumber(ARGV[2])) end
  local before = tonumber(redis.call('GET', KEYS[2 * i]) or '0')
  if now + before * tonumber(ARGV[1]) > tonumber(ARGV[2 + i]) then return i end
end
return 0
"""


@dataclass(frozen=True)
class Refusal:
    """Too many. ``message`` says it to a person; ``retry_after`` in whole seconds."""

    message: str
    retry_after: int
    about: str


@dataclass(frozen=True)
class Limit:
    """One count: of what, under which key, and how many in an hour are let through."""

    about: str
    key: str
    most: int


def allow(
    *, page_id: int | None, ip: str | None, email_key: str | None, at: datetime, hourly: int | None = None
) -> Refusal | None:
    """Count a form and say whether it may come in: None where it may. ``hourly``: the page's own limit.

    Call it once a form, before ``capture``. Never raises for a store that is away.
    """
    limits = _limits(page_id, ip, email_key, hourly)
    over = _count(limits, at.timestamp()) if limits else 0
    if not over:
        return None
    limit = limits[over - 1]
    seconds = _retry_after(at.timestamp())
    log.warning("A form was refused: too many of one %s", limit.about)
    return Refusal(_words(limit.about, seconds), seconds, limit.about)


def folded(email_key: str) -> str:
    """A mailbox for counting only: what stands behind a plus is a label that its owner makes up."""
    local, _at, domain = email_key.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def network(ip: str) -> str:
    """A client for counting: an IPv4 address, or the /64 that one connection holds of IPv6."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64))
    return ip


def _limits(page_id: int | None, ip: str | None, email_key: str | None, hourly: int | None) -> list[Limit]:
    found = []
    if ip and settings.FORMS_PER_ADDRESS:
        found.append(Limit("address", f"a:{network(ip)}", settings.FORMS_PER_ADDRESS))
    if email_key and settings.FORMS_PER_MAILBOX:
        found.append(Limit("mailbox", f"m:{_hidden(folded(email_key))}", settings.FORMS_PER_MAILBOX))
    if page_id and hourly:
        found.append(Limit("form", f"f:{page_id}", hourly))
    return found


def _hidden(mailbox: str) -> str:
    """No address lies readable in the store."""
    return hashlib.blake2b(
        mailbox.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=12
    ).hexdigest()


def _retry_after(now: float) -> int:
    return max(60, min(HOUR, int(HOUR - now % HOUR)))


def _words(about: str, seconds: int) -> str:
    minutes = -(-seconds // 60)
    if about == "form":
        words = ngettext(
            "Very many people are sending this form just now. Please try again in a minute.",
            "Very many people are sending this form just now. Please try again in %(minutes)d minutes.",
            minutes,
        )
    else:
        words = ngettext(
            "That was very often in a short time. Please try again in a minute.",
            "That was very often in a short time. Please try again in %(minutes)d minutes.",
            minutes,
        )
    return words % {"minutes": minutes}


def _count(limits: Sequence[Limit], now: float) -> int:
    """The number of the first limit that is passed, from 1; 0 where none is."""
    window, inside = divmod(now, HOUR)
    weight = 1 - inside / HOUR
    breaker = _store()
    if breaker is not None and breaker.closed():
        try:
            found = breaker.count(limits, int(window), weight)
        except (redis.RedisError, OSError, ValueError) as error:
            breaker.trip(error)
        else:
            breaker.heal()
            return found
    return own.count(limits, int(window), weight)


class Counter:
    """The counts of this process: used without a store, and while it is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, int], int] = {}

    def count(self, limits: Sequence[Limit], window: int, weight: float) -> int:
        with self._lock:
            if len(self._counts) > MOST_COUNTED:
                self._counts = {key: n for key, n in self._counts.items() if key[1] >= window - 1 and n > 1}
            for number, limit in enumerate(limits, 1):
                now = self._counts[limit.key, window] = self._counts.get((limit.key, window), 0) + 1
                if now + self._counts.get((limit.key, window - 1), 0) * weight > limit.most:
                    return number
        return 0

    def forget(self) -> None:
        with self._lock:
            self._counts.clear()


class Store:
    """The shared counts in Redis. Open (not asked) for a while after it failed; then one thread tries again."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=WAIT_SECONDS,
            socket_connect_timeout=WAIT_SECONDS,
            retry=Retry(NoBackoff(), 0),  # waiting once is enough
        )
        self._script = self._client.register_script(COUNT)
        self._open_until = 0.0
        self._lock = threading.Lock()

    def closed(self) -> bool:
        """Whether to ask it now. After a failure one caller is let through at the end of the wait."""
        if not self._open_until:
            return True
        with self._lock:
            if time.monotonic() < self._open_until:
                return False
            self._open_until = time.monotonic() + OPEN_SECONDS
            return True

    def count(self, limits: Sequence[Limit], window: int, weight: float) -> int:
        keys = [f"limit:{limit.key}:{w}" for limit in limits for w in (window, window - 1)]
        return int(self._script(keys, [round(weight, 6), HOUR, *(limit.most for limit in limits)]))

    def trip(self, error: Exception) -> None:
        if not self._open_until:
            log.warning("Limits are counted by each process alone: %s", type(error).__name__)
        self._open_until = time.monotonic() + OPEN_SECONDS

    def heal(self) -> None:
        if self._open_until:
            log.info("Limits are counted together again")
            self._open_until = 0.0


own = Counter()


def _store() -> Store | None:
    return _store_at(settings.LIMITS_REDIS_URL) if settings.LIMITS_REDIS_URL else None


@cache
def _store_at(url: str) -> Store:
    return Store(url)
