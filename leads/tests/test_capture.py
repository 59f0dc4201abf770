"""One front door: a form becomes all its rows or none (RELIABILITY C1, C3, C4, C10, C13)."""

import pytest
from django.db import DatabaseError, connection, transaction

from campaigns.errors import Refused
from leads.models import (
    ConsentEvent,
    Fact,
    Lead,
    LeadMove,
    LeadScore,
    Message,
    Person,
    Submission,
    Touch,
    WorkRequest,
)
from leads.tests.builders import NOON, a_page, a_sequence, submitted

pytestmark = pytest.mark.django_db


def test_a_form_becomes_person_lead_submission_touch_consent_and_download_mail():
    result = submitted(a_page(), first_name="Piet", company="Maasland")
    person = Person.objects.get()
    assert (person.email_key, person.first_name, person.company_name) == (
        "piet@maasland.example",
        "Piet",
        "Maasland",
    )
    assert result.lead == Lead.objects.get(person=person)
    assert (
        result.lead.first_touch == result.lead.last_touch == Touch.objects.get(submission=result.submission)
    )
    assert list(LeadMove.objects.values_list("old", "new", "way")) == [("", "new", "capture")]
    assert ConsentEvent.objects.get().text.purpose == "marketing"
    assert Message.objects.get().key == f"dl:{result.submission.pk}"
    assert LeadScore.objects.get().dirty_at == NOON


def test_the_utm_set_names_campaign_and_channel_of_the_touch():
    page = a_page()
    submitted(page, query="utm_campaign=bearing-paper&utm_medium=cpc&utm_source=google")
    touch = Touch.objects.get()
    assert (touch.campaign.slug, touch.channel.slug, touch.utm_source) == (
        "bearing-paper",
        "paid-search",
        "google",
    )


def test_without_utm_the_campaign_of_the_page_counts_and_the_channel_is_direct():
    submitted(a_page())
    touch = Touch.objects.get()
    assert (touch.campaign.slug, touch.channel.slug) == ("bearing-paper", "direct")


def test_the_same_form_sent_twice_has_one_result():
    page = a_page()
    first, second = submitted(page), submitted(page)
    assert second.twin and second.submission == first.submission and second.lead == first.lead
    assert Submission.objects.count() == Touch.objects.count() == Message.objects.count() == 1


def test_without_a_nonce_ten_minutes_make_the_same_form():
    page = a_page()
    submitted(page, nonce="")
    assert submitted(page, nonce="").twin
    assert Submission.objects.count() == 1


def test_an_address_in_another_spelling_is_the_same_person():
    page = a_page()
    submitted(page, email="Piet@Maasland.Example ")
    submitted(page, email="piet@maasland.example", nonce="n2")
    assert Person.objects.count() == Lead.objects.count() == 1
    assert Touch.objects.count() == 2


def test_a_later_form_fills_blanks_and_keeps_what_differs_as_a_fact():
    page = a_page()
    submitted(page, first_name="Piet")
    submitted(page, nonce="n2", first_name="Pieter", company="Maasland")
    person = Person.objects.get()
    assert (person.first_name, person.company_name) == ("Piet", "Maasland")
    assert list(Fact.objects.values_list("field", "value", "source")) == [("first_name", "Pieter", "said")]


def test_the_first_touch_stays_and_the_last_one_moves():
    page = a_page()
    first = submitted(page).submission
    last = submitted(page, nonce="n2").submission
    lead = Lead.objects.get()
    assert (lead.first_touch.submission, lead.last_touch.submission) == (first, last)


def test_a_trapped_form_is_kept_and_causes_nothing():
    result = submitted(a_page(), suspicions=["honeypot"])
    assert result.quarantined and result.submission.reasons == "honeypot"
    assert not Person.objects.exists() and not Message.objects.exists() and not Touch.objects.exists()


def test_consent_starts_the_page_s_sequence_and_the_lead_is_nurtured():
    sequence = a_sequence()
    result = submitted(a_page(sequence=sequence))
    assert result.person.enrolments.get().sequence == sequence
    assert Lead.objects.get().status == "nurturing"


def test_without_the_ticked_box_nobody_is_enrolled():
    submitted(a_page(sequence=a_sequence()), consent=False)
    assert not Person.objects.get().enrolments.exists()
    assert Lead.objects.get().status == "new"


def test_double_opt_in_waits_for_the_mailbox():
    submitted(a_page(sequence=a_sequence(), double_opt_in=True))
    assert ConsentEvent.objects.get().pending
    assert not Person.objects.get().enrolments.exists()
    assert Message.objects.filter(kind="opt_in").count() == 1


def test_a_form_of_somebody_sales_works_with_asks_the_owner_instead_of_making_a_second_lead():
    page = a_page()
    person = submitted(page).person
    Person.objects.filter(pk=person.pk).update(sales_open=True)
    submitted(page, nonce="n2")
    assert Lead.objects.count() == 1
    assert WorkRequest.objects.get().kind == "form"


def test_a_cold_contact_sales_works_with_answers_and_the_owner_hears_of_it():
    person = Person.objects.create(
        email="piet@maasland.example", email_key="piet@maasland.example", sales_open=True
    )
    submitted(a_page())
    assert Lead.objects.get().person == person
    assert WorkRequest.objects.count() == 1


def test_a_customer_won_cold_is_a_customer_at_the_first_form_too():
    Person.objects.create(email="piet@maasland.example", email_key="piet@maasland.example", sales_stage="won")
    submitted(a_page())
    assert Lead.objects.get().status == "customer"
    assert WorkRequest.objects.count() == 1


def test_a_form_without_address_and_number_is_refused_and_leaves_nothing():
    with pytest.raises(Refused):
        submitted(a_page(), email="")
    assert not Submission.objects.exists()


@pytest.mark.parametrize("table", ["leads_enrolment", "leads_message", "leads_leadscore"])
def test_a_failure_in_the_middle_leaves_no_half_rows(table):
    """RELIABILITY C1: a table that takes no row stands for a full disk."""
    page = a_page(sequence=a_sequence())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
        else:
            cursor.execute(
                f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
    with pytest.raises(DatabaseError), transaction.atomic():
        submitted(page)
    assert not Person.objects.exists() and not Submission.objects.exists()
