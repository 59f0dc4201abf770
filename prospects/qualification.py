"""What was learnt: the BANT card, and which facts a stage still asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects import known_facts
from prospects.models import BantAnswer, Call, Deal, Meeting, Prospect, Reason, Stage, StageRule
from prospects.stages import SALES_QUALIFIED
from prospects.transitions import lock, refuse_stranger

State, Question, Needs = BantAnswer.State, BantAnswer.Question, StageRule.Needs
Card = dict[str, BantAnswer | None]
Done = tuple[bool, bool, bool]
_OF_ROW = {"prospect": OuterRef("pk")}
# Of a prospect: a conversation by phone, a meeting held, a deal with an amount (their own or one they joined).
DONE = {
    "talked": Exists(Call.objects.filter(**_OF_ROW, outcome=Call.Outcome.CONVERSATION)),
    "met": Exists(Meeting.objects.filter(**_OF_ROW, outcome=Meeting.Outcome.HELD)),
    "priced": Exists(
        Deal.objects.filter(Q(**_OF_ROW) | Q(people__person=OuterRef("person")), amount__gt=0).order_by()
    ),
}


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
    meeting: bool
    verdict: bool
    amount: bool
    reason: bool
    facts: set[str]

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
    Needs.MEETING_HELD: lambda known: known.meeting,
    Needs.VERDICT: lambda known: known.verdict,
}


def missing_for(
    prospect: Prospect,
    stage: Stage,
    *,
    by: Any = None,
    amount: Decimal | None = None,
    reason: Reason | None = None,
    accepting: bool = False,
    answers: Card | None = None,
    stages: list[Stage] | None = None,
    done: Done | None = None,
) -> list[str]:
    """What must still be known before `prospect` may enter `stage`, in words a person reads; empty: nothing.

    `amount`, `reason` and `accepting` (the verdict) are what is given with the move; `by` who moves, None: nobody in
    particular. A stage behind sales-qualified asks for its rules too, as long as the cycle never was sales-qualified:
    no way leads around them. What a page has read already it may give: `answers` (the BANT card), `stages` (all open
    ones with their rules), `done` (`done_so_far`).
    """
    asking = _asking(prospect, stage, stages)
    missing = [_("a manager")] if _keeps_out(asking, by) else []
    rules = _rules_of(asking, stages)
    if not rules:
        return missing
    answers = answers if answers is not None else card(prospect)
    done = done or done_so_far(prospect)
    known = _known(prospect, rules, answers, done, amount, reason, accepting)
    words = rule_words(rules)
    return missing + list(dict.fromkeys(words[rule.pk] for rule in rules if not _holds(rule, known)))


def rule_words(rules: Collection[StageRule]) -> dict[int, str]:
    """What each rule asks for, in words: its fact by name."""
    names = known_facts.labels({rule.field for rule in rules if rule.needs == Needs.FACT})
    return {
        rule.pk: _("%(fact)s, known") % {"fact": names[rule.field]}
        if rule.needs == Needs.FACT
        else str(rule.get_needs_display())
        for rule in rules
    }


def passes_qualification(prospect: Prospect, stage: Stage) -> bool:
    """Whether entering `stage` would step over sales-qualified. One query unless the cycle has been there."""
    return len(_asking(prospect, stage)) > 1


def _rules_of(asking: list[Stage], stages: list[Stage] | None) -> list[StageRule]:
    """In the order of their stages."""
    if stages is None:
        return list(StageRule.objects.filter(stage__in=asking).order_by("stage__order", "pk"))
    wanted = {stage.pk for stage in asking}
    known = (stage for stage in stages if stage.pk in wanted)
    return [rule for stage in known for rule in sorted(stage.rules.all(), key=lambda rule: rule.pk)]


def _asking(prospect: Prospect, stage: Stage, stages: list[Stage] | None = None) -> list[Stage]:
    """The stages whose rules hold for this move: the stage itself, and sales-qualified where it is stepped over."""
    ahead = stage.kind in (Stage.Kind.OPEN, Stage.Kind.WON) and prospect.sales_qualified_at is None
    if not ahead:
        return [stage]
    if stages is not None:
        return [*(one for one in stages if one.slug == SALES_QUALIFIED and one.order < stage.order), stage]
    over = Stage.objects.filter(pipeline=prospect.pipeline_id, slug=SALES_QUALIFIED, order__lt=stage.order)
    return [*over, stage]


def _keeps_out(stages: list[Stage], by: Any) -> bool:
    """Whether one of the stages is kept for managers, and `by` is somebody who is none."""
    kept = any(stage.managers_only for stage in stages)
    return kept and by is not None and not by.has_perm("prospects.manage_prospects")


def _holds(rule: StageRule, known: Known) -> bool:
    return rule.field in known.facts if rule.needs == Needs.FACT else HOLDS[rule.needs](known)


def _known(
    prospect: Prospect,
    rules: list[StageRule],
    answers: Card,
    done: Done,
    amount: Decimal | None,
    reason: Reason | None,
    accepting: bool,
) -> Known:
    talked, met, money = done
    # Nobody handed a cold contact over, so there is no verdict to wait for.
    judged = prospect.origin == Prospect.Origin.OUTBOUND or prospect.verdict == Prospect.Verdict.ACCEPTED
    return Known(
        states={key: row.state if row else State.UNKNOWN for key, row in answers.items()},
        conversation=talked or met,
        meeting=met,
        verdict=judged or accepting,
        amount=bool(amount) or money,
        reason=reason is not None,
        facts=known_facts.known_among(prospect, {rule.field for rule in rules if rule.needs == Needs.FACT}),
    )


def done_so_far(prospect: Prospect) -> Done:
    """What `DONE` names. One query."""
    return Prospect.objects.filter(pk=prospect.pk).values_list(*DONE.values()).get()


def done_of(prospect: Prospect) -> Done:
    """The same of a row that was read with the columns of `DONE`."""
    return tuple(getattr(prospect, name) for name in DONE)


def had_conversation(prospect: Prospect) -> bool:
    """A logged call that became a conversation, or a meeting that was held, in this cycle."""
    talked, met, _money = done_so_far(prospect)
    return talked or met
