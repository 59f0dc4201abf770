"""A file without a mapping: people by the usual names of columns, in the languages our users' programs speak."""

from __future__ import annotations

from pathlib import Path

from crm.importing.lines import Sheet, open_sheet
from crm.importing.mapping import Mapping

# In lower case; the first name found wins.
NAMES = {
    "email": ("email", "e-mail", "email address", "e-mail address", "e-mail-adresse", "mail", "courriel"),
    "phone": ("phone", "phone number", "telephone", "telefon", "mobile", "mobile phone"),
    "first_name": (
        "first name",
        "firstname",
        "first_name",
        "given name",
        "vorname",
        "prénom",
        "nome",
        "nombre",
    ),
    "last_name": ("last name", "lastname", "last_name", "surname", "nachname", "nom", "cognome", "apellidos"),
    "company_name": ("company", "company name", "company / account", "organization", "firma", "société"),
    "job_title": ("job title", "jobtitle", "title", "position", "funktion", "fonction"),
}


def guessed_mapping(path: Path) -> tuple[Sheet, Mapping]:
    """The sheet and a mapping of kind lead, no history. Raises UnreadableFile where no column holds addresses."""
    sheet = open_sheet(path, set(), any_of=frozenset(NAMES["email"]))
    named = {name.lower(): name for name in reversed(sheet.header)}
    columns = {}
    for column, words in NAMES.items():
        found = next((named[word] for word in words if word in named), None)
        if found:
            columns[column] = found
    return sheet, Mapping(name="by column names", columns=columns)
