"""Imported people get no marketing mail until the import states legal basis, source and date."""

from datetime import date

import pytest

from campaigns.errors import Refused
from crm.importing.columns.mapping_file import parse
from crm.tests.importing import NOW, a_file, read
from leads.consent import has_consent, record_consent, suppress
from leads.models import ConsentEvent, Enrolment, Message, Person
from leads.sending.gate import load

pytestmark = pytest.mark.django_db
HEADER = "mail,newsletter"
LIST = parse(
    {
        "kind": "lead",
        "source": "fair",
        "columns": {"email": "mail"},
        "consent": {"column": "newsletter", "values": ["yes"]},
    },
    name="fair",
)
BASIS = {
    "basis": "consent on paper",
    "basis_source": "our stand",
    "basis_on": date(2026, 9, 30),
    "no_opt_outs": True,
}
ROWS = ("ann@corp.example,yes", "bob@corp.example,no", "cleo@corp.example,")


def people(tmp_path, **stated):
    counts, told = read(a_file(tmp_path, *ROWS, header=HEADER), LIST, **stated)
    return counts, told, {person.email[:3]: person for person in Person.objects.all()}


def test_without_a_basis_nobody_is_written_to_whatever_the_file_says(tmp_path):
    _counts, _told, found = people(tmp_path)
    assert not ConsentEvent.objects.exists()
    message = Message(person=found["ann"], kind="sequence")
    assert not load([message], NOW).consented


def test_with_a_basis_those_who_agreed_are_and_the_evidence_says_why(tmp_path):
    _counts, _told, found = people(tmp_path, **BASIS)
    event = ConsentEvent.objects.get()
    assert (event.person, event.basis) == (found["ann"], "consent on paper; our stand; 2026-09-30")
    assert (event.at.date(), event.recorded_at) == (date(2026, 9, 30), NOW)
    assert has_consent(person=found["ann"], purpose="marketing")
    assert not has_consent(person=found["bob"], purpose="marketing")
    assert (Message.objects.count(), Enrolment.objects.count()) == (0, 0)


def test_the_same_list_twice_is_one_piece_of_evidence(tmp_path):
    people(tmp_path, **BASIS)
    people(tmp_path, **BASIS)
    assert ConsentEvent.objects.count() == 1


def test_who_unsubscribed_or_withdrew_here_stays_without_mail(tmp_path):
    """RELIABILITY E2: an import never lifts a suppression."""
    suppress(email_key="ann@corp.example", reason="unsubscribed", at=NOW)
    counts, told, found = people(tmp_path, **BASIS)
    assert (ConsentEvent.objects.count(), counts["flagged"]) == (0, 1)
    assert told == {2: "agreed according to the file, but is unsubscribed here; stays so"}
    record_consent(person=found["bob"], purpose="marketing", given=False, at=NOW)
    _counts, told = read(a_file(tmp_path, "bob@corp.example,yes", header=HEADER), LIST, **BASIS)
    assert told == {2: "agreed according to the file, but withdrew it here; stays so"}
    assert not has_consent(person=found["bob"], purpose="marketing")


def test_a_basis_needs_all_three_and_a_column_and_the_opt_outs(tmp_path):
    path = a_file(tmp_path, *ROWS, header=HEADER)
    with pytest.raises(Refused, match="all three"):
        read(path, LIST, basis="consent")
    with pytest.raises(Refused, match="does not say who agreed"):
        read(path, None, **BASIS)
    with pytest.raises(Refused, match="no opt-outs were imported from fair"):
        read(path, LIST, **{**BASIS, "no_opt_outs": False})
    opt_outs = parse({"kind": "opt_out", "source": "fair", "columns": {"email": "mail"}}, name="out")
    read(a_file(tmp_path, "no@corp.example", header="mail"), opt_outs)
    read(a_file(tmp_path, *ROWS, header=HEADER), LIST, **{**BASIS, "no_opt_outs": False})
    assert ConsentEvent.objects.count() == 1


def test_opt_outs_that_came_first_hold_for_people_who_come_later(tmp_path):
    opt_outs = parse({"kind": "opt_out", "source": "fair", "columns": {"email": "mail"}}, name="out")
    read(a_file(tmp_path, "Ann@CORP.example", header="mail"), opt_outs)
    _counts, told, found = people(tmp_path, **BASIS)
    assert list(told) == [2]
    assert not has_consent(person=found["ann"], purpose="marketing")
