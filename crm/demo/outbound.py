"""Cold contacts: lists that were called, by whom, and what came of it. None of them is a lead."""

from __future__ import annotations

from datetime import timedelta

from crm.demo import talk
from crm.demo.cast import Cast
from crm.demo.company import REPS
from crm.demo.cycle import Cycle, StillOpen
from crm.demo.desk import Desk
from crm.demo.world import dice
from prospects.clocks.clock import on_working_day
from prospects.models import BantAnswer, Call, Meeting, Prospect

CONTACTS = 820
Q, S, Outcome = BantAnswer.Question, BantAnswer.State, Call.Outcome


class ColdCycle(Cycle):
    """The same rep at the same phone; nobody asked for the call, so most of it ends unheard."""

    def run_cold(self) -> None:
        try:
            self._first_call()
        except StillOpen:
            self._promise_next()

    def _first_call(self) -> None:
        self.after(self.die.randrange(30, 3 * 480))
        self.prospect.first_acted_at = self.now
        self.enter("contacting", why="First call")
        if not self.reach(0.035):
            self._close("no-response")
            return
        if self.die.random() < 0.2:
            self.call(Outcome.DO_NOT_CALL, note="Asked us not to call.", minutes=1)
            self.desk.silence(self.prospect.person, self.now)
            self._close("do-not-contact")
            return
        if self.die.random() < 0.4:
            self.call(Outcome.CONVERSATION, note="Answered, but not the right moment.", minutes=2)
            self.days(3)
            self._close("no-need")
            return
        talked = self.call(
            Outcome.CONVERSATION, note=self.die.choice(talk.CALL_NOTES), minutes=self.die.randrange(5, 24)
        )
        self.learn(talked, **{Q.NEED: S.CLAIMED})
        if self.die.random() > 0.62:
            self.days(4)
            self._close("no-budget")
            return
        self._meet_and_qualify()

    def _meet_and_qualify(self) -> None:
        day = self.days(4)
        self.desk.world.add(
            Meeting(prospect=self.prospect, at=day, subject="First talk", minutes=30, outcome=Meeting.Outcome.HELD,
                    by=self.owner, recorded_at=day - timedelta(days=2))
        )  # fmt: skip
        self.after(45)
        if self.die.random() > 0.6:
            self._close("no-authority")
            return
        self.qualify(self.call(Outcome.CONVERSATION, note="After the meeting.", minutes=12))
        self.propose()

    def _close(self, reason: str) -> None:
        self._give_back(self.desk.reasons[reason])

    def _give_back(self, reason, *, rejected: bool = False) -> None:
        """A cold contact who says "not now" would become a lead; here they say "no need" instead."""
        if reason.slug == "not-now":
            reason = self.desk.reasons["no-need"]
        super()._give_back(reason, rejected=False)


def call_lists(cast: Cast, desk: Desk) -> None:
    """Work through the lists, evenly over the months, each rep with their share."""
    die = dice("outbound")
    for number in range(int(CONTACTS * cast.world.scale)):
        at = cast.world.at(die.uniform(0.5, 420), die)
        rep = cast.users[REPS[number % len(REPS)]]
        person = cast.town.person(die, at=at, quality=0.75)
        if person.company is None:
            person.company_name = f"{person.last_name} Works"
        prospect = desk.open(
            person, at, origin=Prospect.Origin.OUTBOUND, owner=rep, why="Cold contact", by=rep,
            assigned_why=f"Entered by {rep}",
        )  # fmt: skip
        promise = desk.promise(prospect, at, at, text="First call", created_by=rep)
        cycle = ColdCycle(desk, prospect, dice("cold", number), at, cast.world.midnight)
        cycle.run_cold()
        if prospect.first_acted_at is None:
            promise.due_at = on_working_day(cast.world.now, 1 + number % 3, cast.world.zone)
        desk.of_rep[rep.pk].append(cycle)
