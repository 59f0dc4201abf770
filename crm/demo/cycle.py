"""One cycle of a rep's work: verdict, tries, the conversation and what it taught, stages, money, the end.

Each step happens at a working hour; what would lie beyond the past does not happen, and the cycle is open still.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from crm.demo import talk
from crm.demo.world import World
from leads.models import Person
from leads.scoring.seniority import seniority_of
from prospects.clocks.clock import DAY, add_working_minutes, on_working_day
from prospects.models import (
    BantAnswer,
    Call,
    Deal,
    DealMove,
    FollowUp,
    Meeting,
    Note,
    Prospect,
    Reason,
    Stage,
    StageMove,
)

Q, S, Outcome = BantAnswer.Question, BantAnswer.State, Call.Outcome
REJECTED = {
    "not-now": 24, "no-need": 18, "wrong-person": 12, "bad-fit": 11, "no-budget": 6, "student": 2, "competitor": 2,
    "do-not-contact": 1,
}  # fmt: skip
AFTER_TALK = {"no-need": 30, "not-now": 26, "no-budget": 18, "no-authority": 12, "bad-fit": 6}
LOST = {"price": 38, "competitor-chosen": 30, "no-decision": 32}
CURRENCY_STEP = 500
# How much more readily than others they go on to buy: what learned points can find, and no rule was told.
LIKING = {
    "Food and drink": 0.16, "Metal and machines": 0.1, "Chemicals": -0.06, "Water and energy": -0.12,
    "Plastics and textiles": -0.14, "Trade and services": -0.2,
}  # fmt: skip
DECIDES = ("owner", "c_level", "vp", "director", "head")


class Office(Protocol):
    """What a rep needs of the desk they work at."""

    world: World
    stages: dict[str, Stage]
    reasons: dict[str, Reason]

    def promise(self, prospect: Prospect, due_at: datetime, at: datetime, **more: Any) -> FollowUp: ...

    def silence(self, person: Person, at: datetime) -> None: ...


class StillOpen(Exception):
    """The next step would lie beyond the past."""


@dataclass
class Cycle:
    """Works `prospect` from `now` on; `until` is the end of the past."""

    desk: Office
    prospect: Prospect
    die: random.Random
    now: datetime
    until: datetime
    note: str = ""
    deal: Deal | None = None

    @property
    def owner(self) -> Any:
        return self.prospect.owner

    @property
    def liking(self) -> float:
        """Of their trade and of who decides there, added to each chance on the way."""
        person = self.prospect.person
        trade = LIKING.get(person.company.industry, 0.0) if person.company else 0.0
        return trade + (0.09 if seniority_of(person.job_title) in DECIDES else -0.05)

    def run(self, *, urgent: bool, grade: str) -> None:
        try:
            self._first_act(urgent, grade)
            if self.die.random() > 0.73 + (0.08 if grade[:1] == "A" else 0):
                self._give_back(self._one_of(REJECTED), rejected=True)
                return
            self._accept()
            self._sell()
        except StillOpen:
            self._promise_next()

    # Time

    def after(self, minutes: float) -> datetime:
        """Go on by so many working minutes; StillOpen where that is not past yet."""
        moment = add_working_minutes(self.now, max(1, int(minutes)), self.desk.world.zone)
        moment += timedelta(seconds=self.die.randrange(60))
        if moment >= self.until:
            raise StillOpen
        self.now = moment
        return moment

    def days(self, median: float) -> datetime:
        return self.after(DAY * median * self.die.lognormvariate(0, 0.55))

    def _one_of(self, shares: dict[str, int]) -> Reason:
        return self.desk.reasons[self.die.choices(list(shares), list(shares.values()))[0]]

    # Verdict

    def _first_act(self, urgent: bool, grade: str) -> None:
        middle = 12 if urgent else 34 if grade[:1] == "A" else 150
        slow = 8 if self.die.random() < 0.07 else 1
        self.after(middle * slow * self.die.lognormvariate(0, 0.6))
        self.prospect.first_acted_at = self.now

    def _accept(self) -> None:
        self.prospect.verdict, self.prospect.accepted_at = Prospect.Verdict.ACCEPTED, self.now
        self.enter("contacting", why="Accepted")
        account = self.prospect.account
        if account is not None and account.owner is None:
            account.owner = self.owner

    def enter(self, slug: str, *, why: str = "", reason: Reason | None = None) -> None:
        old, new = self.prospect.stage, self.desk.stages[slug]
        self.prospect.stage, self.prospect.stage_since = new, self.now
        if new.kind != "open":
            self.prospect.closed_at, self.prospect.reason = self.now, reason
        self.desk.world.add(
            StageMove(
                prospect=self.prospect,
                old=old,
                new=new,
                at=self.now,
                recorded_at=self.now,
                by=self.owner,
                why=why,
                reason=reason,
            )
        )

    def _give_back(self, reason: Reason, *, rejected: bool = False) -> None:
        """Back to marketing, or out, as the reason says."""
        self.note = self.die.choice(talk.NO_NOTES[reason.slug])
        if rejected and self.prospect.origin == Prospect.Origin.INBOUND:
            self.prospect.verdict = Prospect.Verdict.REJECTED
        if reason.outcome == Reason.Outcome.RETURN_ON_DATE:
            self.prospect.return_on = self.now.date() + timedelta(days=self.die.randrange(30, 200))
        self._close_deal(Deal.Status.LOST, reason)
        out = reason.outcome in (Reason.Outcome.DISQUALIFY, Reason.Outcome.SUPPRESS)
        self.enter("disqualified" if out else "returned", why=self.note, reason=reason)
        self._tick_off()

    # Calling

    def call(self, outcome: str, *, note: str = "", minutes: int | None = None) -> Call:
        self._tick_off()
        return self.desk.world.add(
            Call(
                prospect=self.prospect, at=self.now, recorded_at=self.now, outcome=outcome, minutes=minutes, note=note,
                by=self.owner,
            )
        )  # fmt: skip

    def _tick_off(self) -> None:
        for promise in self.desk.world.rows[FollowUp][-6:]:
            if promise.prospect is self.prospect and promise.done_at is None:
                promise.done_at, promise.done_by = self.now, self.owner

    def reach(self, chance: float = 0.5) -> bool:
        """Try until somebody picks up, five times at most, with the pauses of the rule of tries."""
        for tried in range(1, 6):
            if tried == 1:
                self.after(self.die.randrange(4, 90))
            if self.die.random() < chance:
                return True
            self.call(
                self.die.choices([Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.GATEKEEPER], [5, 4, 2])[0]
            )
            if tried < 5:
                due = self._next_try(tried)
                self.desk.promise(self.prospect, due, self.now, text=f"Try {tried + 1}")
                if due + timedelta(minutes=20) >= self.until:
                    raise StillOpen
                self.now = due + timedelta(minutes=self.die.randrange(0, 20))
        return False

    def _next_try(self, tried: int) -> datetime:
        zone = self.desk.world.zone
        if tried == 1:
            return add_working_minutes(self.now, 120, zone)
        return on_working_day(self.now, {2: 1, 3: 2, 4: 3}[tried], zone)

    def learn(self, call: Call, **answers: str) -> None:
        """What the conversation taught, with the sentence behind it."""
        quotes = {
            Q.NEED: talk.NEEDS,
            Q.BUDGET: talk.BUDGETS,
            Q.AUTHORITY: talk.DECIDERS,
            Q.TIMING: talk.TIMINGS,
        }
        for question, state in answers.items():
            known = state in (S.CLAIMED, S.CONFIRMED)
            money = Decimal(self.die.randrange(15, 140) * 1000) if question == Q.BUDGET and known else None
            day = self.now.date() + timedelta(days=self.die.randrange(20, 150))
            self.desk.world.add(
                BantAnswer(
                    prospect=self.prospect, question=question, state=state, call=call, at=self.now,
                    recorded_at=self.now, by=self.owner, amount=money, currency="CHF" if money else "",
                    on=day if question == Q.TIMING and known else None,
                    quote=self.die.choice(quotes[Q(question)]) if known else "",
                )
            )  # fmt: skip

    # Selling

    def _sell(self) -> None:
        if not self.reach():
            self.after(30)
            self._give_back(self.desk.reasons["no-response"])
            return
        talked = self.call(
            Outcome.CONVERSATION, note=self.die.choice(talk.CALL_NOTES), minutes=self.die.randrange(4, 28)
        )
        if self.die.random() > 0.57 + self.liking:
            no = self.die.choice([Q.BUDGET, Q.NEED, Q.TIMING])
            self.learn(talked, **{Q.NEED: S.CLAIMED, Q.AUTHORITY: S.CLAIMED, no: S.NO})
            self.days(2)
            self._give_back(self._one_of(AFTER_TALK))
            return
        self.qualify(talked)
        self.propose()

    def qualify(self, talked: Call) -> None:
        budget = self.die.choices([S.CLAIMED, S.CONFIRMED, S.UNKNOWN], [5, 3, 2])[0]
        timing = S.CLAIMED if budget == S.UNKNOWN or self.die.random() < 0.75 else S.UNKNOWN
        deciding = self.die.choice([S.CLAIMED, S.CONFIRMED])
        self.learn(
            talked,
            **{Q.NEED: S.CONFIRMED, Q.AUTHORITY: deciding, Q.TIMING: timing, Q.BUDGET: budget},
        )
        self.after(self.die.randrange(3, 40) if self.die.random() < 0.4 else DAY * self.die.uniform(0.5, 7))
        self.prospect.sales_qualified_at = self.now
        self.enter("sales_qualified")
        self._open_deal()
        self.meet("Walk through the hall")
        if budget == S.UNKNOWN:
            self.days(3)
            self.learn(self.call(Outcome.CONVERSATION, minutes=9), **{Q.BUDGET: S.CLAIMED})

    def meet(self, subject: str) -> None:
        """A meeting some days later: held, or not; still booked where it lies ahead."""
        day = on_working_day(self.now, self.die.randrange(2, 8), self.desk.world.zone)
        day = day.replace(hour=self.die.randrange(9, 16), minute=self.die.choice((0, 30)))
        ahead = day >= self.until
        if ahead and day.date() <= self.desk.world.today:
            return  # today is laid out by hand
        outcome = Meeting.Outcome.BOOKED if ahead else self.die.choices(["held", "no_show"], [9, 1])[0]
        self.desk.world.add(
            Meeting(
                prospect=self.prospect,
                at=day,
                subject=subject,
                minutes=45,
                outcome=outcome,
                by=self.owner,
                recorded_at=self.now,
            )
        )
        if not ahead:
            self.now = day + timedelta(minutes=50)

    def propose(self) -> None:
        self.days(5)
        if self.die.random() > 0.56 + self.liking:
            if self.die.random() < 0.5:
                self._give_back(self.desk.reasons["not-now"])
            else:
                self._lose()
            return
        self.enter("proposal")
        self.desk.world.add(
            Note(
                prospect=self.prospect,
                at=self.now,
                by=self.owner,
                text="Proposal sent, with the mounting plan.",
            )
        )
        self.days(6)
        if self.die.random() < 0.64:
            self.enter("negotiation")
            self.days(5)
        if self.die.random() < 0.31 + self.liking:
            self._win()
        else:
            self._lose()

    def _open_deal(self) -> None:
        amount = Decimal(int(self.die.lognormvariate(10.4, 0.55)) // CURRENCY_STEP * CURRENCY_STEP)
        title = self.die.choice(talk.DEALS).format(n=self.die.randrange(1, 9))
        self.deal = self.desk.world.add(
            Deal(
                prospect=self.prospect, account=self.prospect.account, title=title, amount=amount, currency="CHF",
                rate_on=self.now.date(), opened_at=self.now, expected_on=self.now.date() + timedelta(days=60),
            )
        )  # fmt: skip
        self._deal_move("", Deal.Status.OPEN)

    def _deal_move(self, old: str, new: str) -> None:
        self.desk.world.add(
            DealMove(deal=self.deal, old=old, new=new, at=self.now, recorded_at=self.now, by=self.owner)
        )

    def _close_deal(self, status: str, reason: Reason | None = None) -> None:
        if self.deal is not None:
            self.deal.status, self.deal.closed_at, self.deal.reason = status, self.now, reason
            self._deal_move(Deal.Status.OPEN, status)

    def _win(self) -> None:
        assert self.deal is not None
        self.note = self.deal.title
        self._close_deal(Deal.Status.WON)
        self.enter("won")
        self._tick_off()

    def _lose(self) -> None:
        reason = self._one_of(LOST)
        self.note = self.die.choice(talk.NO_NOTES[reason.slug])
        self._close_deal(Deal.Status.LOST, reason)
        self.enter("lost", why=self.note, reason=reason)
        self._tick_off()

    def _promise_next(self) -> None:
        """An open prospect has a next step, nearly always, and it lies ahead."""
        if self.prospect.first_acted_at is None or self.prospect.closed_at is not None:
            return
        self._tick_off()
        if self.die.random() < 0.03:
            return
        kind, text = self.die.choice(talk.NEXT_STEPS)
        zone = self.desk.world.zone
        due = on_working_day(self.until, self.die.randrange(1, 9), zone).replace(
            hour=self.die.randrange(9, 17), minute=self.die.choice((0, 15, 30, 45))
        )
        self.desk.promise(self.prospect, due, self.now, kind=kind, text=text, created_by=self.owner)
