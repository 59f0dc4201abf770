"""A rep leaves: what is open changes hands once, history keeps the name, and undo brings back what nobody touched."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.errors import Conflict, Refused
from conftest import PASSWORD
from leads.models import Company, OwnMail
from prospects import follow_ups, pipeline, social, transfer
from prospects.models import (
    Account,
    Assignment,
    AssignmentMember,
    FollowUp,
    Notice,
    Prospect,
    Rep,
    Transfer,
)
from prospects.money.deals import open_deal
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, make_person, reason, talk


@pytest.fixture
def ben(sam: Any, django_user_model: Any) -> Any:
    user = django_user_model.objects.create_user("ben", "ben@averdahl.example", PASSWORD)
    user.groups.set(sam.groups.all())
    return user


@pytest.fixture
def work(sam: Any, company: Company) -> list[Prospect]:
    """Three open ones with follow-ups, one closed, an account, a calendar address."""
    found = [make_cold(sam, make_person(company=company)) for _ in range(3)]
    closed = make_inbound(sam)
    pipeline.reject(prospect=closed, reason=reason("bad-fit"), by=sam, at=TUESDAY)
    Account.objects.filter(company=company).update(owner=sam)
    Rep.objects.create(user=sam, calendar_key="secret")
    return found


def owners(rows: list[Prospect]) -> set[Any]:
    return set(
        Prospect.objects.filter(pk__in=[row.pk for row in rows]).values_list("owner__username", flat=True)
    )


def leave(leaver: Any, to: Any, by: Any, **more: Any) -> Transfer:
    return transfer.move_all(leaver=leaver, to=to, by=by, at=later(hours=1), **more)


def test_the_preview_counts_and_moves_nothing(work: list[Prospect], sam: Any) -> None:
    plan = transfer.plan(sam)
    assert (plan.prospects, plan.follow_ups, plan.accounts, plan.calendar) == (3, 3, 1, True)
    assert owners(work) == {"sam"}


def test_everything_open_goes_to_the_one_named(
    work: list[Prospect], sam: Any, ben: Any, sara: Any, company: Company
) -> None:
    leave(sam, ben, sara)
    assert owners(work) == {"ben"}
    assert set(FollowUp.objects.filter(done_at=None).values_list("owner__username", flat=True)) == {"ben"}
    assert Account.objects.get(company=company).owner == ben
    assert Rep.objects.get(user=sam).calendar_key is None
    assert Notice.objects.get(user=ben).text == "3 prospects of Sam Okafor are yours now."


def test_history_keeps_the_name(work: list[Prospect], sam: Any, ben: Any, sara: Any) -> None:
    call = talk(work[0], sam)
    leave(sam, ben, sara)
    call.refresh_from_db()
    assert call.by == sam
    assert Prospect.objects.exclude(closed_at=None).get().owner == sam
    assert set(Assignment.objects.filter(owner=ben).values_list("old_owner__username", flat=True)) == {"sam"}


def test_by_the_rules_the_leaver_gets_nothing_back(
    work: list[Prospect], sam: Any, ben: Any, sara: Any, rule: Any
) -> None:
    rule(sam, ben, sara)
    leave(sam, None, sara)
    assert owners(work) == {"ben", "sara"}
    assert AssignmentMember.objects.get(user=sam).weight == 0


def test_without_a_rule_they_wait_in_the_list_of_the_unassigned(
    work: list[Prospect], sam: Any, sara: Any
) -> None:
    leave(sam, None, sara)
    assert owners(work) == {None}


def test_twice_is_once(work: list[Prospect], sam: Any, ben: Any, sara: Any) -> None:
    key = uuid.uuid4()
    assert leave(sam, ben, sara, submit_key=key).pk == leave(sam, ben, sara, submit_key=key).pk
    with pytest.raises(Refused):
        leave(sam, ben, sara, submit_key=uuid.uuid4())
    assert (Transfer.objects.count(), Assignment.objects.filter(owner=ben).count()) == (1, 3)


def test_undo_brings_all_back(
    work: list[Prospect], sam: Any, ben: Any, sara: Any, company: Company, rule: Any
) -> None:
    rule((sam, 3), ben)
    row = leave(sam, ben, sara)
    undone = transfer.undo(transfer=row, by=sara, at=later(hours=2))
    assert undone.stay == 0
    assert owners(work) == {"sam"}
    assert set(FollowUp.objects.filter(done_at=None).values_list("owner__username", flat=True)) == {"sam"}
    assert Account.objects.get(company=company).owner == sam
    assert (Rep.objects.get(user=sam).calendar_key, AssignmentMember.objects.get(user=sam).weight) == (
        "secret",
        3,
    )
    with pytest.raises(Conflict):
        transfer.undo(transfer=row, by=sara, at=later(hours=3))


def test_what_somebody_has_gone_on_with_stays(work: list[Prospect], sam: Any, ben: Any, sara: Any) -> None:
    row = leave(sam, ben, sara)
    called, given, closed = (Prospect.objects.get(pk=one.pk) for one in work)
    talk(called, ben, at=later(hours=2), follow_up={"kind": "call", "due_at": later(days=2)})
    pipeline.assign(prospect=given, owner=sara, by=sara, at=later(hours=2))
    pipeline.reject(prospect=closed, reason=reason("no-need"), by=ben, at=later(hours=2))
    undone = transfer.undo(transfer=row, by=sara, at=later(hours=3))
    assert undone.stay == 3
    assert [Prospect.objects.get(pk=one.pk).owner.username for one in work] == ["ben", "sara", "ben"]


def planned(prospect: Prospect, by: Any, at: Any) -> None:
    follow_ups.plan_follow_up(prospect=prospect, kind="call", due_at=later(days=9), by=by, at=at)


def kept(prospect: Prospect, by: Any, at: Any) -> None:
    follow_ups.finish_follow_up(follow_up=prospect.follow_ups.get(), by=by, at=at)


def connected(prospect: Prospect, by: Any, at: Any) -> None:
    social.log_social(prospect=prospect, what="connected", network="linkedin", by=by, at=at)


def wrote(prospect: Prospect, by: Any, at: Any) -> None:
    OwnMail.objects.create(
        person=prospect.person, user=by, direction="out", message_id="<1@x>", thread="<1@x>", at=at
    )


def priced(prospect: Prospect, by: Any, at: Any) -> None:
    open_deal(prospect=prospect, title="Gauges", by=by, at=at)


@pytest.mark.parametrize("act", [planned, kept, connected, wrote, priced])
def test_every_act_of_the_new_owner_makes_it_theirs(
    work: list[Prospect], sam: Any, ben: Any, sara: Any, act: Any
) -> None:
    row = leave(sam, ben, sara)
    act(Prospect.objects.get(pk=work[0].pk), ben, later(hours=2))
    transfer.undo(transfer=row, by=sara, at=later(hours=3))
    assert [Prospect.objects.get(pk=one.pk).owner.username for one in work] == ["ben", "sam", "sam"]


def test_nobody_hands_over_to_who_cannot_work(
    work: list[Prospect], sam: Any, maya: Any, sara: Any, ben: Any
) -> None:
    ben.is_active = False
    ben.save()
    for to in (sam, maya, ben):
        with pytest.raises(Refused):
            leave(sam, to, sara)
    assert owners(work) == {"sam"}


def test_who_may(work: list[Prospect], sam: Any, ben: Any, sara: Any, maya: Any, client: Client) -> None:
    address = f"{reverse('staff-leaving')}?who={sam.pk}"
    for user in (ben, maya):
        client.force_login(user)
        assert client.get(address).status_code == 403, user
        assert client.post(address, {"to": ben.pk}).status_code == 403, user
        with pytest.raises(Refused):
            leave(sam, ben, user)
    client.force_login(sara)
    assert "Open prospects" in client.get(address).content.decode()
    assert client.post(address, {"to": ben.pk, "submit_key": str(uuid.uuid4())}).status_code == 302
    assert owners(work) == {"ben"}
    row = Transfer.objects.get()
    page = client.post(reverse("staff-transfer-undo", args=[row.pk]), follow=True).content.decode()
    assert "rows came back." in page and "somebody went on" not in page
    assert owners(work) == {"sam"}
    assert client.post(reverse("staff-transfer-undo", args=[row.pk])).status_code == 409


def test_nothing_goes_back_to_who_cannot_sign_in(
    client: Client, work: list[Prospect], sam: Any, ben: Any, sara: Any
) -> None:
    row = leave(sam, ben, sara)
    groups = list(sam.groups.all())
    for gone in ({"is_active": False}, {"groups": []}):
        sam.is_active = gone.get("is_active", True)
        sam.save()
        sam.groups.set(gone.get("groups", groups))
        client.force_login(sara)
        page = client.post(reverse("staff-transfer-undo", args=[row.pk]), follow=True).content.decode()
        assert "any more" in page
        assert Transfer.objects.get(pk=row.pk).undone_at is None and owners(work) == {"ben"}
    sam.groups.set(groups)
    assert transfer.undo(transfer=row, by=sara, at=later(hours=2)).stay == 0
