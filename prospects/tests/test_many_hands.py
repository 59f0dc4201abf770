"""Several people, stale screens, double presses: the history always explains the present, and nothing happens twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from campaigns.errors import Conflict, Refused
from campaigns.models import CustomField
from leads.merging.merge import merge
from leads.models import Lead, LeadMove, OwnMail, Person, Suppression
from prospects import many, pipeline, social, transfer
from prospects.calls import log
from prospects.correspondence import acts, filed
from prospects.custom_fields import change_custom
from prospects.feedback.recovered import forgotten
from prospects.models import (
    Assignment,
    Call,
    Deal,
    DealMove,
    FollowUp,
    Note,
    Prospect,
    SocialTouch,
    Stage,
    StageMove,
    Transfer,
)
from prospects.money import deals
from prospects.signals import deal_closed, stage_changed
from prospects.tests.conftest import GOOD_CARD, TUESDAY, make_inbound, make_person, reason

WHO = {
    "sam": ["work_prospects"],
    "stranger": ["work_prospects"],
    "sara": ["work_prospects", "manage_prospects"],
}
REASONS = ("not-now", "no-need", "student", "do-not-contact", "no-response")
STAGES = ("to_contact", "contacting", "sales_qualified", "proposal", "negotiation", "won")
people = st.sampled_from(list(WHO))


class ManyHands(RuleBasedStateMachine):
    """Each rule plays what somebody presses: on the screen of now, or on one that was loaded before."""

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        self.now: datetime = TUESDAY
        self.heard: Counter[tuple[str, int]] = Counter()
        stage_changed.connect(self.on_stage)
        deal_closed.connect(self.on_deal)

    def teardown(self) -> None:
        stage_changed.disconnect(self.on_stage)
        deal_closed.disconnect(self.on_deal)
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    def on_stage(self, sender: Any, move_id: int, **_: Any) -> None:
        self.heard["stage", move_id] += 1

    def on_deal(self, sender: Any, deal_id: int, **_: Any) -> None:
        self.heard["deal", deal_id] += 1

    @initialize()
    def begin(self) -> None:
        self.users = {name: get_user_model().objects.create_user(name) for name in WHO}
        for name, rights in WHO.items():
            self.users[name].user_permissions.set(Permission.objects.filter(codename__in=rights))
        self.users = {user.username: user for user in get_user_model().objects.filter(username__in=WHO)}
        first = make_inbound(None, make_person())
        pipeline.take(prospect=first, by=self.users["sam"], at=self.now)
        self.person = Person.objects.get(pk=first.person_id)
        self.screens: list[Prospect] = [self.fresh()]
        CustomField.objects.create(entity="prospect", key="plant", label="Plant")

    def fresh(self) -> Prospect:
        return Prospect.objects.select_related("stage").filter(person=self.person.pk).latest("round")

    def press(self, verb: Any) -> None:
        """One press; a "no" must leave every table as it was."""
        self.now += timedelta(hours=7)
        before = self.counts()
        try:
            with transaction.atomic():
                verb()
        except (Refused, Conflict):
            assert self.counts() == before

    def counts(self) -> tuple[int, ...]:
        tables = (
            StageMove, LeadMove, Deal, DealMove, Assignment, Suppression, Prospect, Call, FollowUp, SocialTouch,
            OwnMail, Note, Transfer,
        )  # fmt: skip
        return (*(table._default_manager.count() for table in tables), sum(self.heard.values()))

    @rule()
    def load_a_screen(self) -> None:
        self.screens.append(self.fresh())

    @rule(who=people, data=st.data(), times=st.sampled_from([1, 2]), stage=st.sampled_from(STAGES))
    def moves(self, who: str, data: Any, times: int, stage: str) -> None:
        self.on_a_screen(data, times, pipeline.move, to=stage, by=self.users[who])

    @rule(who=people, data=st.data(), times=st.sampled_from([1, 2]))
    def accepts(self, who: str, data: Any, times: int) -> None:
        self.on_a_screen(data, times, pipeline.accept, by=self.users[who])

    @rule(who=people, data=st.data(), times=st.sampled_from([1, 2]), why=st.sampled_from(REASONS))
    def rejects(self, who: str, data: Any, times: int, why: str) -> None:
        day = (self.now + timedelta(days=2)).date()
        said = {"reason": reason(why), "return_on": day, "by": self.users[who]}
        self.on_a_screen(data, times, pipeline.reject, **said)

    @rule(who=people, data=st.data(), times=st.sampled_from([1, 2]))
    def wins(self, who: str, data: Any, times: int) -> None:
        self.on_a_screen(data, times, pipeline.win, amount=Decimal(5), by=self.users[who])

    @rule(who=people, data=st.data(), times=st.sampled_from([1, 2]))
    def loses(self, who: str, data: Any, times: int) -> None:
        self.on_a_screen(data, times, pipeline.lose, reason=reason("price"), by=self.users[who])

    @rule(data=st.data(), to=people)
    def assigns(self, data: Any, to: str) -> None:
        self.on_a_screen(data, 1, pipeline.assign, owner=self.users[to], by=self.users["sara"])

    @rule(who=people, key=st.uuids(), again=st.booleans(), outcome=st.sampled_from(Call.Outcome.values))
    def calls(self, who: str, key: Any, again: bool, outcome: str) -> None:
        prospect = self.fresh()
        for _n in range(2 if again else 1):
            self.press(
                lambda: log.log_call(
                    prospect=prospect, outcome=outcome, bant=GOOD_CARD, submit_key=key, by=self.users[who], at=self.now
                )
            )  # fmt: skip
        assert Call.objects.filter(submit_key=key).count() <= 1

    @rule(who=people, key=st.uuids())
    def opens_a_deal(self, who: str, key: Any) -> None:
        prospect, by = self.fresh(), self.users[who]
        for _n in range(2):
            self.press(
                lambda: deals.open_deal(prospect=prospect, title="x", by=by, at=self.now, submit_key=key)
            )
        assert Deal.objects.filter(submit_key=key).count() <= 1

    @rule(who=people, key=st.uuids(), way=st.sampled_from(["social", "mail"]))
    def writes(self, who: str, key: Any, way: str) -> None:
        """A social touch or a mail, from the same form twice: it is there once, with one next step."""
        prospect, by = self.fresh(), self.users[who]
        planned = FollowUp.objects.filter(text=str(key))
        said: dict[str, Any] = {"prospect": prospect, "by": by, "submit_key": key}
        for _n in range(2):
            said["follow_up"] = {"kind": "call", "due_at": self.now + timedelta(days=2), "text": str(key)}
            if way == "social":
                self.press(lambda: social.log_social(network="xing", what="wrote", at=self.now, **said))
            else:
                self.press(lambda: acts.write_mail(subject="x", text="y", at=self.now, **said))
        kept = (SocialTouch if way == "social" else OwnMail)._default_manager.filter(submit_key=key).count()
        assert kept <= 1 and planned.count() == kept

    @rule(who=people, hours=st.integers(0, 100), key=st.uuids())
    def files_a_mail(self, who: str, hours: int, key: Any) -> None:
        """One that was sent by a program of their own, some time ago; the sweep may run twice."""
        mail = OwnMail.objects.create(
            person=self.person, user=self.users[who], direction="out", subject="x", message_id=f"<{key}@x>",
            at=self.now - timedelta(hours=hours),
        )  # fmt: skip
        filed.take(mail=mail, at=self.now)
        before = self.counts()
        assert filed.take(mail=mail, at=self.now) is False and self.counts() == before

    @rule(who=people, value=st.sampled_from(["", "Bern", "Thun"]))
    def says_of_the_cycle(self, who: str, value: str) -> None:
        prospect = self.fresh()
        for _n in range(2):
            self.press(
                lambda: change_custom(row=prospect, said={"plant": value}, by=self.users[who], at=self.now)
            )

    @rule(leaver=people, to=people, back=st.booleans(), key=st.uuids())
    def leaves(self, leaver: str, to: str, back: bool, key: Any) -> None:
        """Everything of somebody goes to another, and perhaps comes back."""
        sara = self.users["sara"]
        for _n in range(2):
            self.press(
                lambda: transfer.move_all(
                    leaver=self.users[leaver], to=self.users[to], by=sara, at=self.now, submit_key=key
                )
            )
        assert Transfer.objects.filter(submit_key=key).count() <= 1
        done = Transfer.objects.filter(submit_key=key, undone_at=None).first()
        if done is not None and back:
            for _n in range(2):
                self.press(lambda: transfer.undo(transfer=done, by=sara, at=self.now))

    @rule(key=st.uuids())
    def is_somebody_known(self, key: Any) -> None:
        """The same person came in twice; whoever stays keeps their cycles."""
        twin = make_person()
        for _n in range(2):
            self.press(
                lambda: merge(keep=self.person, gone=twin, at=self.now, by=self.users["sara"], submit_key=key)
            )
        assert Person.objects.get(pk=twin.pk).merged_into_id == self.person.pk

    @rule(who=people, data=st.data(), stage=st.sampled_from(STAGES[:5]))
    def moves_with_others(self, who: str, data: Any, stage: str) -> None:
        """The list: whoever is not one's own is not touched and not told."""
        screen, by = data.draw(st.sampled_from(self.screens)), self.users[who]
        before, mine = self.counts(), Prospect.objects.visible_to(by)
        told = many.each(
            {screen.pk: screen.stage.slug},
            among=mine,
            verb=lambda prospect: pipeline.move(prospect=prospect, to=stage, by=by, at=self.now),
        )
        assert told[0].what == "done" or self.counts() == before
        assert told[0].what != "done" or mine.filter(pk=screen.pk).exists()

    @rule(days=st.integers(1, 4))
    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)
        for _n in range(2):  # the job may run twice
            pipeline.return_due(at=self.now)

    def on_a_screen(self, data: Any, times: int, verb: Any, **said: Any) -> None:
        """Press once or twice on a screen that somebody has had open for who knows how long."""
        drawn = data.draw(st.sampled_from(self.screens))

        def press() -> None:
            verb(
                prospect=Prospect(pk=drawn.pk, stage=drawn.stage, person_id=drawn.person_id),
                at=self.now,
                **said,
            )

        for _n in range(times):
            self.press(press)

    @invariant()
    def history_explains_the_present(self) -> None:
        if not hasattr(self, "person"):
            return
        cycles = list(Prospect.objects.filter(person=self.person.pk).order_by("round"))
        for before, after in pairwise(cycles):
            assert after.previous_id == before.pk and before.closed_at and before.returned_at
        for cycle in cycles:
            self.explained(cycle)
        person = Person.objects.get(pk=self.person.pk)
        newest = cycles[-1]
        assert (person.sales_stage, person.sales_open) == (newest.stage.slug, newest.is_open)
        assert not forgotten(self.now - timedelta(days=5)).exists()

    def explained(self, cycle: Prospect) -> None:
        moves = list(cycle.moves.select_related("old", "new").order_by("pk"))
        assert moves[0].old is None and moves[-1].new_id == cycle.stage_id
        assert [move.old_id for move in moves[1:]] == [move.new_id for move in moves[:-1]]
        assert cycle.stage_since == moves[-1].at and sorted(moves, key=lambda move: move.at) == moves
        assert (cycle.closed_at is None) == (cycle.stage.kind == Stage.Kind.OPEN)
        assert all(move.new.kind == Stage.Kind.OPEN for move in moves[:-1])
        entered = [move.new.slug for move in moves]
        assert (cycle.sales_qualified_at is not None) == ("sales_qualified" in entered)
        judged = [move for move in moves if move.agreement_id]
        assert len(judged) == (1 if cycle.verdict else 0)
        last = cycle.assignments.last()
        assert last is None or last.owner_id == cycle.owner_id

    @invariant()
    def every_side_effect_happened_once(self) -> None:
        if not hasattr(self, "person"):
            return
        moves = StageMove.objects.filter(prospect__person=self.person.pk).values_list("pk", flat=True)
        closed = Deal.objects.filter(prospect__person=self.person.pk).exclude(status="open")
        told = {("stage", pk) for pk in moves} | {("deal", pk) for pk in closed.values_list("pk", flat=True)}
        assert set(self.heard) == told and set(self.heard.values()) <= {1}
        won = Prospect.objects.filter(person=self.person.pk, stage__slug="won").count()
        assert Deal.objects.filter(prospect__person=self.person.pk, status="won").count() == won
        for deal in Deal.objects.filter(prospect__person=self.person.pk):
            assert [move.new for move in deal.moves.order_by("pk")][-1] == deal.status
            assert deal.moves.count() == (1 if deal.status == "open" else 2)
        self.lead_says_so(won)

    def lead_says_so(self, won: int) -> None:
        """The status of the lead is that of its last move; silence is kept once for each address, and for good."""
        lead = Lead.objects.get(person=self.person.pk)
        moves = list(lead.moves.order_by("at", "pk"))
        assert moves[-1].new == lead.status
        assert [move.old for move in moves[1:]] == [move.new for move in moves[:-1]]
        assert won == 0 or lead.status == "customer"
        ended = Prospect.objects.filter(person=self.person.pk, reason__outcome="suppress").count()
        silent = Counter(
            Suppression.objects.filter(person=self.person.pk).values_list("email_hash", flat=True)
        )
        assert (bool(silent), set(silent.values()) <= {1}, ended <= 1) == (ended == 1, True, True)


@pytest.mark.django_db
def test_whatever_several_people_press_the_history_explains_the_present() -> None:
    run_state_machine_as_test(
        ManyHands, settings=settings(max_examples=15, stateful_step_count=18, deadline=None)
    )
