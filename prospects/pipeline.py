"""The verbs of a prospect: accept, move, win, lose, reject, take, come back. Each is one transaction.

How a stage changes is in `prospects.transitions`; which facts a stage needs in `prospects.qualification`; how
sales sees and reports all this in docs/sales.md.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.models import Offer
from leads.lifecycle import become_customer
from prospects import agreement
from prospects.assignment import give
from prospects.feedback.outcomes import tell_marketing
from prospects.models import Account, Deal, Prospect, Reason, Stage
from prospects.money import deals
from prospects.past import import_history
from prospects.qualification import missing_for, passes_qualification
from prospects.returns import return_due
from prospects.stages import CONTACTING, SALES_QUALIFIED, TO_CONTACT, end_stage, stage_named
from prospects.transitions import enter, lock, refuse_closed, refuse_stranger, state_in_words

__all__ = ["accept", "assign", "import_history", "lose", "move", "reject", "return_due", "take", "win"]

Kind, Verdict, Outcome = Stage.Kind, Prospect.Verdict, Reason.Outcome


def accept(*, prospect: Prospect, by: Any, at: datetime) -> Prospect:
    """The owner's verdict on a handover: this is one for sales. Raises Conflict where a verdict was given."""
    with transaction.atomic():
        _open_and_own(prospect, by)
        if prospect.origin == Prospect.Origin.OUTBOUND:
            raise Refused(_("Nobody handed this contact over: call, there is nothing to accept."))
        if prospect.verdict or prospect.stage.slug != TO_CONTACT:
            raise Conflict(now=state_in_words(prospect))
        _is_verdict(prospect, by)
        _accept(prospect, by=by, at=at)
    return prospect


def move(*, prospect: Prospect, to: Stage | str, by: Any, at: datetime, why: str = "") -> Prospect:
    """To another open stage. An inbound prospect without a verdict is accepted by being moved on.

    Raises Refused with the facts that are missing, or Conflict where it stands there already.
    """
    with transaction.atomic():
        _open_and_own(prospect, by)
        stage = stage_named(prospect.pipeline, to) if isinstance(to, str) else to
        _refuse_way(prospect, stage)
        accepts = _is_verdict(prospect, by)
        _refuse_missing(prospect, stage, by=by, accepting=accepts and stage.slug == CONTACTING)
        if accepts:
            _accept(prospect, by=by, at=at)
        if stage.pk != prospect.stage_id:
            _enter_by_way_of_qualified(prospect, stage, by=by, at=at, why=why)
    return prospect


def win(
    *,
    prospect: Prospect,
    amount: Decimal | None,
    currency: str = "",
    rate: Decimal | None = None,
    by: Any,
    at: datetime,
    title: str = "",
    offer: Offer | None = None,
    deal: Deal | None = None,
) -> Prospect:
    """A customer. `deal`, else the open deal, is won at this amount, or a deal is made for it.

    A lead becomes a customer; a cold contact who never was a lead stays without one, and the won deal says it all.
    """
    with transaction.atomic():
        _open_and_own(prospect, by)
        if amount is not None and amount < 0:
            raise Refused(_("The amount is below zero."))
        stage = end_stage(prospect.pipeline, Kind.WON)
        deal = deal or prospect.deals.filter(status=Deal.Status.OPEN).first()
        accepts = _is_verdict(prospect, by)
        _refuse_missing(prospect, stage, by=by, amount=amount or (deal.amount if deal else None))
        deal = deal or deals.make_deal(
            prospect=prospect, title=title, amount=amount, currency=currency, rate=rate, by=by, at=at
        )
        deals.close_won(
            deal=deal, amount=amount, currency=currency, rate=rate, title=title, offer=offer, by=by, at=at
        )
        if accepts:
            _accept(prospect, by=by, at=at)
        # Before the cycle closes, which ends the sequences for prospects: theirs was a success.
        become_customer(person=prospect.person, at=at, by=by, why=title)
        _enter_by_way_of_qualified(prospect, stage, by=by, at=at)
    return prospect


def lose(*, prospect: Prospect, reason: Reason, by: Any, at: datetime, note: str = "") -> Prospect:
    """An accepted prospect decided against us. Open deals are lost with it, and marketing hears why."""
    with transaction.atomic():
        _open_and_own(prospect, by)
        if _waits_for_verdict(prospect):
            raise Refused(_("Accept or reject the handover first."), missing=[_("a verdict on the handover")])
        _refuse_reason(reason, fits=reason.for_loss)
        stage = end_stage(prospect.pipeline, Kind.LOST)
        _refuse_missing(prospect, stage, by=by, reason=reason)
        _close_deals(prospect, reason, by=by, at=at)
        enter(prospect, stage, at=at, by=by, why=note, reason=reason)
        tell_marketing(prospect=prospect, reason=reason, note=note, by=by, at=at)
    return prospect


def reject(
    *,
    prospect: Prospect,
    reason: Reason,
    by: Any,
    at: datetime,
    note: str = "",
    return_on: date | None = None,
) -> Prospect:
    """No prospect, or none now: the reason carries what becomes of the person.

    The verdict is "rejected" only where none was given; after an acceptance it stays accepted and only the end
    says returned or disqualified. Raises Refused for "not now" without a day that lies ahead.
    """
    with transaction.atomic():
        _open_and_own(prospect, by)
        _refuse_reason(reason, fits=reason.for_rejection)
        hand_back(prospect, reason, by=by, at=at, note=note, return_on=return_on)
    return prospect


def hand_back(
    prospect: Prospect, reason: Reason, *, by: Any, at: datetime, note: str, return_on: date | None
) -> None:
    """The end of a locked prospect of one's own, by a reason."""
    comes_back = reason.outcome == Outcome.RETURN_ON_DATE
    if comes_back and (return_on is None or return_on <= timezone.localdate(at)):
        raise Refused(_("Say on which day this person comes back."), missing=[_("a day that lies ahead")])
    ended = reason.outcome in (Outcome.DISQUALIFY, Outcome.SUPPRESS)
    stage = end_stage(prospect.pipeline, Kind.DISQUALIFIED if ended else Kind.RETURNED)
    _refuse_missing(prospect, stage, by=by, reason=reason)
    changed: dict[str, Any] = {
        "return_on": return_on if comes_back else None,
        **first_act(prospect, by=by, at=at),
    }
    if _waits_for_verdict(prospect):
        changed |= {"verdict": Verdict.REJECTED, "agreement": agreement.current_id(at)}
    _close_deals(prospect, reason, by=by, at=at)
    enter(prospect, stage, at=at, by=by, why=note, reason=reason, **changed)
    tell_marketing(prospect=prospect, reason=reason, note=note, by=by, at=at)


def take(*, prospect: Prospect, by: Any, at: datetime) -> Prospect:
    """A rep takes a prospect that nobody owns. The second one gets Conflict."""
    if not by.has_perm("prospects.work_prospects"):
        raise Refused(_("Only sales may take a prospect."))
    with transaction.atomic():
        lock(prospect)
        refuse_closed(prospect)
        if prospect.owner_id is not None:
            raise Conflict(now=state_in_words(prospect))
        give(prospect=prospect, owner=by, by=by, at=at, why=_("Taken from the unassigned"))
    return prospect


def assign(*, prospect: Prospect, owner: Any, by: Any, at: datetime) -> Prospect:
    """A manager gives a prospect to a rep, with the follow-ups that are still open."""
    if by is not None and not by.has_perm("prospects.manage_prospects"):
        raise Refused(_("Only a manager may assign a prospect."))
    if not owner.is_active or not owner.has_perm("prospects.work_prospects"):
        raise Refused(_("%(who)s does not work prospects.") % {"who": owner})
    with transaction.atomic():
        lock(prospect)
        refuse_closed(prospect)
        why = _("Assigned by %(who)s") % {"who": by} if by else ""
        give(prospect=prospect, owner=owner, by=by, at=at, why=why)
    return prospect


def first_act(prospect: Prospect, *, by: Any, at: datetime) -> dict[str, Any]:
    """The columns that stop the clock of the first answer, if a person acts and nobody has before."""
    return {"first_acted_at": at} if by is not None and prospect.first_acted_at is None else {}


def _open_and_own(prospect: Prospect, by: Any) -> None:
    lock(prospect)
    refuse_closed(prospect)
    refuse_stranger(prospect, by)


def _waits_for_verdict(prospect: Prospect) -> bool:
    return prospect.origin == Prospect.Origin.INBOUND and not prospect.verdict


def _is_verdict(prospect: Prospect, by: Any) -> bool:
    """Whether this step forward is the verdict too: then what contacting asks for must be there as well."""
    waits = _waits_for_verdict(prospect)
    if waits:
        _refuse_missing(prospect, stage_named(prospect.pipeline, CONTACTING), by=by, accepting=True)
    return waits


def _accept(prospect: Prospect, *, by: Any, at: datetime) -> None:
    changed = {"verdict": Verdict.ACCEPTED, "accepted_at": at, **first_act(prospect, by=by, at=at)}
    stage, agreed = stage_named(prospect.pipeline, CONTACTING), agreement.current_id(at)
    enter(prospect, stage, at=at, by=by, why=_("Accepted"), agreement=agreed, **changed)
    # From now on new people of this company come to the same rep.
    if prospect.account_id:
        Account.objects.filter(pk=prospect.account_id, owner=None).update(owner=prospect.owner)


def _refuse_way(prospect: Prospect, stage: Stage) -> None:
    if stage.pipeline_id != prospect.pipeline_id or stage.archived_at or stage.kind != Kind.OPEN:
        raise Refused(_("This is no open stage of the pipeline: win, lose or reject instead."))
    if stage.pk == prospect.stage_id:
        raise Conflict(now=state_in_words(prospect))
    if stage.slug == TO_CONTACT:
        raise Refused(_("A prospect that was worked on cannot become new again."))


def _refuse_reason(reason: Reason, *, fits: bool) -> None:
    if reason.archived_at or not fits:
        raise Refused(_("Choose a reason of the list."), missing=[_("a reason")])


def _refuse_missing(prospect: Prospect, stage: Stage, *, by: Any, **given: Any) -> None:
    """Refuse a stage whose facts are not there; `given` is what comes with the move (amount, reason, verdict)."""
    missing = missing_for(prospect, stage, by=by, **given)
    if missing:
        said = {"stage": stage.name, "missing": ", ".join(missing)}
        raise Refused(_("For “%(stage)s” this is missing: %(missing)s.") % said, missing=missing)


def _enter_by_way_of_qualified(
    prospect: Prospect, stage: Stage, *, by: Any, at: datetime, why: str = ""
) -> None:
    """Enter a stage whose facts are there; a leap over sales-qualified leaves its row in the history too."""
    if passes_qualification(prospect, stage):
        qualified = stage_named(prospect.pipeline, SALES_QUALIFIED)
        enter(prospect, qualified, at=at, by=by, why=why, sales_qualified_at=at)
    first_time = stage.slug == SALES_QUALIFIED and prospect.sales_qualified_at is None
    dated: dict[str, Any] = {"sales_qualified_at": at} if first_time else {}
    enter(prospect, stage, at=at, by=by, why=why, **dated)


def _close_deals(prospect: Prospect, reason: Reason, *, by: Any, at: datetime) -> None:
    for deal in prospect.deals.filter(status=Deal.Status.OPEN):
        deals.close_lost(deal=deal, reason=reason, by=by, at=at)
