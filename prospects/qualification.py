"""What was learnt: the BANT card, and which facts a stage still asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects.models import BantAnswer, Call, Deal, Meeting, Prospect, Reason, Stage, StageRule
from prospects.stages import SALES_QUALIFIED
from prospects.transitions import lock, refuse_stranger

State, Question, Needs = BantAnswer.State, BantAnswer.Question, StageRule.Needs
Card = dict[str, BantAnswer | None]


def answer(
    *,
    prospect: Prospect,
    question: str,
    state: str,
    by: Any,
    at: datetime,
    quote: str = "",
    amount: Decimal | None = None,
    currency: str = "",
    on: date | None = None,
    call: Call | None = None,
) -> BantAnswer:
    """Keep one learnt answer with the sentence or event behind it. The row before stays; the latest counts.

    Raises Refused for a closed cycle, a stranger, or a word that is no question or state.
    """
    if question not in Question.values or state not in State.values:
        raise Refused(_("This is no question or no state of the card."))
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        if not prospect.is_open:
            raise Refused(_("This cycle is closed."))
        return BantAnswer.objects.create(
            prospect=prospect, question=question, state=state, quote=quote, amount=amount, currency=currency,
            on=on, call=call, by=by, at=at,
        )  # fmt: skip


def card(prospect: Prospect) -> Card:
    """The latest answer to each of the four questions, None where nobody asked. One query.

    Answers of this person's earlier cycles count until a newer one replaces them; each carries its age.
    """
    latest: Card = dict.fromkeys(Question.values)
    told = BantAnswer.objects.filter(
        prospect__person=prospect.person_id, prospect__pipeline=prospect.pipeline_id
    )
    latest |= {row.question: row for row in told.order_by("at", "pk")}
    return latest


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that entry rules ask about, read once."""

    states: dict[str, str]
    conversation: bool
    amount: bool
    reason: bool

    @property
    def unknown(self) -> int:
        return sum(state == State.UNKNOWN for state in self.states.values())


HOLDS: dict[str, Callable[[Known], bool]] = {
    Needs.CONVERSATION: lambda known: known.conversation,
    Needs.NEED_CONFIRMED: lambda known: known.states[Question.NEED] == State.CONFIRMED,
    Needs.AUTHORITY_KNOWN: lambda known: known.states[Question.AUTHORITY] != State.UNKNOWN,
    Needs.ONE_UNKNOWN: lambda known: known.unknown <= 1,
    Needs.NONE_NO: lambda known: State.NO not in known.states.values(),
    Needs.BUDGET_KNOWN: lambda known: known.states[Question.BUDGET] != State.UNKNOWN,
    Needs.TIMING_KNOWN: lambda known: known.states[Question.TIMING] != State.UNKNOWN,
    Needs.AMOUNT: lambda known: known.amount,
    Needs.REASON: lambda known: known.reason,
}


def missing_for(
    prospect: Prospect, stage: Stage, *, amount: Decimal | None = None, reason: Reason | None = None
) -> list[str]:
    """What must still be known before `prospect` may enter `stage`, in words a person reads; empty: nothing.

    `amount` and `reason` are those given with the move. A stage behind sales-qualified asks for its rules too,
    as long as the cycle never was sales-qualified: no way leads around them.
    """
    rules = {rule.needs: rule.get_needs_display() for rule in _rules(prospect, stage)}
    if not rules:
        return []
    known = _known(prospect, amount, reason)
    return [str(words) for needs, words in rules.items() if not HOLDS[needs](known)]


def passes_qualification(prospect: Prospect, stage: Stage) -> bool:
    """Whether entering `stage` would step over sales-qualified. One query unless the cycle has been there."""
    ahead = stage.kind in (Stage.Kind.OPEN, Stage.Kind.WON) and prospect.sales_qualified_at is None
    return ahead and Stage.objects.filter(
        pipeline=prospect.pipeline_id, slug=SALES_QUALIFIED, order__lt=stage.order
    ).exists()  # fmt: skip


def _rules(prospect: Prospect, stage: Stage) -> list[StageRule]:
    slugs = [SALES_QUALIFIED, stage.slug] if passes_qualification(prospect, stage) else [stage.slug]
    rules = StageRule.objects.filter(stage__pipeline=prospect.pipeline_id, stage__slug__in=slugs)
    return list(rules.order_by("stage__order", "pk"))


def _known(prospect: Prospect, amount: Decimal | None, reason: Reason | None) -> Known:
    answers = card(prospect)
    return Known(
        states={key: row.state if row else State.UNKNOWN for key, row in answers.items()},
        conversation=had_conversation(prospect),
        amount=bool(amount) or Deal.objects.filter(prospect=prospect, amount__gt=0).exists(),
        reason=reason is not None,
    )


def had_conversation(prospect: Prospect) -> bool:
    """A logged call that became a conversation, or a meeting that was held, in this cycle."""
    calls = Call.objects.filter(prospect=prospect, outcome=Call.Outcome.CONVERSATION)
    return calls.exists() or Meeting.objects.filter(prospect=prospect, outcome=Meeting.Outcome.HELD).exists()
