"""What becomes of the rows of another system's leads."""

from datetime import UTC, datetime

import pytest

from campaigns.errors import Refused
from crm.models import ImportLine, ImportRun
from crm.tests.importing import NOW, a_file, a_mapping, dump, read
from leads.models import (
    ConsentEvent,
    ExternalRef,
    Fact,
    Lead,
    LeadMove,
    LeadScore,
    Message,
    Person,
    Touch,
)
from prospects.models import Deal, Prospect, StageMove

pytestmark = pytest.mark.django_db
ANN = "1,2025-03-01,web,Ann@Corp.example,Ann,4,"
BOB = "2,2025-03-02,,bob@corp.example,Bob,,sold"


def test_a_row_becomes_person_lead_first_touch_history_and_facts(tmp_path):
    counts, told = read(a_file(tmp_path, ANN), a_mapping())
    person = Person.objects.get(email_key="ann@corp.example")
    at = datetime(2025, 2, 28, 23, tzinfo=UTC)  # midnight in Zurich
    assert (counts["created"], told) == (1, {})
    assert (person.email, person.first_name, person.lead.created_at) == ("Ann@Corp.example", "Ann", at)
    touch = person.lead.first_touch
    assert (touch.kind, touch.channel.slug, touch.campaign.slug) == ("first_contact", "website", "old")
    assert list(person.facts.values_list("field", "value", "source")) == [("visits", "4", "imported")]
    assert list(LeadMove.objects.values_list("old", "new", "way")) == [
        ("", "new", "imported"),
        ("new", "nurturing", "imported"),
    ]


def test_a_sale_makes_a_customer_with_a_past_cycle_and_no_clock(tmp_path):
    counts, _told = read(a_file(tmp_path, BOB), a_mapping())
    lead = Lead.objects.get()
    prospect = Prospect.objects.get()
    assert (counts["won"], lead.status) == (1, "customer")
    assert prospect.lead_move.handed_at == prospect.marketing_qualified_at == lead.created_at
    assert (prospect.stage.slug, prospect.answer_by, prospect.accepted_at) == ("won", None, None)
    assert set(StageMove.objects.values_list("imported", flat=True)) == {True}
    assert Deal.objects.get().status == "won"


def test_nobody_imported_has_consented_or_gets_a_mail(tmp_path):
    read(a_file(tmp_path, ANN, BOB), a_mapping())
    assert (ConsentEvent.objects.count(), Message.objects.count()) == (0, 0)


def test_scores_are_due_once(tmp_path):
    read(a_file(tmp_path, ANN, BOB), a_mapping())
    assert set(LeadScore.objects.values_list("dirty_at", flat=True)) == {NOW}


def test_the_same_file_again_changes_no_row_but_in_the_log(tmp_path):
    path = a_file(tmp_path, ANN, BOB)
    read(path, a_mapping())
    LeadScore.objects.update(dirty_at=None)
    before = dump()
    counts, _told = read(path, a_mapping())
    assert (counts["known"], counts["created"], counts["won"]) == (2, 0, 0)
    assert dump() == before
    assert ImportRun.objects.count() == 2


def test_a_dry_run_counts_the_same_and_keeps_nothing(tmp_path):
    read(a_file(tmp_path), a_mapping())  # the campaign and the channels
    path = a_file(tmp_path, ANN, BOB, "3,never,web,,,,")
    before = dump()
    dry, told = read(path, a_mapping(), dry_run=True)
    assert (dump(), ImportLine.objects.count()) == (before, 0)
    real, told_again = read(path, a_mapping())
    assert (told, {**dry, "seconds": 0}) == (told_again, {**real, "seconds": 0})


def test_a_known_address_is_found_and_only_its_blanks_are_filled(tmp_path):
    ann = Person.objects.create(email="ann@corp.example", email_key="ann@corp.example", last_name="Lee")
    counts, _told = read(a_file(tmp_path, ANN), a_mapping())
    ann.refresh_from_db()
    assert (counts["changed"], Person.objects.count()) == (1, 1)
    assert (ann.first_name, ann.last_name, ann.email) == ("Ann", "Lee", "ann@corp.example")
    assert ExternalRef.objects.get().person == ann


def test_a_changed_value_is_a_new_fact_beside_the_old_one(tmp_path):
    read(a_file(tmp_path, ANN), a_mapping())
    counts, _told = read(a_file(tmp_path, ANN.replace("Ann,4", "Ann,9")), a_mapping())
    assert counts["changed"] == 1
    assert [fact.value for fact in Fact.objects.order_by("pk")] == ["4", "9"]
    assert Touch.objects.count() == 1


def test_a_person_in_two_lines_goes_in_once(tmp_path):
    counts, _told = read(a_file(tmp_path, ANN, ANN, ANN.replace("1,", "7,", 1)), a_mapping())
    assert (counts["created"], counts["repeated"], Lead.objects.count()) == (1, 2, 1)


def test_blank_and_unknown_origins_stay_two_channels(tmp_path):
    read(a_file(tmp_path, "1,2025-03-01,,,,,", "2,2025-03-01,unknown,,,,"), a_mapping())
    assert sorted(Touch.objects.values_list("channel__slug", flat=True)) == ["not-recorded", "unknown"]


def test_somebody_erased_is_not_brought_back(tmp_path):
    path = a_file(tmp_path, ANN)
    read(path, a_mapping())
    Person.objects.update(erased_at=NOW, email="", email_key=None)
    counts, told = read(path, a_mapping())
    assert (counts["refused"], told) == (1, {2: "this person was erased on request"})


def test_history_needs_a_right_of_its_own(tmp_path, maya, omar):
    path = a_file(tmp_path, ANN)
    with pytest.raises(Refused):
        read(path, a_mapping(), by=maya)
    read(path, a_mapping(), by=omar)
    assert set(LeadMove.objects.values_list("by__username", flat=True)) == {"omar"}


def test_without_history_a_row_is_a_new_lead_that_the_rules_judge(tmp_path):
    read(a_file(tmp_path, ANN), a_mapping(history=False, status="new", won=None))
    assert list(LeadMove.objects.values_list("new", "way")) == [("new", "capture")]


def test_a_file_without_a_mapping_is_read_by_the_names_of_its_columns(tmp_path):
    path = a_file(
        tmp_path,
        "Jürg;Meier;juerg@corp.example;+41 44 668 18 00",
        header="Vorname;Nachname;E-Mail;Telefon",
        encoding="cp1252",
    )
    read(path)
    person = Person.objects.get()
    assert (person.name, person.email_key, person.phone_key) == (
        "Jürg Meier",
        "juerg@corp.example",
        "+41446681800",
    )
    counts, _told = read(path)
    assert (counts["known"], Lead.objects.count()) == (1, 1)


def test_two_people_behind_one_switchboard_stay_two(tmp_path):
    header = "email,phone"
    lines = ("a@corp.example,+41446681800", "b@corp.example,+41446681800")
    counts, _told = read(a_file(tmp_path, *lines, header=header))
    assert (counts["created"], Person.objects.exclude(phone="").count()) == (2, 2)


def test_a_merged_twin_leads_to_the_person_who_stayed(tmp_path):
    read(a_file(tmp_path, ANN), a_mapping())
    stayed = Person.objects.create(email_key="real@corp.example")
    Lead.objects.update(person=stayed)
    Person.objects.exclude(pk=stayed.pk).update(merged_into=stayed, email_key=None)
    read(a_file(tmp_path, ANN.replace("Ann,4", "Ann,5")), a_mapping())
    assert Fact.objects.get(value="5").person == stayed


def test_no_row_costs_a_statement_of_its_own(tmp_path, django_assert_max_num_queries):
    lines = [f"{n},2025-03-01,web,p{n}@corp.example,P,1,{'sold' if n % 3 else ''}" for n in range(300)]
    read(a_file(tmp_path), a_mapping())
    with django_assert_max_num_queries(100):
        counts, _told = read(a_file(tmp_path, *lines), a_mapping())
    assert (counts["created"], counts["won"]) == (300, 200)
