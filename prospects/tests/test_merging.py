"""Two people with cycles of sales become one: rounds in order, never two open ones, and back again."""

from datetime import timedelta

import pytest
from django.db import transaction

from campaigns.errors import Conflict, Refused
from leads.merging import merge, part
from leads.models import Merge, Person
from prospects import pipeline
from prospects.cycles import last_cycle
from prospects.models import Prospect
from prospects.tests.conftest import TUESDAY, later, make_cold, make_inbound, make_person, reason
from prospects.transitions import lock_person

pytestmark = pytest.mark.django_db
LATER = later(days=2)


def rejected(sam, person: Person, at=TUESDAY) -> Prospect:
    prospect = make_inbound(sam, person, at=at)
    pipeline.reject(prospect=prospect, reason=reason("no-need"), by=sam, at=at + timedelta(minutes=1))
    return Prospect.objects.get(pk=prospect.pk)


def test_an_open_prospect_comes_along_with_who_has_it(sam, sara):
    keep, gone = make_person(), make_person()
    prospect = make_cold(sam, gone)
    merge(keep=keep, gone=gone, at=LATER, by=sara)
    prospect.refresh_from_db()
    keep.refresh_from_db()
    gone.refresh_from_db()
    assert prospect.person == keep
    assert (keep.sales_open, keep.sales_owner, gone.sales_open) == (True, sam, False)


def test_two_open_prospects_are_settled_by_sales_first(sam, sara):
    keep, gone = make_person(), make_person()
    mine, theirs = make_cold(sam, keep), make_cold(sara, gone)
    with pytest.raises(Refused) as no:
        merge(keep=keep, gone=gone, at=LATER, by=sara)
    assert "Close one of them first" in no.value.message
    assert no.value.missing
    pipeline.reject(prospect=theirs, reason=reason("no-need"), by=sara, at=LATER)
    merge(keep=keep, gone=gone, at=LATER, by=sara)
    assert last_cycle(keep, mine.pipeline) == mine


def test_rounds_follow_the_days_and_go_back(sam, sara):
    keep, gone = make_person(), make_person()
    second, first = rejected(sam, keep, later(days=1)), rejected(sam, gone)
    done = merge(keep=keep, gone=gone, at=LATER, by=sara)
    rounds = dict(Prospect.objects.filter(person=keep).values_list("pk", "round"))
    assert rounds == {first.pk: 1, second.pk: 2}
    parted = part(merge=done, at=LATER, by=sara)
    assert not parted.stayed
    assert set(Prospect.objects.values_list("person", "round")) == {(keep.pk, 1), (gone.pk, 1)}


def test_what_sales_did_since_stays_with_the_prospect_and_marketing_reads_it(sam, sara):
    keep, gone = make_person(), make_person()
    prospect = make_inbound(sam, gone)
    done = merge(keep=keep, gone=gone, at=LATER, by=sara)
    prospect.refresh_from_db()
    pipeline.accept(prospect=prospect, by=sam, at=LATER)
    part(merge=done, at=later(days=3), by=sara)
    prospect.refresh_from_db()
    keep.refresh_from_db()
    gone.refresh_from_db()
    assert (prospect.person, prospect.verdict) == (gone, "accepted")
    assert (gone.sales_open, gone.sales_stage) == (True, prospect.stage.slug)
    assert (keep.sales_open, keep.sales_stage) == (False, "")


def test_a_screen_from_before_a_merge_is_told_so_and_changes_nothing(sam, sara):
    """Else its verb would hold the cycle and then wait for the person, against the order of locks."""
    keep, gone = make_person(), make_person()
    stale = make_inbound(sam, gone)
    merge(keep=keep, gone=gone, at=LATER, by=sara)
    for verb in (pipeline.accept, pipeline.move):
        more = {"to": "contacting"} if verb is pipeline.move else {}
        with pytest.raises(Conflict, match=r"merged|To contact"):
            verb(
                prospect=Prospect(pk=stale.pk, stage=stale.stage, person_id=gone.pk), by=sam, at=LATER, **more
            )
    parted = Prospect.objects.get(pk=stale.pk)
    part(merge=Merge.objects.get(), at=LATER, by=sara)
    with pytest.raises(Conflict):
        pipeline.accept(prospect=parted, by=sam, at=LATER)
    assert Prospect.objects.get(pk=stale.pk).moves.count() == 1


def test_nothing_begins_on_the_row_that_stayed_behind(sam, sara):
    """A handover or a return that waited for the merge finds the person gone, and takes the next run."""
    keep, gone = make_person(), make_person()
    merge(keep=keep, gone=gone, at=LATER, by=sara)
    with pytest.raises(Conflict), transaction.atomic():
        lock_person(gone.pk)
    with pytest.raises((Conflict, Refused)):
        make_cold(sam, gone)
    assert not Prospect.objects.exists()
