"""Two people become one, and are parted again: what comes along, what stays, what is refused."""

from datetime import timedelta
from uuid import uuid4

import pytest

from campaigns.errors import Conflict, Refused
from campaigns.models import Channel
from leads.consent import is_suppressed, suppress
from leads.identity import Keys, find_person
from leads.lifecycle import disqualify, make_lead
from leads.merging import merge, part
from leads.models import (
    Enrolment,
    Lead,
    LeadMove,
    Merge,
    Message,
    Person,
    PrivacyRequest,
    Suppression,
    Touch,
    Twin,
)
from leads.nurture.enrolment import enrol
from leads.tests.builders import NOON, a_lead, a_sequence

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)


@pytest.fixture
def anna():
    return a_lead("anna@acme.example", first_name="Anna").person


@pytest.fixture
def ann():
    return a_lead("ann@acme.example", at=NOON - timedelta(days=9), first_name="Ann", job_title="Buyer").person


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def a_touch(person: Person) -> Touch:
    return Touch.objects.create(person=person, kind="visit", at=NOON, channel=Channel.objects.all()[0])


def test_rows_come_along_and_empty_fields_are_filled(anna, ann, maya):
    touch = a_touch(ann)
    merge(keep=anna, gone=ann, at=LATER, by=maya)
    touch.refresh_from_db()
    assert touch.person == anna
    assert (fresh(anna).first_name, fresh(anna).job_title) == ("Anna", "Buyer")
    assert fresh(ann).merged_into == anna


def test_the_chosen_address_is_swapped_so_that_both_still_find_the_person(anna, ann, maya):
    merge(keep=anna, gone=ann, theirs=["email", "first_name"], at=LATER, by=maya)
    assert (fresh(anna).email_key, fresh(anna).first_name) == ("ann@acme.example", "Ann")
    assert find_person(Keys(email_key="anna@acme.example")) == anna
    assert find_person(Keys(email_key="ann@acme.example")) == anna


def test_the_lead_began_with_the_earlier_and_is_as_far_as_the_further(anna, ann, maya):
    disqualify(person=ann, at=NOON, by=maya, exclusion="competitor")
    merge(keep=anna, gone=ann, at=LATER, by=maya)
    lead = Lead.objects.get(person=anna)
    assert (lead.status, lead.exclusion) == ("disqualified", "competitor")
    assert lead.created_at == NOON - timedelta(days=9)
    assert LeadMove.objects.filter(lead=lead, new="disqualified", by=maya).exists()


def test_a_status_taken_over_is_not_handed_over_again(anna, ann, maya):
    Lead.objects.filter(person=ann).update(status="marketing_qualified", marketing_qualified_at=NOON)
    merge(keep=anna, gone=ann, at=LATER, by=maya)
    assert not LeadMove.objects.filter(new="marketing_qualified", handed_at=None).exists()


def test_a_lead_comes_along_where_the_other_had_none(ann, maya):
    cold = Person.objects.create(email_key="cold@acme.example")
    merge(keep=cold, gone=ann, at=LATER, by=maya)
    assert Lead.objects.get().person == cold


def test_who_unsubscribed_at_one_address_gets_no_mail_at_the_other(anna, ann, maya):
    suppress(email_key="ann@acme.example", reason="unsubscribed", at=NOON, person=ann)
    done = merge(keep=anna, gone=ann, at=LATER, by=maya)
    assert is_suppressed("anna@acme.example")
    part(merge=done, at=LATER, by=maya)
    assert not is_suppressed("anna@acme.example")
    assert is_suppressed("ann@acme.example")


def test_a_mailbox_that_does_not_exist_says_nothing_about_the_other(anna, ann, maya):
    suppress(email_key="ann@acme.example", reason="bounced", at=NOON, person=ann)
    merge(keep=anna, gone=ann, at=LATER, by=maya)
    assert not is_suppressed("anna@acme.example")


def test_nobody_walks_a_sequence_twice_and_undo_brings_the_walk_back(anna, ann, maya):
    sequence = a_sequence()
    for person in (anna, ann):
        enrol(person=person, sequence=sequence, at=NOON)
    walk = Enrolment.objects.get(person=ann)
    mail = Message.objects.create(
        key="k", message_id="<k@x.example>", kind="sequence", person=ann, enrolment=walk, due_at=LATER
    )
    done = merge(keep=anna, gone=ann, at=LATER, by=maya)
    assert Enrolment.objects.get(state="active").person == anna
    mail.refresh_from_db()
    assert mail.state == "cancelled"
    part(merge=done, at=LATER, by=maya)
    mail.refresh_from_db()
    assert (mail.state, mail.person) == ("scheduled", ann)
    assert Enrolment.objects.filter(state="active").count() == 2


def test_undo_keeps_what_was_changed_since_and_says_so(anna, ann, maya):
    touch = a_touch(ann)
    done = merge(keep=anna, gone=ann, theirs=["first_name"], at=LATER, by=maya)
    Person.objects.filter(pk=anna.pk).update(first_name="Annegret")
    new = a_touch(anna)
    parted = part(merge=done, at=LATER, by=maya)
    assert fresh(anna).first_name == "Annegret"
    assert parted.stayed == {("leads.person", "first_name"): 1}
    assert list(parted.words()) == ["person: first name (1)"]
    touch.refresh_from_db()
    new.refresh_from_db()
    assert (touch.person, new.person) == (ann, anna)
    assert fresh(ann).merged_into is None


def test_an_address_that_somebody_else_has_by_now_is_not_taken_from_them(anna, ann, maya):
    done = merge(keep=anna, gone=ann, theirs=["email"], at=LATER, by=maya)
    Person.objects.filter(pk=anna.pk).update(email="new@acme.example", email_key="new@acme.example")
    Person.objects.create(email="ann@acme.example", email_key="ann@acme.example")
    parted = part(merge=done, at=LATER, by=maya)
    assert fresh(anna).email_key == "new@acme.example"
    assert ("leads.person", "email_key") in parted.stayed
    assert fresh(ann).merged_into is None  # one column that cannot go back holds up no other


def test_a_second_press_answers_with_the_first_result(anna, ann, maya):
    key = uuid4()
    first = merge(keep=anna, gone=ann, at=LATER, by=maya, submit_key=key)
    assert merge(keep=anna, gone=ann, at=LATER, by=maya, submit_key=key) == first
    assert Merge.objects.count() == 1


def test_who_was_merged_is_not_merged_again(anna, ann, maya):
    merge(keep=anna, gone=ann, at=LATER, by=maya)
    with pytest.raises(Conflict):
        merge(keep=anna, gone=ann, at=LATER, by=maya)


def test_merges_in_a_row_are_undone_from_the_last(anna, ann, maya):
    third = a_lead("third@acme.example").person
    first = merge(keep=ann, gone=anna, at=LATER, by=maya)
    second = merge(keep=third, gone=ann, at=LATER, by=maya)
    assert find_person(Keys(email_key="anna@acme.example")) == third
    with pytest.raises(Refused):
        part(merge=first, at=LATER, by=maya)
    part(merge=second, at=LATER, by=maya)
    part(merge=first, at=LATER, by=maya)
    assert not Person.objects.exclude(merged_into=None).exists()
    with pytest.raises(Conflict):
        part(merge=first, at=LATER, by=maya)


def test_an_open_privacy_request_comes_first(anna, ann, maya):
    PrivacyRequest.objects.create(person=ann, kind="erasure", receipt="R1")
    with pytest.raises(Refused):
        merge(keep=anna, gone=ann, at=LATER, by=maya)


def test_nobody_is_merged_with_themselves_or_with_an_erased_person(anna, ann, maya):
    with pytest.raises(Refused):
        merge(keep=anna, gone=anna, at=LATER, by=maya)
    Person.objects.filter(pk=ann.pk).update(erased_at=NOON)
    with pytest.raises(Refused):
        merge(keep=anna, gone=ann, at=LATER, by=maya)


def test_the_pair_is_marked_and_comes_back_with_the_undo(anna, ann, maya):
    twin = Twin.objects.create(one=anna, two=ann, score=1)
    done = merge(keep=ann, gone=anna, at=LATER, by=maya)
    twin.refresh_from_db()
    assert (twin.state, twin.decided_by) == ("merged", maya)
    part(merge=done, at=LATER, by=maya)
    twin.refresh_from_db()
    assert (twin.state, twin.decided_by) == ("open", None)


def test_a_suppression_lifted_since_is_not_deleted(anna, ann, maya):
    suppress(email_key="ann@acme.example", reason="unsubscribed", at=NOON, person=ann)
    done = merge(keep=anna, gone=ann, at=LATER, by=maya)
    Suppression.objects.filter(evidence__startswith="merged").update(lifted_at=LATER)
    parted = part(merge=done, at=LATER, by=maya)
    assert Suppression.objects.filter(evidence__startswith="merged").exists()
    assert parted.stayed == {("leads.suppression", "id"): 1}


def test_two_who_never_were_leads_can_be_merged(maya):
    one, two = (Person.objects.create(email_key=f"{name}@acme.example") for name in ("a", "b"))
    merge(keep=one, gone=two, at=LATER, by=maya)
    assert not Lead.objects.exists()
    make_lead(person=fresh(one), at=LATER, way=LeadMove.Way.CAPTURE)
