"""What became of each offer: shown, taken, won, and the discount given.

*Shown* are mails that left with it, and human visitors of pages that carry it. *Taken* are deals that name it, by the
day they were opened; *won* are those that were won in the period. The amount of a deal is what the customer pays, so
the discount given is what the same would have cost more without it: amount × p ÷ (100 − p).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from campaigns.models import Offer
from crm.reports.reached import HUMAN_VISIT, hits_in
from crm.reports.scope import Scope
from leads.models import Hit, Message
from prospects.models import Deal

MAILED, SEEN, TAKEN, WON = "mailed", "seen", "taken", "won"
NUMBERS = (MAILED, SEEN, TAKEN, WON)
CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class OfferLine:
    """One offer in a period. ``value`` is the sum of its won deals in the base currency."""

    offer: Offer
    mailed: int
    people: int
    seen: int
    taken: int
    won: int
    value: Decimal
    unpriced: int

    @property
    def left(self) -> int | None:
        """How many may still take it; None where their number is not limited."""
        return None if self.offer.limit is None else max(self.offer.limit - self.taken, 0)

    @property
    def given(self) -> Decimal:
        """The discount in the base currency."""
        return discount(self.value, self.offer.discount_percent)


def discount(paid: Decimal, percent: Decimal) -> Decimal:
    """What was given away on a price that was paid after the discount. Everything given away counts as nothing paid."""
    if not percent or percent >= 100:
        return Decimal(0)
    return (paid * percent / (100 - percent)).quantize(CENT)


def offers(scope: Scope) -> list[OfferLine]:
    """All offers that are in use or had something in the period; most taken first. Five queries, however many."""
    mailed = _by_offer(mails(scope), "words__offer", rows=Count("pk"), people=Count("person", distinct=True))
    seen = _by_offer(visits(scope), "page__offer", rows=Count("visitor_key", distinct=True))
    taken = _by_offer(deals(scope, TAKEN), "offer", rows=Count("pk"))
    won = _by_offer(
        deals(scope, WON), "offer", rows=Count("pk"), value=Sum("base_amount"), priced=Count("amount")
    )
    lines = []
    for offer in Offer.objects.select_related("campaign"):
        one = [counts.get(offer.pk, {}) for counts in (mailed, seen, taken, won)]
        if offer.archived_at is None or any(one):
            lines.append(_line(offer, *one))
    return sorted(lines, key=lambda line: (-line.taken, -line.mailed - line.seen, line.offer.name))


def rows(*, offer: Offer, number: str, scope: Scope) -> QuerySet[Any]:
    """The rows behind one number of one offer. Raises KeyError for a number that there is not."""
    if number == MAILED:
        return mails(scope).filter(words__offer=offer).select_related("person", "step__version__sequence")
    if number == SEEN:
        seen = visits(scope).filter(page__offer=offer).values("visitor_key")
        return seen.annotate(first=Min("at"), last=Max("at"), hits=Count("pk"))
    if number in (TAKEN, WON):
        return (
            deals(scope, number)
            .filter(offer=offer)
            .select_related("prospect__owner", "prospect__person", "account")
        )
    raise KeyError(number)


def mails(scope: Scope) -> QuerySet[Message]:
    """Mails that left with an offer in the period."""
    sent = Message.objects.filter(state=Message.State.SENT).exclude(words__offer=None)
    return sent.filter(scope.within("ended_at")).order_by()


def visits(scope: Scope) -> QuerySet[Hit]:
    """Human visits of pages with an offer."""
    return hits_in(scope).filter(HUMAN_VISIT, kind=Hit.Kind.PAGE).exclude(page__offer=None).order_by()


def deals(scope: Scope, number: str) -> QuerySet[Deal]:
    """Deals that name an offer, opened or won in the period."""
    named = Deal.objects.exclude(offer=None).order_by()
    if number == TAKEN:
        return named.filter(scope.within("opened_at"))
    return named.filter(scope.within("closed_at"), status=Deal.Status.WON)


def _by_offer(found: QuerySet[Any], column: str, **counts: Any) -> dict[int, dict[str, Any]]:
    lines: Iterable[dict[str, Any]] = found.values(column).annotate(**counts)
    return {line[column]: line for line in lines}


def _line(offer: Offer, mailed: dict, seen: dict, taken: dict, won: dict) -> OfferLine:
    return OfferLine(
        offer=offer,
        mailed=mailed.get("rows", 0),
        people=mailed.get("people", 0),
        seen=seen.get("rows", 0),
        taken=taken.get("rows", 0),
        won=won.get("rows", 0),
        value=won.get("value") or Decimal(0),
        unpriced=won.get("rows", 0) - won.get("priced", 0),
    )
