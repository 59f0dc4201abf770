"""The sales desk: who gets a prospect, opening a cycle, and what its end means for the lead."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from crm.demo.cycle import Cycle
from crm.demo.judged import Judged
from crm.demo.world import World, dice
from leads.consent import email_hash
from leads.models import LeadMove, LeadStatus, Person, Suppression
from prospects.assignment import fits, value_of
from prospects.assignment.fairness import next_in_turn, share_out
from prospects.clocks.clock import add_working_minutes
from prospects.handover import answer_minutes
from prospects.models import (
    Account,
    Assignment,
    AssignmentMember,
    AssignmentRule,
    FollowUp,
    Pipeline,
    Prospect,
    Reason,
    Stage,
    StageMove,
)

Outcome = Reason.Outcome


@dataclass
class Desk:
    """Everything sales has done so far. `last` is the newest cycle of each person."""

    world: World
    users: dict[str, Any]
    pipeline: Pipeline
    stages: dict[str, Stage] = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    last: dict[int, Prospect] = field(default_factory=dict)
    of_rep: dict[int, list[Cycle]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.stages = {stage.slug: stage for stage in self.pipeline.stages.all()}
        self.reasons = {reason.slug: reason for reason in Reason.objects.all()}
        self.rules = list(AssignmentRule.objects.prefetch_related("members__user"))
        self.members = {rule.pk: list(rule.members.all()) for rule in self.rules}

    # Opening

    def hand_over(self, story: Judged, move: LeadMove, at: datetime) -> None:
        """A marketing-qualified lead becomes a prospect at the same moment; the rep then does a rep's work."""
        owner, why, rule = self.owner_for(story.person)
        prospect = self.open(
            story.person, at, origin=Prospect.Origin.INBOUND, owner=owner, assigned_why=why, rule=rule,
            lead_move=move,            marketing_qualified_at=at, why=f"Marketing-qualified: {move.get_way_display()}",
            answer_by=add_working_minutes(at, answer_minutes(move), self.world.zone),
        )  # fmt: skip
        self._work(story, prospect, at, urgent=move.way == LeadMove.Way.INQUIRY, grade=move.grade)

    def come_back(self, story: Judged, past: Prospect, at: datetime) -> None:
        """The day of a "not now": the next cycle, with the same owner and a promise to call."""
        past.returned_at = at
        waiting = story.lead is not None and story.lead.status in ("new", "nurturing")
        if story.sales_open or not waiting or self.last[story.person.pk] is not past:
            return  # somebody works on them, they are beyond it, or sales has said another date since
        prospect = self.open(
            story.person, at, origin=past.origin, owner=past.owner, why="Came back on the date",
            assigned_why="Had the last cycle with this person",
        )  # fmt: skip
        self.promise(prospect, at, at, text="Came back on the date")
        story.leave_walks("with sales", at)
        story.sales_open = True
        self._work(story, prospect, at, urgent=False, grade="B2")

    def open(
        self,
        person: Person,
        at: datetime,
        *,
        why: str,
        by: Any = None,
        rule: AssignmentRule | None = None,
        **columns: Any,
    ) -> Prospect:
        """The cycle with its first move and the row that says whose it is, as `prospects.cycles.open_cycle`."""
        before = self.last.get(person.pk)
        prospect = self.world.add(
            Prospect(
                person=person, pipeline=self.pipeline, round=before.round + 1 if before else 1, previous=before,
                account=self.account_of(person), stage=self.stages["to_contact"], stage_since=at, opened_at=at,
                recorded_at=at, **columns,
            )
        )  # fmt: skip
        self.world.add(
            StageMove(prospect=prospect, old=None, new=prospect.stage, at=at, recorded_at=at, by=by, why=why)
        )
        self.world.add(
            Assignment(
                prospect=prospect, owner=prospect.owner, rule=rule, why=prospect.assigned_why, at=at, recorded_at=at,
                by=by,
            )
        )  # fmt: skip
        self.last[person.pk] = prospect
        return prospect

    def promise(self, prospect: Prospect, due_at: datetime, at: datetime, **more: Any) -> FollowUp:
        more = {"kind": FollowUp.Kind.CALL, "created_by": None, **more}
        return self.world.add(
            FollowUp(prospect=prospect, due_at=due_at, owner=prospect.owner, created_at=at, **more)
        )

    def account_of(self, person: Person) -> Account | None:
        if person.company_id is None:
            return None
        if person.company_id not in self.accounts:
            self.accounts[person.company_id] = self.world.add(
                Account(company_id=person.company_id, created_at=self.world.now)
            )
        return self.accounts[person.company_id]

    def owner_for(self, person: Person) -> tuple[Any, str, AssignmentRule | None]:
        """Much as `prospects.assignment.choosing`: the last cycle, the account, then the rules by turns."""
        before = self.last.get(person.pk)
        if before is not None and before.owner is not None:
            return before.owner, "Had the last cycle with this person", None
        account = self.accounts.get(person.company_id or 0)
        if account is not None and account.owner is not None:
            return account.owner, "Owns the account", None
        rule = next(rule for rule in self.rules if fits(rule, value_of(rule.field, person)))
        member = next_in_turn(self.members[rule.pk])
        assert member is not None
        share_out(self.members[rule.pk], member.user_id)
        return member.user, f"Rule “{rule.name}”", rule

    # Working and ending

    def _work(self, story: Judged, prospect: Prospect, at: datetime, *, urgent: bool, grade: str) -> None:
        cycle = Cycle(self, prospect, dice("cycle", story.person.pk, prospect.round), at, story.until)
        if not story.untouched:
            cycle.run(urgent=urgent, grade=grade)
        self.of_rep[prospect.owner_id or 0].append(cycle)
        if prospect.closed_at is not None:
            story.plan(prospect.closed_at, lambda now: self._ended(story, prospect, cycle.note, now))

    def _ended(self, story: Judged, prospect: Prospect, note: str, at: datetime) -> None:
        """What marketing hears (`prospects.feedback.outcomes`), and the way back of a "not now"."""
        story.sales_open = False
        lead, owner = story.lead, prospect.owner
        assert lead is not None
        if prospect.stage.slug == "won":
            story.leave_walks("became a customer", at)
            story.move(LeadStatus.CUSTOMER, LeadMove.Way.SALES, at, by=owner, why=note)
            return
        reason = prospect.reason
        assert reason is not None
        why = f"{reason.name}: {note}" if note else reason.name
        if reason.outcome in (Outcome.DISQUALIFY, Outcome.SUPPRESS):
            if reason.exclusion:
                lead.exclusion = reason.exclusion
            if reason.outcome == Outcome.SUPPRESS:
                self.silence(story.person, at)
            story.leave_walks("disqualified", at)
            story.move(LeadStatus.DISQUALIFIED, LeadMove.Way.SALES, at, by=owner, why=why)
        elif lead.status in (LeadStatus.NEW, LeadStatus.MARKETING_QUALIFIED):
            story.returned_at = at
            story.move(LeadStatus.NURTURING, LeadMove.Way.SALES, at, by=owner, why=why)
        else:
            story.judge_again(at)
        if prospect.return_on and prospect.return_on <= self.world.today:
            self._bring_back(story, prospect)

    def silence(self, person: Person, at: datetime) -> None:
        """They asked not to be contacted again."""
        self.world.add(
            Suppression(
                email_hash=email_hash(person.email_key or ""), person=person, at=at,
                reason=Suppression.Reason.SALES,
            )
        )  # fmt: skip

    def _bring_back(self, story: Judged, past: Prospect) -> None:
        assert past.return_on is not None
        at = first_minute(self.world, past.return_on)
        if at < story.until:
            story.plan(at, lambda now: self.come_back(story, past, now))
        else:
            self.come_back(story, past, min(at, self.world.now))

    def settle(self) -> None:
        """At the end of the past: what sales does with each person now, and what each rule has given and owes."""
        for prospect in self.last.values():
            prospect.person.sales_stage = prospect.stage.slug
            prospect.person.sales_open = prospect.closed_at is None
            prospect.person.sales_owner = prospect.owner if prospect.person.sales_open else None
        for members in self.members.values():
            for member in members:
                AssignmentMember.objects.filter(pk=member.pk).update(given=member.given, owed=member.owed)


def first_minute(world: World, day: date) -> datetime:
    """When the sweep of that day finds it."""
    return datetime.combine(day, datetime.min.time(), world.zone) + timedelta(seconds=35)
