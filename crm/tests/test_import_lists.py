"""Cold contacts come in on a list by the import pages: who may, what is kept, and taken back without a trace."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from campaigns.errors import Refused
from campaigns.models import Campaign, Channel
from crm.importing.columns.mapping_file import parse
from crm.importing.queue import work_due
from crm.importing.undo import Acted, undo_import
from crm.models import ImportLine, ImportRun
from crm.tests.importing import NOW, a_file, dump, read
from leads.models import ContactBasis, Lead, Person, Twin
from leads.twins.finding import find_all
from prospects.defaults import install
from prospects.handover import open_cold
from prospects.models import ListedPerson, ProspectingList
from prospects.prospecting.starting import Asked, start_best
from prospects.tests.prospecting import a_list

pytestmark = pytest.mark.django_db
COLD = parse(
    {
        "kind": "cold_contact", "source": "fair",
        "columns": {"email": "mail", "first_name": "first", "last_name": "last", "company_name": "company"},
    },
    name="fair",
)  # fmt: skip
HEADER = "mail,first,last,company"
ADA = "ada@corp.example,Ada,Nordin,Corp"
CSV = "E-Mail;First name;Last name;Company\r\nada@corp.example;Ada;Nordin;Corp\r\nbo@corp.example;Bo;Lind;Corp\r\n"


def bring_in(tmp_path: Any, onto: ProspectingList, *lines: str, **asked: Any) -> tuple[dict[str, Any], Any]:
    return read(a_file(tmp_path, *lines, header=HEADER), COLD, prospecting_list=onto, **asked)


def undo(**asked: Any) -> dict[str, Any]:
    return undo_import(run=ImportRun.objects.latest("pk"), **{"by": None, "at": NOW, **asked})


@pytest.fixture
def onto(db: None) -> ProspectingList:
    """Beside the campaign that every import of these tests names."""
    install()
    Campaign.objects.create(slug="old", utm_campaign="old", channel=Channel.objects.get(slug="website"))
    return a_list()


def test_they_stand_on_the_list_with_its_ground_and_are_no_leads(tmp_path: Any, onto: Any) -> None:
    counts, told = bring_in(tmp_path, onto, ADA, "bo@corp.example,Bo,Lind,Corp")
    assert (counts["created"], told) == (2, {})
    assert set(ListedPerson.objects.values_list("list", "state")) == {(onto.pk, "waiting")}
    assert ContactBasis.objects.count() == 2 and not Lead.objects.exists()
    again, _told = bring_in(tmp_path, onto, ADA)
    assert (again["known"], ListedPerson.objects.count(), ContactBasis.objects.count()) == (1, 2, 2)


def test_of_whom_we_know_it_is_told_by_line_and_without_a_name(tmp_path: Any, onto: Any, sam: Any) -> None:
    ada = Person.objects.create(email="ada@corp.example", email_key="ada@corp.example", last_name="Nordin")
    open_cold(person=ada, owner=sam, at=NOW, by=sam)
    counts, told = bring_in(tmp_path, onto, ADA)
    assert (counts["created"], counts["flagged"]) == (0, 1)
    assert told == {2: "Exists, owned by Sam Okafor."}


def test_a_dry_run_tells_the_same_and_keeps_nothing(tmp_path: Any, onto: Any) -> None:
    Person.objects.create(email="x@other.example", email_key="x@other.example", first_name="Ada", last_name="Nordin",
                          company_name="Corp")  # fmt: skip
    before = dump()
    _counts, told = bring_in(tmp_path, onto, ADA, dry_run=True)
    assert told == {2: "Perhaps known already: look at both before anybody calls."}
    assert dump() == before


def test_undo_leaves_every_table_as_it_was_but_the_log(tmp_path: Any, onto: Any) -> None:
    """FIELD 9, for lists: rows, grounds and doubles go with the people; a blank that was filled is blank again."""
    Person.objects.create(email="old@corp.example", email_key="old@corp.example", last_name="Berg")
    Person.objects.create(email="x@other.example", email_key="x@other.example", first_name="Ada", last_name="Nordin",
                          company_name="Corp")  # fmt: skip
    before = dump()
    lines = [
        ADA,
        "old@corp.example,Olda,Berg,Corp",
        *(f"p{n}@c{n}.example,P{n},Lee{n},C{n}" for n in range(1500)),
    ]
    counts, _told = bring_in(tmp_path, onto, *lines)
    assert (counts["created"], counts["changed"], ListedPerson.objects.count()) == (1501, 1, 1502)
    assert Twin.objects.count() == 1
    find_all(at=NOW)
    undo()
    assert dump() == before


def test_where_somebody_was_started_since_nothing_is_taken_back(
    tmp_path: Any, onto: Any, sam: Any, sara: Any
) -> None:
    """Also where the person was here before the import, so that only the row of the list would go."""
    Person.objects.create(email="ada@corp.example", email_key="ada@corp.example", last_name="Nordin")
    bring_in(tmp_path, onto, ADA)
    start_best(Asked(onto, sam, sara, NOW), 1)
    with pytest.raises(Acted, match="sales works on it"):
        undo()
    assert ListedPerson.objects.get().state == "started"


def test_only_whoever_may_bring_in_lists_may_take_them_back(
    tmp_path: Any, onto: Any, maya: Any, sam: Any, sara: Any
) -> None:
    for somebody in (maya, sam):
        with pytest.raises(Refused, match="may not import lists"):
            bring_in(tmp_path, onto, ADA, by=somebody)
    bring_in(tmp_path, onto, ADA, by=sara)
    with pytest.raises(Refused, match="may not undo"):
        undo(by=maya)
    undo(by=sara)
    assert not ListedPerson.objects.exists()


def test_a_manager_brings_in_nothing_but_lists(tmp_path: Any, onto: Any, sara: Any) -> None:
    path = a_file(tmp_path, ADA, header=HEADER)
    with pytest.raises(Refused, match="may not import lists"):
        read(path, COLD, by=sara)
    with pytest.raises(Refused, match="only cold contacts"):
        read(path, parse({"kind": "lead", "source": "x", "columns": {"email": "mail"}}, name="x"),
             prospecting_list=onto, by=sara)  # fmt: skip


def test_marketing_mail_has_no_ground_on_a_list(tmp_path: Any, onto: Any) -> None:
    said = {"basis": "consent", "basis_source": "fair", "basis_on": NOW.date()}
    with pytest.raises(Refused, match="never goes to cold contacts"):
        bring_in(tmp_path, onto, ADA, **said)


def test_cells_that_attack_are_text_and_names_of_any_script_are_kept(
    tmp_path: Any, onto: Any, client: Any, sara: Any
) -> None:
    bring_in(
        tmp_path,
        onto,
        "a@corp.example,<script>x()</script>,=1+1,Corp",
        "b@corp.example,Łucja,Ωμέγα 🙂,株式会社",
    )
    client.force_login(sara)
    page = client.get(f"/staff/lists/{onto.pk}/").content.decode()
    assert "<script>x" not in page and "&lt;script&gt;x" in page
    assert "Łucja Ωμέγα 🙂" in page and "株式会社" in page


# On the pages.


def upload(client: Any, onto: Any, **changed: Any) -> Any:
    data = {
        "submit_key": "7a0e9d3c-3f3a-4a0e-9df1-0d3c2f1e9a11", "kind": "cold_contact", "source": "fair-2026",
        "prospecting_list": onto.pk if onto else "", **changed,
    }  # fmt: skip
    data["file"] = SimpleUploadedFile("people.csv", CSV.encode())
    return client.post("/staff/imports/", data)


def test_a_manager_takes_a_file_the_whole_way(client: Any, onto: Any, sara: Any) -> None:
    client.force_login(sara)
    page = client.get(f"/staff/imports/?list={onto.pk}").content.decode()
    assert f'<option value="{onto.pk}" selected>' in page and "Leads: people who" not in page
    upload(client, onto)
    run = ImportRun.objects.get()
    page = client.get(f"/staff/imports/{run.pk}/columns/")
    assert "Legal basis of marketing mail" not in page.content.decode()
    chosen = {field.name: field.initial or "" for field, _values in page.context["form"].columns()}
    assert "consent" not in str(page.context["form"])
    client.post(f"/staff/imports/{run.pk}/columns/", {**chosen, "date_format": "iso"})
    work_due(at=timezone.now())
    client.post(f"/staff/imports/{run.pk}/start/")
    work_due(at=timezone.now())
    run.refresh_from_db()
    assert (run.state, run.kind, run.counts["created"]) == ("done", "cold_contact", 2)
    assert ListedPerson.objects.filter(list=onto).count() == 2 and not ImportLine.objects.exists()
    assert onto.name in client.get(f"/staff/imports/{run.pk}/").content.decode()
    client.post(f"/staff/imports/{run.pk}/undo/")
    work_due(at=timezone.now())
    assert not ListedPerson.objects.exists() and not Person.objects.exists()


def test_a_manager_must_choose_a_list(client: Any, onto: Any, sara: Any) -> None:
    client.force_login(sara)
    assert upload(client, None).status_code == 422
    assert upload(client, onto, kind="lead").status_code == 422
    assert not ImportRun.objects.exists()


def test_imports_onto_lists_are_not_marketings_to_see(
    client: Any, onto: Any, maya: Any, sara: Any, omar: Any
) -> None:
    client.force_login(sara)
    upload(client, onto)
    run = ImportRun.objects.get()
    for user, status in ((sara, 200), (omar, 200), (maya, 404)):
        client.force_login(user)
        assert client.get(f"/staff/imports/{run.pk}/").status_code == status, user
    client.force_login(maya)
    page = client.get("/staff/imports/").content.decode()
    assert "people.csv" not in page and onto.name not in page
    assert client.post(f"/staff/imports/{run.pk}/drop/").status_code == 404
    answer = upload(client, onto, submit_key="7a0e9d3c-3f3a-4a0e-9df1-0d3c2f1e9a12")
    assert answer.status_code == 422  # the field is not hers: no list is taken, and none comes in without
    assert "a sales manager brings them in" in answer.content.decode()
    assert not ImportRun.objects.exclude(pk=run.pk).exists()
