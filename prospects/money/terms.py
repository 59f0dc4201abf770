"""What an open deal says: title, sum, day, offer, products; and who else takes part in the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.models import Offer
from leads.models import Person
from prospects.models import BuyingRole, Deal, DealLine, DealPerson, Product, Prospect
from prospects.money.deals import changed_rate, lock_deal, refuse_amount
from prospects.transitions import lock, refuse_closed, refuse_stranger

Status = Deal.Status


@dataclass(frozen=True, kw_only=True)
class Line:
    """A product, how many, and the price of each in the deal's currency."""

    product: Product
    quantity: Decimal
    price: Decimal


def change_deal(
    *,
    deal: Deal,
    by: Any,
    at: datetime,
    title: str,
    amount: Decimal | None,
    currency: str,
    expected_on: date | None,
    rate: Decimal | None = None,
    offer: Offer | None = None,
    lines: Sequence[Line] = (),
) -> Deal:
    """Replace the terms of an open deal. Where there are products, the amount is their sum, whatever was typed.

    Raises Conflict where the deal was closed meanwhile, Refused for a stranger or a sum below zero.
    """
    with transaction.atomic():
        lock_deal(deal, by)
        total = total_of(lines) if lines else amount
        if any(line.quantity <= 0 or line.price < 0 for line in lines):
            raise Refused(_("The amount is below zero."))
        changed: dict[str, Any] = {
            "title": title,
            "amount": total,
            "expected_on": expected_on,
            "offer": offer,
        }
        changed |= changed_rate(deal, currency, rate, at)
        refuse_amount(total, changed.get("rate", deal.rate))
        if not Deal.objects.filter(pk=deal.pk, status=Status.OPEN).update(**changed):
            raise Conflict(now=Deal.objects.get(pk=deal.pk).get_status_display())
        deal.lines.all().delete()
        DealLine.objects.bulk_create(
            [
                DealLine(deal=deal, product=one.product, quantity=one.quantity, price=one.price)
                for one in lines
            ]
        )
        deal.refresh_from_db()
    return deal


def total_of(lines: Sequence[Line]) -> Decimal:
    return sum((line.quantity * line.price for line in lines), Decimal(0)).quantize(Decimal("0.01"))


def joinable(prospect: Prospect) -> list[Deal]:
    """Open deals of the account that this prospect's person takes no part in yet."""
    if prospect.account_id is None:
        return []
    deals = Deal.objects.filter(account=prospect.account_id, status=Status.OPEN).exclude(
        prospect__person=prospect.person_id
    )
    deals = deals.exclude(people__person=prospect.person_id)
    return list(deals.select_related("prospect__owner", "prospect__person").order_by("-opened_at", "-pk"))


def deals_with(prospect: Prospect) -> list[Deal]:
    """The deals of this cycle, then the open ones of others that its person takes part in. One query."""
    theirs = Q(people__person=prospect.person_id, status=Status.OPEN)
    rows = (
        Deal.objects.filter(Q(prospect=prospect) | theirs)
        .select_related("reason", "prospect__owner")
        .distinct()
    )
    return sorted(rows, key=lambda deal: deal.prospect_id != prospect.pk)


def takes_part(prospect: Prospect) -> bool:
    """Whether the person is in somebody else's open deal and has none of their own here."""
    if prospect.deals.filter(status=Status.OPEN).exists():
        return False
    return DealPerson.objects.filter(person=prospect.person_id, deal__status=Status.OPEN).exists()


def join_deal(*, deal: Deal, prospect: Prospect, role: str, by: Any, at: datetime) -> DealPerson:
    """The person of a prospect takes part in an open deal of their account instead of opening another.

    The owner of the prospect decides, and must see the deal: it is theirs, or they manage. Joining twice changes
    nothing. Raises Refused, and Conflict where the deal or the cycle was closed meanwhile.
    """
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        refuse_closed(prospect)
        if role not in BuyingRole.Role.values:
            raise Refused(_("Choose a role."), missing=[_("a buying role")])
        if prospect.account_id is None or deal.account_id != prospect.account_id:
            raise Refused(_("This deal is of another company."))
        return _take_part(deal, prospect.person, role, by=by, at=at)


def _take_part(deal: Deal, person: Person, role: str, *, by: Any, at: datetime) -> DealPerson:
    if deal.prospect is not None:
        if deal.prospect.person_id == person.pk:
            raise Refused(_("This is the person the deal is with."))
        refuse_stranger(deal.prospect, by)
    if not Deal.objects.select_for_update(no_key=True).filter(pk=deal.pk, status=Status.OPEN).exists():
        raise Conflict(now=Deal.objects.get(pk=deal.pk).get_status_display())
    row, _made = DealPerson.objects.get_or_create(
        deal=deal, person=person, defaults={"role": role, "at": at, "by": by}
    )
    if row.role != role:
        DealPerson.objects.filter(pk=row.pk).update(role=role)
        row.role = role
    if deal.account_id:
        BuyingRole.objects.get_or_create(account_id=deal.account_id, person=person, defaults={"role": role})
    return row


def leave_deal(*, deal: Deal, person: Person, by: Any) -> bool:
    """The person takes no part any more; their role at the account stays. Twice is the same as once."""
    with transaction.atomic():
        lock_deal(deal, by)
        return bool(DealPerson.objects.filter(deal=deal, person=person).delete()[0])
