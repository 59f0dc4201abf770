"""Who gets a new prospect: the owner of the last cycle, the account's owner, then the rules in order.

Every question asked on the way is kept as a `Step`, so a choice can be shown as well as made. `choose` locks and
counts; `consider` answers the same question and leaves no trace.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from leads.models import Person
from prospects.assignment.desk import Desk
from prospects.assignment.facts import Field, fits_person, value_of
from prospects.assignment.fairness import count_turn, next_in_turn
from prospects.models import AssignmentMember, AssignmentRule, Pipeline


@dataclass(frozen=True)
class Step:
    """One question and its answer; `took` where it decided."""

    asked: str
    said: str
    took: bool = False


@dataclass
class Choice:
    """The rep, or nobody; why in a sentence; by which rule; and all that was asked."""

    owner: Any | None = None
    why: str = ""
    rule: AssignmentRule | None = None
    steps: list[Step] = field(default_factory=list)

    def took(self, owner: Any, asked: str, why: str, rule: AssignmentRule | None = None) -> Choice:
        self.owner, self.why, self.rule = owner, why, rule
        self.steps.append(Step(asked, str(owner), took=True))
        return self

    def passed(self, asked: str, said: str) -> None:
        self.steps.append(Step(asked, said))


def choose(*, pipeline: Pipeline, person: Person, at: datetime, without: Any = None) -> Choice:
    """Decide and count the turn: call it once a prospect, inside the transaction that opens it.

    `without` is a rep who is leaving, and gets none.
    """
    with transaction.atomic():
        desk = Desk(at, locks=True, without=without)
        choice = decide(desk, pipeline, person)
        if choice.rule is not None and choice.rule.field != Field.ACCOUNT:
            count_turn(desk.able(choice.rule), choice.owner)
    return choice


def consider(*, pipeline: Pipeline, person: Person, at: datetime, desk: Desk | None = None) -> Choice:
    """Who would get this person now. A `desk` at hand serves many, and is read once."""
    return decide(desk or Desk(at), pipeline, person)


def decide(desk: Desk, pipeline: Pipeline, person: Person) -> Choice:
    choice = Choice()
    if _had_before(desk, pipeline, person, choice) or _owns_account(desk, pipeline, person, choice):
        return choice
    for rule in desk.rules:
        if _by_rule(desk, pipeline, rule, person, choice):
            return choice
    choice.why = _nobody(choice, desk)
    return choice


def _had_before(desk: Desk, pipeline: Pipeline, person: Person, choice: Choice) -> bool:
    owner = desk.last_owner(pipeline, person)
    return owner is not None and _if_free(desk, owner, _("Had the last cycle with this person"), choice)


def _owns_account(
    desk: Desk, pipeline: Pipeline, person: Person, choice: Choice, rule: AssignmentRule | None = None
) -> bool:
    """Before all rules, unless there is a rule for it: then in its place among them."""
    if rule is None and any(one.field == Field.ACCOUNT for one in desk.rules):
        return False
    owner = desk.account_owner(pipeline, person)
    if owner is None:
        if rule is not None:
            choice.passed(rule.name, _("nobody owns the account"))
        return False
    return _if_free(desk, owner, _("Owns the account"), choice, rule)


def _if_free(desk: Desk, user: Any, why: str, choice: Choice, rule: AssignmentRule | None = None) -> bool:
    asked = rule.name if rule else why
    hindrance = desk.hindrance(user)
    if hindrance:
        choice.passed(asked, f"{user}: {hindrance}")
        return False
    choice.took(user, asked, why, rule)
    return True


def _by_rule(desk: Desk, pipeline: Pipeline, rule: AssignmentRule, person: Person, choice: Choice) -> bool:
    if rule.field == Field.ACCOUNT:
        return _owns_account(desk, pipeline, person, choice, rule)
    if not fits_person(rule, person):
        said = value_of(rule.field, person) or _("unknown")
        choice.passed(rule.name, f"{rule.get_field_display()} {said}")
        return False
    member = next_in_turn(desk.able(rule))
    if member is None:
        choice.passed(rule.name, _hindered(desk, desk.members(rule)))
        return False
    choice.took(member.user, rule.name, _("Rule “%(rule)s”") % {"rule": rule.name}, rule)
    return True


def _hindered(desk: Desk, members: list[AssignmentMember]) -> str:
    """Each member with what keeps them from taking one."""
    said = [f"{member.user} {desk.hindrance(member.user)}" for member in members]
    return ", ".join(said) or _("no members")


def _nobody(choice: Choice, desk: Desk) -> str:
    if not desk.rules:
        return _("There is no assignment rule yet.")
    return _("No rule fits. ") + "; ".join(f"{step.asked}: {step.said}" for step in choice.steps)
