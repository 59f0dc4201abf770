"""S2, S4: whatever several users try, the history explains the present and every side effect happens once."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from campaigns.errors import Conflict, Refused
from prospects import pipeline
from prospects.models import Deal, Prospect, StageMove
from prospects.signals import deal_closed, stage_changed
from prospects.tests.conftest import TUESDAY, make_inbound, reason, talk

STAGES = ("contacting", "sales_qualified", "proposal", "negotiation", "to_contact", "won")
WHO = {"sam": ["work_prospects"], "sara": ["work_prospects", "manage_prospects"], "maya": ["see_outcomes"]}

steps = st.lists(
    st.tuples(
        st.sampled_from(["accept", "talk", "move", "reject", "win", "lose", "not_now", "return"]),
        st.sampled_from(STAGES),
        st.sampled_from(list(WHO)),
    ),
    max_size=12,
)


class Heard:
    """Counts the signals, as a listener above would."""

    def __init__(self) -> None:
        self.moves: Counter[int] = Counter()
        self.deals: Counter[int] = Counter()

    def on_stage(self, sender: Any, move_id: int, **_: Any) -> None:
        self.moves[move_id] += 1

    def on_deal(self, sender: Any, deal_id: int, **_: Any) -> None:
        self.deals[deal_id] += 1


class RandomMoves(TestCase):
    def setUp(self) -> None:
        for name, rights in WHO.items():
            user = get_user_model().objects.create_user(name)
            user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        self.heard = Heard()
        stage_changed.connect(self.heard.on_stage)
        deal_closed.connect(self.heard.on_deal)
        self.addCleanup(stage_changed.disconnect, self.heard.on_stage)
        self.addCleanup(deal_closed.disconnect, self.heard.on_deal)

    @settings(deadline=None, max_examples=30)
    @given(steps)
    def test_history_always_explains_the_present(self, tried: list[tuple[str, str, str]]) -> None:
        self.heard.moves.clear()
        self.heard.deals.clear()
        users = {user.username: user for user in get_user_model().objects.all()}
        first = make_inbound(users["sam"])
        before = StageMove.objects.count() - 1
        for number, (verb, stage, who) in enumerate(tried, 1):
            prospect = Prospect.objects.filter(person=first.person).latest("round")
            with suppress(Refused, Conflict):
                self.play(verb, stage, users[who], prospect, TUESDAY + timedelta(days=number))
        for prospect in Prospect.objects.filter(person=first.person):
            self.explained(prospect)
        assert set(self.heard.moves.values()) == {1}
        assert len(self.heard.moves) == StageMove.objects.count() - before
        assert set(self.heard.deals) == set(Deal.objects.exclude(status="open").values_list("pk", flat=True))
        assert not self.heard.deals or set(self.heard.deals.values()) == {1}

    def play(self, verb: str, stage: str, by: Any, prospect: Prospect, at: Any) -> None:
        todo: dict[str, Callable[[], Any]] = {
            "accept": lambda: pipeline.accept(prospect=prospect, by=by, at=at),
            "talk": lambda: talk(prospect, by, at=at),
            "move": lambda: pipeline.move(prospect=prospect, to=stage, by=by, at=at),
            "reject": lambda: pipeline.reject(prospect=prospect, reason=reason("no-need"), by=by, at=at),
            "win": lambda: pipeline.win(prospect=prospect, amount=Decimal(5), by=by, at=at),
            "lose": lambda: pipeline.lose(prospect=prospect, reason=reason("price"), by=by, at=at),
            "not_now": lambda: pipeline.reject(
                prospect=prospect,
                reason=reason("not-now"),
                return_on=(at + timedelta(days=1)).date(),
                by=by,
                at=at,
            ),
            "return": lambda: pipeline.return_due(at=at),
        }
        todo[verb]()

    def explained(self, prospect: Prospect) -> None:
        moves = list(prospect.moves.order_by("pk"))
        assert moves[0].old is None and moves[-1].new == prospect.stage
        assert [move.old for move in moves[1:]] == [move.new for move in moves[:-1]]
        assert prospect.stage_since == moves[-1].at
        ended = prospect.stage.kind != "open"
        assert ended == (prospect.closed_at is not None)
        assert all(move.new.kind == "open" for move in moves[:-1])
        assert (prospect.sales_qualified_at is not None) == any(
            m.new.slug == "sales_qualified" for m in moves
        )
        won = [deal for deal in prospect.deals.all() if deal.status == "won"]
        assert len(won) == (1 if prospect.stage.kind == "won" else 0)
        latest = Prospect.objects.filter(person=prospect.person).latest("round")
        prospect.person.refresh_from_db()
        assert (prospect.person.sales_stage, prospect.person.sales_open) == (
            latest.stage.slug,
            latest.is_open,
        )


@pytest.mark.django_db
def test_a_listener_that_fails_undoes_no_move(inbound: Prospect, sam: Any) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("a webhook's bug")

    stage_changed.connect(fail)
    try:
        pipeline.accept(prospect=inbound, by=sam, at=TUESDAY)
    finally:
        stage_changed.disconnect(fail)
    assert inbound.moves.count() == 2
