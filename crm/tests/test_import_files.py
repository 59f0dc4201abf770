"""Files as people bring them, read from where REAL_DATA points: every count of `expected.json` is met exactly."""

import json
import os
import re
from pathlib import Path

import pytest

from crm.importing.columns.guess import guessed_mapping
from crm.importing.files.lines import UnreadableFile, records
from crm.importing.files.names import INVISIBLE
from crm.tests.importing import read
from leads.models import Fact, Person

DATA = Path(os.environ["REAL_DATA"]) / "import-files"
EXPECTED = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))
WITH_PEOPLE = sorted(name for name, expected in EXPECTED.items() if expected["data_rows"])
VALID = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")  # the rule of the file's own description


def counts_of(name):
    """What `expected.json` counts, by our reading."""
    sheet, mapping = guessed_mapping(DATA / name)
    rows = [record for record in records(sheet) if not record.aside]
    column = sheet.header.index(mapping.columns["email"])
    mails = [row.cells[column].translate(INVISIBLE).strip().lower() for row in rows]
    valid = [mail for mail in mails if VALID.fullmatch(mail)]
    return {
        "encoding": sheet.encoding,
        "delimiter": sheet.separator,
        "header_on_physical_line": sheet.header_line,
        "data_rows": len(rows),
        "blank_email": mails.count(""),
        "malformed_email": len(mails) - mails.count("") - len(valid),
        "distinct_valid_emails_case_insensitive": len(set(valid)),
        "repeat_rows_by_email": len(valid) - len(set(valid)),
    }


def told_aside(name):
    sheet, _mapping = guessed_mapping(DATA / name)
    return [record.why for record in records(sheet) if record.aside]


@pytest.mark.parametrize("name", WITH_PEOPLE)
def test_each_file_is_understood_as_expected(name):
    found = counts_of(name)
    assert found == {key: EXPECTED[name][key] for key in found}


def test_footers_empty_rows_and_totals_are_told_and_are_no_rows():
    assert (
        told_aside("salesforce_report.csv")
        == ["a footer, left out"] * EXPECTED["salesforce_report.csv"]["footer_lines"]
    )
    assert told_aside("linkedin_connections.csv") == ["a row of empty cells, left out"]
    assert told_aside("trade_fair.xlsx") == ["a footer, left out"]


def test_the_sheet_of_people_is_read_and_the_others_are_named():
    sheet, mapping = guessed_mapping(DATA / "trade_fair.xlsx")
    assert (sheet.tab, mapping.full_name) == (EXPECTED["trade_fair.xlsx"]["sheet"], "Name")
    assert "Sheet Leads is read; not read: Notes." in sheet.notes
    assert "Lines 1 to 3 stand above the header and are left out." in sheet.notes


def test_a_header_alone_has_no_rows_and_an_empty_file_is_refused():
    assert list(records(guessed_mapping(DATA / "header_only.csv")[0])) == []
    with pytest.raises(UnreadableFile, match="is empty"):
        guessed_mapping(DATA / "empty.csv")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["linkedin_connections.csv", "mailchimp_audience.csv"])
def test_the_import_counts_the_same(name):
    counts, _told = read(DATA / name)
    expected = EXPECTED[name]
    assert counts["read"] == expected["data_rows"]
    assert counts["created"] == expected["distinct_valid_emails_case_insensitive"]
    assert counts["repeated"] == expected["repeat_rows_by_email"]
    assert counts["refused"] == expected["blank_email"] + expected["malformed_email"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["salesforce_report.csv", "excel_german_semicolon.csv", "trade_fair.xlsx"])
def test_every_malformed_address_is_refused_by_its_line(name):
    counts, told = read(DATA / name)
    refused = [why for why in told.values() if why.endswith("not an e-mail address")]
    assert (counts["read"], len(refused)) == (400, EXPECTED[name]["malformed_email"])
    keys = Person.objects.exclude(email_key=None).count()
    assert keys == EXPECTED[name]["distinct_valid_emails_case_insensitive"]


@pytest.mark.django_db
def test_a_number_that_excel_has_cut_off_is_never_taken():
    counts, told = read(DATA / "excel_german_semicolon.csv")
    assert "4,91512E+12" in (DATA / "excel_german_semicolon.csv").read_text(encoding="cp1252")
    assert counts["flagged"] == sum("cut the number off" in why for why in told.values()) > 50
    assert not Person.objects.filter(phone__contains="E+").exists()
    assert Person.objects.filter(phone__startswith="+49 151 2345").exists()  # '+49 … in the file
    assert Person.objects.filter(company_name="=Formula Corp").exists()


@pytest.mark.django_db
def test_numbers_of_a_spreadsheet_have_no_point_nought_and_names_are_taken_apart():
    read(DATA / "trade_fair.xlsx")
    anna = Person.objects.get(email_key="anna.novakova1@corp.example")
    assert (anna.first_name, anna.last_name, anna.phone) == ("Anna", "Nováková", "4915123450001")


@pytest.mark.django_db
def test_of_several_addresses_the_first_is_taken_and_the_others_are_kept():
    read(DATA / "hubspot_contacts.csv")
    tomas = Person.objects.get(email_key="alt6@example.com")
    kept = Fact.objects.get(person=tomas, field="other_emails")
    assert kept.value == "alt6b@example.org"
    assert Fact.objects.filter(field="other_emails").count() > 50
