"""How much may go out now: mails a minute, mails a minute to one mail domain, and the ramp of a new sending domain.

Counted from the ledger (what is leased and what was claimed), so all workers share the limits and a restart forgets
nothing. What people asked for counts too, but a tenth of each limit is kept for it, and the ramp never holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Q

from campaigns import sending
from campaigns.models import SendingPolicy
from leads.models import Message, Person
from leads.sending.gate import ASKED_FOR

MINUTE = timedelta(minutes=1)
ANY = 10**9  # no limit
_SPACE = 0x4E56  # our part of the advisory locks' key space
_LEASED = Q(state=Message.State.SCHEDULED, lease__isnull=False)


@dataclass(frozen=True)
class Limit:
    """One limit at one moment: its name (minute, day, domain), how many it allows, and how many are used."""

    name: str
    most: int
    asked: int  # what people asked for
    marketing: int

    @property
    def left_for_asked(self) -> int:
        if self.name == "day":
            return ANY
        return max(self.most - self.asked - self.marketing, 0)

    @property
    def left_for_marketing(self) -> int:
        return max(self.most - self.marketing - max(self.asked, self.most // 10), 0)

    @property
    def used(self) -> int:
        return self.asked + self.marketing

    @property
    def reached(self) -> bool:
        return not self.left_for_marketing


@dataclass
class Room:
    """What a lease may take now. `take` counts down, so that one lease does not pass a limit either."""

    limits: list[Limit] = field(default_factory=list)
    per_domain: int = 0
    domains: dict[str, Limit] = field(default_factory=dict)
    left_over: bool = False  # a row stayed behind for its domain's limit

    @property
    def asked(self) -> int:
        return min((limit.left_for_asked for limit in self.limits), default=ANY)

    @property
    def marketing(self) -> int:
        return min((limit.left_for_marketing for limit in self.limits), default=ANY)

    @property
    def reached(self) -> str:
        """The name of a limit that holds mail back now; empty: none."""
        names = (limit.name for limit in self.limits if limit.reached)
        return next(names, "domain" if self.left_over else "")

    def full(self, *, asked: bool) -> list[str]:
        """Domains that take no more of this kind now."""
        return [
            name
            for name, limit in self.domains.items()
            if not (limit.left_for_asked if asked else limit.left_for_marketing)
        ]

    def take(self, messages: Iterable[Message]) -> tuple[list[Message], list[Message]]:
        """Those that have room at their domain, and those that stay behind."""
        taken: list[Message] = []
        behind: list[Message] = []
        for message in messages:
            (taken if not self.per_domain or self._one_more(message) else behind).append(message)
        self.left_over = self.left_over or bool(behind)
        return taken, behind

    def _one_more(self, message: Message) -> bool:
        domain, asked = domain_of(message.person), message.kind in ASKED_FOR
        now = self.domains.get(domain) or Limit("domain", self.per_domain, 0, 0)
        if not (now.left_for_asked if asked else now.left_for_marketing):
            return False
        self.domains[domain] = Limit("domain", now.most, now.asked + asked, now.marketing + (not asked))
        return True


def domain_of(person: Person) -> str:
    """Where the person's mailbox is."""
    return (person.email_key or "").rpartition("@")[2][:120]


def room(*, at: datetime, alone: bool = False) -> Room:
    """What may go out at `at`. `alone`: in a transaction that leases; until its end nobody else counts."""
    rules = sending.policy()
    ramp = sending.most_on(rules, sending.day_of(at))
    if not (rules.per_minute or rules.per_domain_minute or ramp is not None):
        return Room()
    if alone and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_SPACE])
    return Room(_limits(rules, ramp, at), rules.per_domain_minute, _domains(rules, at))


def _limits(rules: SendingPolicy, ramp: int | None, at: datetime) -> list[Limit]:
    found = []
    if rules.per_minute:
        found.append(Limit("minute", rules.per_minute, *_used(at - MINUTE, at)))
    if ramp is not None:
        found.append(Limit("day", ramp, *_used(sending.day_begins(at), at)))
    return found


def _since(begin: datetime, at: datetime) -> Q:
    """Leased, or claimed since `begin`. A clock that was set back leaves claims "to come": they do not count."""
    return _LEASED | Q(claimed_at__gt=begin, claimed_at__lte=at + MINUTE)


def _used(begin: datetime, at: datetime) -> tuple[int, int]:
    asked = Q(kind__in=ASKED_FOR)
    rows = Message.objects.filter(_since(begin, at))
    counts = rows.aggregate(asked=Count("pk", filter=asked), marketing=Count("pk", filter=~asked))
    return counts["asked"], counts["marketing"]


def _domains(rules: SendingPolicy, at: datetime) -> dict[str, Limit]:
    if not rules.per_domain_minute:
        return {}
    asked = Q(kind__in=ASKED_FOR)
    rows = Message.objects.filter(_since(at - MINUTE, at)).exclude(to_domain="").order_by()
    counts = rows.values("to_domain").annotate(
        asked=Count("pk", filter=asked), marketing=Count("pk", filter=~asked)
    )
    return {
        row["to_domain"]: Limit("domain", rules.per_domain_minute, row["asked"], row["marketing"])
        for row in counts
    }
