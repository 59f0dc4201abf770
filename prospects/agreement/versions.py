"""Versions of the agreement, and who of both heads has acknowledged them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from prospects.agreement.text import sections
from prospects.models import Acknowledgement, Agreement, StageMove

Side = Acknowledgement.Side
# Who may set a team's own rules speaks for the team.
SPEAKS_FOR = {Side.MARKETING: "campaigns.change_campaign", Side.SALES: "prospects.manage_prospects"}


def current(*, at: datetime) -> Agreement:
    """The version of today; made where the rules read otherwise than in the last one."""
    body, last = sections(), Agreement.objects.first()
    if last is not None and last.body == body:
        return last
    number = last.number + 1 if last else 1
    try:
        with transaction.atomic():
            return Agreement.objects.create(number=number, body=body, at=at)
    except IntegrityError:  # somebody else has just made it
        return Agreement.objects.get(number=number)


def current_id(at: datetime) -> int:
    """For the row of a verdict: what both teams had agreed on at that moment."""
    return current(at=at).pk


def of_verdicts(prospects: Iterable[int]) -> dict[int, int]:
    """Prospect → number of the version its verdict was given under. One query."""
    moves = StageMove.objects.filter(prospect__in=prospects, agreement__isnull=False).order_by("at", "pk")
    return dict(moves.values_list("prospect", "agreement__number"))


def sides_of(user: Any) -> list[str]:
    """The teams this user may speak for."""
    return [side.value for side, permission in SPEAKS_FOR.items() if user.has_perm(permission)]


def acknowledge(*, agreement: Agreement, side: str, by: Any, at: datetime) -> Acknowledgement:
    """A head says: this is what we mean. The first of each side counts; twice is once.

    Raises Conflict where the rules have changed since the page was read.
    """
    if side not in sides_of(by):
        raise Refused(_("Only the head of a team may acknowledge for it."))
    with transaction.atomic():
        now = current(at=at)
        if now.pk != agreement.pk:
            raise Conflict(now=_("version %(n)s") % {"n": now.number})
        row, _made = Acknowledgement.objects.get_or_create(
            agreement=agreement, side=side, defaults={"by": by, "at": at}
        )
    return row
