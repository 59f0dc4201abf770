"""An import taken back is as if it had never run; it is refused where people have acted since."""

from datetime import timedelta

import pytest

from campaigns.errors import Refused
from crm.importing import work
from crm.importing.columns.mapping_file import parse
from crm.importing.undo import Acted, undo_import
from crm.models import ImportBatch, ImportRun
from crm.tests.importing import NOW, a_file, a_mapping, dump, read
from leads.companies import link_due
from leads.models import Lead, LeadScore, Person, Submission, Suppression, Touch

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
ANN = "1,2025-03-01,web,Ann@Corp.example,Ann,4,"


def undo(**asked):
    return undo_import(run=ImportRun.objects.latest("pk"), **{"by": None, "at": LATER, **asked})


@pytest.fixture
def before(tmp_path):
    """A place with a campaign and two people, one of them a lead."""
    read(a_file(tmp_path), a_mapping(channels=None, channel=None))
    Person.objects.create(email="ann@corp.example", email_key="ann@corp.example", last_name="Lee")
    read(a_file(tmp_path, "9,2025-01-01,web,old@corp.example,,1,"), a_mapping())
    LeadScore.objects.update(dirty_at=None)
    return dump()


def test_ten_thousand_rows_and_their_undo_leave_every_table_as_it_was(tmp_path, before):
    """FIELD 9: import 10 k and undo = identical dump."""
    rows = [
        f"{n},2025-03-0{n % 9 + 1},{'web' * (n % 2)},p{n}@corp{n % 50}.example,P{n},{n},{'sold' * (n % 5 > 0)}"
        for n in range(100, 10_100)
    ]
    known = [ANN, "9,2025-01-01,web,old@corp.example,Olda,2,", "x,2025,web,,,,"]
    counts, _told = read(a_file(tmp_path, *known, *rows), a_mapping())
    assert (counts["created"], counts["changed"], counts["refused"], counts["won"]) == (10_000, 2, 1, 8000)
    gone = undo()
    assert dump() == before
    assert (gone["left"], ImportBatch.objects.filter(run=ImportRun.objects.latest("pk")).count()) == (0, 0)
    assert ImportRun.objects.latest("pk").state == "undone"


def test_a_new_list_with_known_leads_is_taken_back_too(tmp_path, before):
    plain = a_mapping(history=False, status="new", won=None, at=None, id=None)
    counts, _told = read(a_file(tmp_path, ANN, "9,2025-01-01,web,old@corp.example,,7,"), plain, slug="fair")
    assert counts["changed"] == 2
    undo()
    now = dump()
    now["campaigns.Campaign"] = before["campaigns.Campaign"]
    now["campaigns.HistoricalCampaign"] = before["campaigns.HistoricalCampaign"]
    assert now == before


def test_a_blank_that_was_changed_since_stays_and_is_told(tmp_path, before):
    read(a_file(tmp_path, ANN), a_mapping())
    ann = Person.objects.get(email_key="ann@corp.example")
    Person.objects.filter(pk=ann.pk).update(first_name="Anna")
    assert undo()["left"] == 1
    ann.refresh_from_db()
    assert (ann.first_name, ann.last_name) == ("Anna", "Lee")
    assert ImportRun.objects.latest("pk").undo_found == [
        {"person": ann.pk, "what": "first_name was changed since and stays"}
    ]


def test_where_somebody_has_acted_since_nothing_is_taken_back(tmp_path, before):
    read(a_file(tmp_path, "5,2025-03-01,web,new@corp.example,New,1,"), a_mapping())
    person = Person.objects.get(email_key="new@corp.example")
    Submission.objects.create(person=person, state="accepted", nonce="n", email_key="new@corp.example")
    now = dump()
    with pytest.raises(Acted, match=f"person {person.pk}: submission"):
        undo()
    assert dump() == now
    run = ImportRun.objects.latest("pk")
    assert (run.state, run.undo_found) == ("done", [{"person": person.pk, "what": "submission"}])


def test_who_was_erased_since_is_not_removed(tmp_path, before):
    read(a_file(tmp_path, "5,2025-03-01,web,new@corp.example,New,1,"), a_mapping())
    Person.objects.filter(email_key="new@corp.example").update(erased_at=NOW)
    with pytest.raises(Acted, match="erased on request"):
        undo()


def test_what_was_worked_out_from_imported_rows_goes_with_them(tmp_path, before):
    read(a_file(tmp_path, "5,2025-03-01,web,new@corp5.example,New,1,"), a_mapping())
    link_due(at=LATER)
    LeadScore.objects.update(dirty_at=None, grade="A1")
    Person.objects.get(email_key="new@corp5.example").facts.create(
        field="company_size", value="50", source="enriched"
    )
    undo()
    assert not Person.objects.filter(email_key="new@corp5.example").exists()
    assert Lead.objects.count() == Touch.objects.count() == 1
    assert "corp5.example" not in str(dump())


def test_opt_outs_are_never_taken_back(tmp_path, before):
    """RELIABILITY E2."""
    path = a_file(tmp_path, "out@corp.example", header="mail")
    read(path, parse({"kind": "opt_out", "source": "old", "columns": {"email": "mail"}}, name="out"))
    with pytest.raises(Refused, match="only a fresh opt-in"):
        undo()
    assert Suppression.objects.count() == 1


def test_a_run_that_broke_off_is_taken_back_as_far_as_it_came(tmp_path, before, monkeypatch):
    monkeypatch.setattr(work, "BATCH", 2)
    rows = [f"{n},2025-03-01,web,p{n}@corp.example,P,{n}," for n in range(100, 106)]
    real, calls = work.enter, []

    def breaking(*args):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("power cut")
        return real(*args)

    monkeypatch.setattr(work, "enter", breaking)
    with pytest.raises(RuntimeError):
        read(a_file(tmp_path, *rows), a_mapping())
    assert Person.objects.filter(email_key__startswith="p1").count() == 4
    undo()
    assert dump() == before


def test_only_who_may_import_may_undo(tmp_path, before, maya, sam, nora, omar):
    for somebody in (sam, nora):
        with pytest.raises(Refused, match="may not undo"):
            undo(by=somebody)
    undo(by=maya)
    with pytest.raises(Refused, match="undone"):
        undo(by=omar)
