"""Addresses, names and columns as people write them."""

import pytest

from crm.importing.columns.guess import guessed_columns, guessed_mapping
from crm.importing.columns.people import addresses, is_cut_off, name_parts
from crm.tests.importing import a_file, read
from leads.identity import BadAddress
from leads.models import Fact, Person


@pytest.mark.parametrize(
    "cells,address,others",
    [
        (["a@corp.example"], "a@corp.example", []),
        ([" ", "b@corp.example"], "b@corp.example", []),
        (["a@corp.example;b@corp.example"], "a@corp.example", ["b@corp.example"]),
        (
            ["a@corp.example, b@corp.example | c@corp.example"],
            "a@corp.example",
            ["b@corp.example", "c@corp.example"],
        ),
        (["a@corp.example b@corp.example"], "a@corp.example", ["b@corp.example"]),
        (["a@corp.example / b@corp.example"], "a@corp.example", ["b@corp.example"]),
        (["broken@", "b@corp.example"], "b@corp.example", ["broken@"]),
        (["a@corp.example", "A@Corp.example"], "a@corp.example", []),
        (["Ann Lee <a@corp.example>"], "a@corp.example", []),
        (['"Lee, Ann" <a@corp.example>; Bob <b@corp.example>'], "a@corp.example", ["b@corp.example"]),
        (["mailto:a@corp.example"], "a@corp.example", []),
        (["", ""], "", []),
    ],
)
def test_the_first_address_that_can_be_written_to_is_taken(cells, address, others):
    found, key, rest = addresses(cells)
    assert (found, key, rest) == (address, address.lower(), others)


@pytest.mark.parametrize(
    "cell",
    [
        "john doe@corp.example",
        "bar@@corp.example",
        "info(at)corp.example",
        "john,doe@corp.example",
        "a@b; c@",
    ],
)
def test_a_bad_address_is_not_made_a_good_one(cell):
    with pytest.raises(BadAddress):
        addresses([cell])


@pytest.mark.parametrize(
    "written,parts",
    [
        ("Nováková, Anna", ("Anna", "Nováková")),
        ("de la Cruz, Élodie", ("Élodie", "de la Cruz")),
        ("Anna Nováková", ("Anna", "Nováková")),
        ("Mary Ann van der Berg", ("Mary Ann", "van der Berg")),
        ("Madonna", ("", "Madonna")),
        ("Van Morrison", ("Van", "Morrison")),
        ("", ("", "")),
    ],
)
def test_a_name_in_one_cell_is_taken_apart(written, parts):
    assert name_parts(written) == parts


@pytest.mark.parametrize(
    "number,lost", [("4,91512E+12", True), ("4.9e12", True), ("+49 151", False), ("555 EXT 12", False)]
)
def test_a_number_that_a_spreadsheet_has_cut_off_is_known(number, lost):
    assert is_cut_off(number) is lost


@pytest.mark.parametrize(
    "header,first,last,full",
    [
        (["First Name", "Last Name", "Name"], "First Name", "Last Name", ""),
        (["Name", "Vorname"], "Vorname", "Name", ""),
        (["Name", "Surname"], "Name", "Surname", ""),
        (["Prénom", "Nom"], "Prénom", "Nom", ""),
        (["Nome", "Cognome"], "Nome", "Cognome", ""),
        (["Nombre", "Apellidos"], "Nombre", "Apellidos", ""),
        (["Nombre"], "", "", "Nombre"),
        (["Nom"], "", "", "Nom"),
        (["Ansprechpartner"], "", "", "Ansprechpartner"),
        (["Vorname"], "Vorname", "", ""),
    ],
)
def test_columns_of_names_are_known_in_five_languages(header, first, last, full):
    guess = guessed_columns([*header, "E-Mail"])
    assert (guess.columns.get("first_name", ""), guess.columns.get("last_name", ""), guess.full_name) == (
        first,
        last,
        full,
    )


@pytest.mark.parametrize(
    "header,email,phone,company,title",
    [
        (["E-mail Address", "Business Phone", "Company", "Job Title"], *range(4)),
        (["E-Mail-Adresse", "Telefon-Nr.", "Firma", "Funktion"], 0, None, 2, 3),
        (["Adresse e-mail", "Téléphone portable", "Société", "Fonction"], *range(4)),
        (["Indirizzo e-mail", "Cellulare", "Ragione sociale", "Ruolo"], *range(4)),
        (["Correo electrónico", "Teléfono", "Empresa", "Cargo"], *range(4)),
        (["E-mail 1 - Value", "Phone 1 - Value", "Organization Name", "Organization Title"], *range(4)),
    ],
)
def test_other_columns_too(header, email, phone, company, title):
    columns = guessed_columns(header).columns
    wanted = {"email": email, "phone": phone, "company_name": company, "job_title": title}
    assert [columns.get(name) for name in wanted] == [
        None if at is None else header[at] for at in wanted.values()
    ]


def test_all_columns_of_addresses_are_read_and_what_is_not_read_is_named(tmp_path):
    header = "E-mail 2,Work email,Email,Shoe size"
    _sheet, mapping = guessed_mapping(a_file(tmp_path, "a@corp.example,,,x", header=header))
    assert (mapping.columns, mapping.more_emails) == ({"email": "E-mail 2"}, ("Email", "Work email"))
    assert mapping.note == "Columns not read: Shoe size."


@pytest.mark.django_db
def test_marks_of_a_spreadsheet_are_taken_off_and_failed_formulas_are_blank(tmp_path):
    path = a_file(
        tmp_path,
        "a@corp.example;b@corp.example,'+41 44 668 18 00,'=1+1 Corp,\u200bAnn",
        "c@corp.example,#N/A,#REF!,O'Neil",
        header="Email,Phone,Company,Last name",
    )
    read(path)
    ann = Person.objects.get(email_key="a@corp.example")
    cy = Person.objects.get(email_key="c@corp.example")
    assert (ann.phone_key, ann.company_name, ann.last_name) == ("+41446681800", "=1+1 Corp", "Ann")
    assert (cy.phone, cy.company_name, cy.last_name) == ("", "", "O'Neil")
    assert Fact.objects.get(field="other_emails").value == "b@corp.example"
