"""Everybody at once on the same three people, on PostgreSQL: nobody waits in a ring, history explains what is left."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connections

from campaigns.errors import Conflict, Refused
from leads.merging import merge, part
from leads.models import Company, Merge, Person
from prospects import accounts, follow_ups, notes, pipeline, returns, transfer
from prospects.calls import log
from prospects.models import Account, Deal, Prospect, Stage, Transfer
from prospects.money import deals, terms
from prospects.tests.conftest import GOOD_CARD, TUESDAY, make_inbound, make_person, reason

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("postgresql" not in connections.databases["default"]["ENGINE"], reason="locks rows"),
]
HANDS, PRESSES = 4, 50
REASON = "not-now"  # they come back, so there is work for all
STAGES = ("contacting", "sales_qualified", "proposal")


class Hand:
    """One colleague or job with a stream of presses of its own; what no verb may raise is kept."""

    def __init__(self, seed: int, account: Account) -> None:
        self.dice, self.account, self.wrong = random.Random(seed), account, []
        self.at = TUESDAY + timedelta(hours=seed)
        self.done: Counter[str] = Counter()

    def presses(self) -> Hand:
        try:
            users = list(get_user_model().objects.filter(username__in=["sam", "sara"]).order_by("pk"))
            for _n in range(PRESSES):
                self.at += timedelta(minutes=97)
                self.press(self.dice.choice(VERBS), self.dice.choice(users))
        finally:
            connections.close_all()
        return self

    def press(self, verb: Callable[..., Any], by: Any) -> None:
        people = Person.objects.filter(company=self.account.company_id).order_by("pk")
        cycles = Prospect.objects.filter(person__in=people).select_related("stage", "person")
        cycle = self.dice.choice([one for one in cycles if one.is_open] or list(cycles))
        try:
            verb(self, cycle, by, self.at)
            self.done[verb.__name__] += 1
        except (Refused, Conflict):
            pass
        except Exception as error:  # noqa: BLE001 - the test shows them
            self.wrong.append(f"{verb.__name__}: {type(error).__name__} {error}"[:300])


def accepts(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    pipeline.accept(prospect=cycle, by=by, at=at)


def moves(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    pipeline.move(prospect=cycle, to=hand.dice.choice(STAGES), by=by, at=at)


def calls(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    log.log_call(
        prospect=cycle, outcome=hand.dice.choice(["conversation", "no_answer"]), bant=GOOD_CARD, by=by, at=at
    )


def rejects(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    day = (at + timedelta(days=1)).date()
    pipeline.reject(
        prospect=cycle, reason=reason(REASON), by=by, at=at, return_on=day
    )  # fmt: skip


def comes_back(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    returns.return_due(at=at + timedelta(days=3))


def assigns(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    owner = get_user_model().objects.get(username=hand.dice.choice(["sam", "ben"]))
    pipeline.assign(prospect=cycle, owner=owner, by=None, at=at)


def opens_a_deal(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    deals.open_deal(prospect=cycle, title="Line", amount=Decimal(5), by=by, at=at)


def joins_a_deal(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    deal = Deal.objects.filter(account=hand.account).order_by("?").first()
    if deal:
        terms.join_deal(deal=deal, prospect=cycle, role="user", by=by, at=at)


def closes_a_deal(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    deal = Deal.objects.filter(account=hand.account, status="open").order_by("?").first()
    if deal and hand.dice.random() < 0.5:
        deals.close_lost(deal=deal, reason=reason("price"), by=by, at=at)
    elif deal:
        terms.change_deal(
            deal=deal, by=by, at=at, title="y", amount=Decimal(9), currency=deal.currency, expected_on=None
        )


def promises(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    step = follow_ups.plan_follow_up(prospect=cycle, kind="call", due_at=at, by=by, at=at)
    notes.write(prospect=cycle, text="@sam look", by=by, at=at)
    follow_ups.finish_follow_up(follow_up=step, by=by, at=at)


def changes_the_account(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    owner = get_user_model().objects.get(username="sam")
    accounts.change_account(account=hand.account, by=by, at=at, tier="", is_target=True, owner=owner)


def leaves(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    manager = get_user_model().objects.get(username="sara")
    leaver = get_user_model().objects.get(username=hand.dice.choice(["sam", "ben"]))
    last = Transfer.objects.filter(undone_at=None).order_by("-pk").first()
    if last and hand.dice.random() < 0.6:
        transfer.undo(transfer=last, by=manager, at=at)
    else:
        transfer.move_all(leaver=leaver, to=None, by=manager, at=at)


def merges(hand: Hand, cycle: Prospect, by: Any, at: datetime) -> None:
    last = Merge.objects.filter(undone_at=None).order_by("-pk").first()
    if last:
        part(merge=last, at=at, by=by)
        return
    rows = list(Person.objects.filter(company=hand.account.company_id, merged_into=None).order_by("?")[:2])
    if len(rows) == 2:
        merge(keep=rows[0], gone=rows[1], at=at, by=by)


VERBS = (
    accepts, moves, moves, calls, calls, rejects, comes_back, assigns, opens_a_deal, joins_a_deal, closes_a_deal,
    promises, changes_the_account, leaves, merges,
)  # fmt: skip


def test_nobody_waits_in_a_ring(sam: Any, sara: Any, django_user_model: Any, rule: Any) -> None:
    ben = django_user_model.objects.create_user("ben", "ben@averdahl.example", "x")
    ben.groups.set(sam.groups.all())
    rule(sam, ben)
    account = Account.objects.create(company=Company.objects.create(name="Works", domain="works.example"))
    for owner in (sam, ben, sam):
        made = make_inbound(owner, make_person(company=account.company))
        Prospect.objects.filter(pk=made.pk).update(account=account)
    make_person(company=account.company)  # two who may be merged with somebody
    make_person(company=account.company)
    with ThreadPoolExecutor(HANDS) as pool:
        hands = list(pool.map(Hand.presses, [Hand(seed, account) for seed in range(HANDS)]))
    assert [wrong for hand in hands for wrong in hand.wrong] == []
    done = sum((hand.done for hand in hands), Counter())
    assert {"merges", "leaves", "comes_back", "calls"} <= set(done) and len(done) >= 9, done
    for cycle in Prospect.objects.select_related("stage"):
        explained(cycle)
    for deal in Deal.objects.all():
        assert [move.new for move in deal.moves.order_by("pk")][-1] == deal.status
        assert deal.moves.count() == (1 if deal.status == "open" else 2)


def explained(cycle: Prospect) -> None:
    moves = list(cycle.moves.select_related("new").order_by("pk"))
    assert moves[0].old_id is None and moves[-1].new_id == cycle.stage_id
    assert [move.old_id for move in moves[1:]] == [move.new_id for move in moves[:-1]]
    assert (cycle.closed_at is None) == (cycle.stage.kind == Stage.Kind.OPEN)
    newest = cycle.assignments.order_by("pk").last()
    assert newest is not None and newest.owner_id == cycle.owner_id
