"""The pages of a rehearsal and the post office: who sees them, what they say, what a second press does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import LooksAt, StepKind
from leads.models import Message, Rehearsal, Segment
from leads.nurture.planner import Slot
from leads.tests.rehearsal_world import a_draft, a_reader_in, a_segment_of_all, publish_and_enrol
from leads.views.bars import bars_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings):
    settings.KEEP_SECONDS = 0
    people = [a_reader_in(n, "Asia/Tokyo", first_name="Rin", last_name=f"Mori{n}") for n in range(3)]
    a_reader_in(7, consent=False, first_name="Nils", last_name="Nein")
    draft = a_draft(
        {}, {"kind": StepKind.BRANCH, "looks_at": LooksAt.CLICK, "delay_hours": 48}, {"delay_hours": 24}
    )
    return draft, people, a_segment_of_all()


@pytest.fixture
def result(world, client, maya) -> Rehearsal:
    draft, _people, segment = world
    client.force_login(maya)
    client.post(reverse("staff-sequence-rehearse", args=[draft.pk]), {"segment": segment.pk})
    return Rehearsal.objects.get()


def test_marketing_and_the_sales_manager_see_it_and_nobody_else(client, result, maya, sara, sam, nora):
    addresses = [
        reverse("staff-sequence-rehearse", args=[result.sequence_id]),
        reverse("staff-rehearsal", args=[result.pk]),
        reverse("staff-post-office"),
    ]
    for user, status in ((maya, 200), (sara, 200), (sam, 403), (nora, 403)):
        client.force_login(user)
        assert [client.get(address).status_code for address in addresses] == [status] * 3
    assert client.post(addresses[0]).status_code == 403


def test_two_presses_are_one_rehearsal(client, world, maya):
    client.force_login(maya)
    address = reverse("staff-sequence-rehearse", args=[world[0].pk])
    answers = {client.post(address, {"segment": world[2].pk}).url for _press in range(2)}
    assert answers == {reverse("staff-rehearsal", args=[Rehearsal.objects.get().pk])}
    assert not Message.objects.exists()


def test_the_page_tells_numbers_reasons_and_both_bounds(client, result):
    page = client.get(reverse("staff-rehearsal", args=[result.pk])).content.decode()
    assert "Nobody clicks" in page
    assert "no consent to marketing mail" in page
    assert "Nils Nein" in page
    assert "Nothing was sent" in page


def test_who_was_erased_since_is_not_named(client, result):
    from leads.models import Person

    Person.objects.filter(last_name="Nein").update(erased_at=timezone.now())
    assert "Nils" not in client.get(reverse("staff-rehearsal", args=[result.pk])).content.decode()


def test_one_person_is_found_by_name_and_their_walk_is_told_in_their_zone(client, result, world):
    address = reverse("staff-rehearsal", args=[result.pk])
    several = client.get(address, {"q": "Rin"}).content.decode()
    assert all(person.last_name in several for person in world[1])
    page = client.get(address, {"q": "mori1"}).content.decode()
    assert "The walk of Rin Mori1" in page
    assert "Asia/Tokyo" in page


def test_an_empty_rehearsal_says_what_would_stand_here(client, maya):
    client.force_login(maya)
    address = reverse("staff-sequence-rehearse", args=[a_draft({}, slug="alone").pk])
    page = client.post(address, follow=True).content.decode()
    assert "There is nobody to walk" in page


def test_one_without_a_mail_is_refused_in_words(client, maya):
    client.force_login(maya)
    draft = a_draft({"kind": StepKind.WAIT}, slug="waits")
    page = client.post(reverse("staff-sequence-rehearse", args=[draft.pk]), follow=True).content.decode()
    assert "add a step that sends a mail" in page


def test_one_that_waits_or_runs_shows_how_far_it_is(client, result):
    Rehearsal.objects.filter(pk=result.pk).update(
        state=Rehearsal.State.RUNNING, result={"walked": 1500, "of": 9000, "segment": None}
    )
    page = client.get(reverse("staff-rehearsal", args=[result.pk])).content.decode()
    assert "1,500 of 9,000 people walked" in page


def test_one_that_failed_says_why(client, result):
    Rehearsal.objects.filter(pk=result.pk).update(
        state=Rehearsal.State.FAILED, error="It broke off", result={}
    )
    assert "It broke off" in client.get(reverse("staff-rehearsal", args=[result.pk])).content.decode()


@pytest.mark.parametrize(
    "query", ["person=abc", "person=99999999999999999999", "bound=x", "q=%00", "segment=-1"]
)
def test_odd_questions_are_answered_calmly(client, result, query):
    assert client.get(f"{reverse('staff-rehearsal', args=[result.pk])}?{query}").status_code == 200


def test_the_empty_post_office_says_what_will_stand_here(client, maya, settings):
    settings.KEEP_SECONDS = 0
    client.force_login(maya)
    assert "Nobody is on the way" in client.get(reverse("staff-post-office")).content.decode()


def test_the_post_office_tells_what_goes_out(client, maya, world):
    draft, people, _segment = world
    publish_and_enrol(draft, people, timezone.now() + timedelta(hours=1))
    client.force_login(maya)
    page = client.get(reverse("staff-post-office")).content.decode()
    assert "People on the way" in page
    assert ">3</text>" in page


def test_a_segment_that_is_gone_is_no_choice(client, maya, world):
    client.force_login(maya)
    Segment.objects.filter(pk=world[2].pk).update(archived_at=timezone.now())
    assert (
        "Segment: everybody"
        not in client.get(reverse("staff-sequence-rehearse", args=[world[0].pk])).content.decode()
    )


def test_bars_stand_on_the_ground_and_a_limit_far_above_them_is_not_drawn():
    slots = [Slot("2026-11-18T09", 10, 0, 6000), Slot("2026-11-18T10", 5, 5, 6000)]
    bars = bars_of(slots, wide=200)
    assert [bar.y + bar.height for bar in bars.bars] == [bars.ground] * 2
    assert not bars.has_limit
    assert bars_of([Slot("2026-11-18", 10, 0, 6)], wide=200).has_limit
