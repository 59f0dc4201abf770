"""Money: deals are opened, won and lost here. Forecasts count deals, never people."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.models import Offer
from prospects.models import Deal, DealMove, Prospect, Reason, Stage
from prospects.pressed_twice import twin_of
from prospects.signals import deal_closed
from prospects.transitions import lock, refuse_closed, refuse_stranger

Status = Deal.Status
# What the columns `amount` and `base_amount` hold.
MOST, MOST_IN_BASE = Decimal(10) ** 12, Decimal(10) ** 14


def open_deal(
    *,
    prospect: Prospect,
    title: str,
    by: Any,
    at: datetime,
    amount: Decimal | None = None,
    currency: str = "",
    rate: Decimal | None = None,
    expected_on: date | None = None,
    offer: Offer | None = None,
    submit_key: Any = None,
) -> Deal:
    """Money in sight with a person. A twin of the same form answers with the first deal.

    A customer may buy again: then the deal stands with the cycle that was won. Any other end takes no deal.
    """
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        twin = twin_of(Deal, submit_key, prospect=prospect)
        if twin is not None:
            return twin
        if prospect.stage.kind != Stage.Kind.WON:
            refuse_closed(prospect)
        return make_deal(
            prospect=prospect, title=title, amount=amount, currency=currency, rate=rate, by=by, at=at,
            expected_on=expected_on, offer=offer, submit_key=submit_key,
        )  # fmt: skip


def make_deal(
    *,
    prospect: Prospect,
    title: str,
    amount: Decimal | None,
    currency: str,
    by: Any,
    at: datetime,
    rate: Decimal | None = None,
    **columns: Any,
) -> Deal:
    """The open deal and its first history row, for a prospect that is locked and checked."""
    terms = in_base(currency or settings.CURRENCY, at, rate)
    refuse_amount(amount, terms["rate"])
    deal = Deal.objects.create(
        prospect=prospect, account=prospect.account, title=title, amount=amount, opened_at=at, **columns, **terms
    )  # fmt: skip
    DealMove.objects.create(deal=deal, old="", new=Status.OPEN, at=at, by=by)
    return deal


def refuse_amount(amount: Decimal | None, rate: Decimal) -> None:
    """Raises Refused for a sum below zero, and for one that its column, or that of the base currency, cannot hold."""
    if amount is None:
        return
    if amount < 0:
        raise Refused(_("The amount is below zero."))
    if amount >= MOST or amount * rate >= MOST_IN_BASE:
        raise Refused(_("The amount is too large."))


def in_base(currency: str, at: datetime, rate: Decimal | None = None) -> dict[str, Any]:
    """Currency, rate and the day of the rate. A foreign rate is the one given, else the last one anybody gave.

    Raises Refused where none is known: a sum by a made-up rate would be worse than a question.
    """
    if currency == settings.CURRENCY:
        return {"currency": currency, "rate": Decimal(1), "rate_on": at.date()}
    if rate is not None:
        return {"currency": currency, "rate": rate, "rate_on": at.date()}
    known = Deal.objects.filter(currency=currency, rate_on__isnull=False).order_by("-rate_on", "-pk").first()
    if known is None:
        said = {"currency": currency, "base": settings.CURRENCY}
        raise Refused(
            _("No rate from %(currency)s to %(base)s is known: say how many %(base)s one %(currency)s is.")
            % said,
            missing=[_("a rate to %(base)s") % said],
        )
    return {"currency": currency, "rate": known.rate, "rate_on": known.rate_on}


def changed_rate(deal: Deal, currency: str, rate: Decimal | None, at: datetime) -> dict[str, Any]:
    """The columns of another currency or another rate; nothing where both stay."""
    stays = currency == deal.currency and rate in (None, deal.rate)
    return {} if stays else in_base(currency, at, rate)


def lock_deal(deal: Deal, by: Any) -> None:
    """Lock what the deal belongs to and refuse a stranger. One of a company alone is its account owner's."""
    if deal.prospect is not None:
        lock(deal.prospect)
        refuse_stranger(deal.prospect, by)
    elif not (by is None or by.has_perm("prospects.manage_prospects") or _owns_account(deal, by)):
        raise Refused(_("Only the account’s owner or a manager may do this."))
    list(Deal.objects.select_for_update(no_key=True).filter(pk=deal.pk).values_list("pk"))


def _owns_account(deal: Deal, by: Any) -> bool:
    return deal.account is not None and deal.account.owner_id == by.pk


def deals_of(user: Any) -> QuerySet[Deal]:
    """The deals a user may see: a manager all, a rep those of their own prospects and of their own accounts."""
    if user.has_perm("prospects.manage_prospects"):
        return Deal.objects.all()
    if not user.has_perm("prospects.work_prospects"):
        return Deal.objects.none()
    return Deal.objects.filter(Q(prospect__owner=user) | Q(prospect=None, account__owner=user))


def close_won(
    *,
    deal: Deal,
    by: Any,
    at: datetime,
    amount: Decimal | None = None,
    currency: str = "",
    rate: Decimal | None = None,
    title: str = "",
    offer: Offer | None = None,
) -> Deal:
    """Win an open deal; what is given replaces what was expected. Raises Refused without an amount, or Conflict."""
    changed: dict[str, Any] = {"closed_at": at, "amount": amount if amount is not None else deal.amount}
    if not changed["amount"]:
        raise Refused(_("A deal is won with an amount."), missing=[_("a deal with an amount")])
    changed |= changed_rate(deal, currency or deal.currency, rate, at)
    refuse_amount(changed["amount"], changed.get("rate", deal.rate))
    changed |= {"title": title} if title else {}
    changed |= {"offer": offer} if offer else {}
    return _close(deal, Status.WON, by=by, at=at, changed=changed)


def close_lost(*, deal: Deal, reason: Reason | None, by: Any, at: datetime) -> Deal:
    """Lose an open deal. Raises Conflict where it is closed."""
    return _close(deal, Status.LOST, by=by, at=at, changed={"closed_at": at, "reason": reason})


def _close(deal: Deal, status: str, *, by: Any, at: datetime, changed: dict[str, Any]) -> Deal:
    with transaction.atomic():
        lock_deal(deal, by)
        if not Deal.objects.filter(pk=deal.pk, status=Status.OPEN).update(status=status, **changed):
            raise Conflict(now=Deal.objects.get(pk=deal.pk).get_status_display())
        deal.refresh_from_db()
        DealMove.objects.create(deal=deal, old=Status.OPEN, new=status, at=at, by=by)
        deal_closed.send_robust(sender=Deal, deal_id=deal.pk)
    return deal
