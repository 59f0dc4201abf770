"""/staff/imports/: from the upload to the undo, for marketing and operators."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from campaigns.models import Campaign, Channel
from crm.importing import kept
from crm.importing.queue import work_due
from crm.models import ImportRun, SavedMapping
from leads.models import ConsentEvent, Lead, Person, Suppression
from prospects.defaults import install

pytestmark = pytest.mark.django_db
KEY = "7a0e9d3c-3f3a-4a0e-9df1-0d3c2f1e9a11"
CSV = (
    "E-Mail;Vorname;Newsletter;Budget\r\n"
    "ann@corp.example;Ann;ja;10\r\nbob@corp.example;Bob;nein;\r\nkaputt;X;ja;\r\nann@corp.example;Ann;ja;\r\n"
)


@pytest.fixture
def fair():
    install()
    return Campaign.objects.create(
        name="Fair", slug="fair", utm_campaign="fair", channel=Channel.objects.get(slug="website")
    )


def upload(client, fair, text=CSV, **changed):
    data = {"submit_key": KEY, "kind": "lead", "source": "old-crm", "campaign": fair.pk, **changed}
    data["file"] = SimpleUploadedFile("leute.csv", text.encode("utf-8"))
    return client.post("/staff/imports/", data)


def to_dry_run(client, fair, **said):
    upload(client, fair)
    run = ImportRun.objects.get()
    page = client.get(f"/staff/imports/{run.pk}/columns/")
    chosen = {field.name: field.initial or "" for field, _values in page.context["form"].columns()}
    answer = client.post(f"/staff/imports/{run.pk}/columns/", {**chosen, "date_format": "iso", **said})
    work_due(at=timezone.now())
    run.refresh_from_db()
    return run, answer


@pytest.mark.parametrize("path", ["/staff/imports/", "/staff/imports/{}/", "/staff/imports/{}/columns/"])
def test_marketing_and_operators_may_nobody_else(client, fair, path, maya, omar, sam, sara, vera, nora):
    client.force_login(maya)
    upload(client, fair)
    path = path.format(ImportRun.objects.get().pk)
    of_lists = 200 if path == "/staff/imports/" else 404  # a manager sees imports onto lists, and no other
    for user, status in ((maya, 200), (omar, 200), (sam, 403), (sara, of_lists), (vera, 403), (nora, 403)):
        client.force_login(user)
        assert client.get(path).status_code == status, user
    for verb in ("start", "undo", "resume", "drop"):
        assert client.post(f"/staff/imports/{ImportRun.objects.get().pk}/{verb}/").status_code == 403
    client.logout()
    assert client.get(path).status_code == 302


def test_a_file_goes_the_whole_way(client, fair, maya):
    client.force_login(maya)
    said = {
        "c2": "consent",
        "c3": "fact",
        "basis": "consent",
        "basis_source": "stand",
        "basis_on": "2026-01-05",
        "remember_as": "Messe",
    }
    run, answer = to_dry_run(client, fair, **said)
    assert (answer.status_code, run.state, Person.objects.count()) == (302, "checked", 0)
    assert (run.checked["counts"]["created"], run.checked["repeats"]) == (2, [5])
    page = client.get(f"/staff/imports/{run.pk}/").content.decode()
    assert "E-Mail: not an e-mail address" in page and "No opt-outs were imported from old-crm" in page
    client.post(f"/staff/imports/{run.pk}/start/")
    run.refresh_from_db()
    assert run.state == "checked"  # it asks about the opt-outs first
    for _twice in range(2):
        client.post(f"/staff/imports/{run.pk}/start/", {"no_opt_outs": "1"})
    work_due(at=timezone.now())
    assert work_due(at=timezone.now()) == {}
    run.refresh_from_db()
    assert (run.state, run.counts["created"], Lead.objects.count()) == ("done", 2, 2)
    event = ConsentEvent.objects.get()
    assert (event.person.email, event.basis) == ("ann@corp.example", "consent; stand; 2026-01-05")
    assert SavedMapping.objects.get().name == "Messe"
    errors = b"".join(client.get(f"/staff/imports/{run.pk}/files/stayed-out").streaming_content).decode(
        "utf-8-sig"
    )
    assert errors.splitlines()[1] == "kaputt,X,ja,,4,E-Mail: not an e-mail address"
    client.post(f"/staff/imports/{run.pk}/undo/")
    work_due(at=timezone.now())
    run.refresh_from_db()
    assert (run.state, Person.objects.count()) == ("undone", 0)


def test_the_same_upload_twice_is_one_import(client, fair, maya):
    client.force_login(maya)
    answers = [upload(client, fair) for _twice in range(2)]
    assert answers[0].url == answers[1].url
    assert (ImportRun.objects.count(), len(list(kept.folder().glob("*.csv")))) >= (1, 1)


def test_a_remembered_mapping_is_offered_for_the_same_columns_and_equals_a_file(client, fair, maya):
    client.force_login(maya)
    run, _answer = to_dry_run(client, fair, remember_as="Messe", c3="fact")
    text = client.get(f"/staff/imports/{run.pk}/files/mapping").content.decode()
    upload(client, fair, submit_key="7a0e9d3c-3f3a-4a0e-9df1-0d3c2f1e9a12")
    again = ImportRun.objects.latest("pk")
    look = client.get(f"/staff/imports/{again.pk}/columns/").context["look"]
    assert (look.offers[0].name, look.offers[0].why, look.offers[0].text) == ("Messe", "columns", text)
    used = client.get(f"/staff/imports/{again.pk}/columns/?use={look.offers[0].key}").context["look"]
    columns = {"E-Mail": "email", "Vorname": "first_name", "Newsletter": "consent", "Budget": "fact"}
    assert used.chosen == columns
    given = SimpleUploadedFile("m.toml", text.encode())
    upload(client, fair, submit_key="7a0e9d3c-3f3a-4a0e-9df1-0d3c2f1e9a13", mapping=given)
    assert ImportRun.objects.latest("pk").mapping_text == text


def test_opt_outs_go_in_and_cannot_be_undone(client, fair, maya):
    client.force_login(maya)
    upload(client, fair, "Email\nout@corp.example\n", kind="opt_out", campaign="")
    run = ImportRun.objects.get()
    client.post(f"/staff/imports/{run.pk}/columns/", {"c0": "email"})
    work_due(at=timezone.now())
    client.post(f"/staff/imports/{run.pk}/start/")
    work_due(at=timezone.now())
    assert Suppression.objects.get().reason == "imported"
    assert "not taken back" in client.get(f"/staff/imports/{run.pk}/").content.decode()
    client.post(f"/staff/imports/{run.pk}/undo/")
    work_due(at=timezone.now())
    assert Suppression.objects.count() == 1


def test_what_is_no_table_is_refused_with_a_reason_and_not_kept(client, fair, maya):
    client.force_login(maya)
    before = set(kept.folder().iterdir())
    answer = upload(client, fair, "\x00\x01just bytes")
    assert (answer.status_code, ImportRun.objects.count()) == (422, 0)
    assert set(kept.folder().iterdir()) == before
    assert upload(client, fair, campaign="").status_code == 422


def test_marketing_may_not_bring_history(client, fair, maya, omar):
    text = b'kind="lead"\nsource="x"\nid="Id"\nhistory=true\n[at]\ncolumn="D"\nformat="%Y"\n'
    for user, state in ((maya, "draft"), (omar, "to_check")):
        client.force_login(user)
        given = SimpleUploadedFile("m.toml", text)
        key = KEY if user is maya else KEY.replace("7a", "8a")
        upload(client, fair, "Id,D\n1,2020\n", mapping=given, submit_key=key)
        run = ImportRun.objects.latest("pk")
        client.post(f"/staff/imports/{run.pk}/columns/")
        run.refresh_from_db()
        assert run.state == state


def test_an_upload_that_is_not_wanted_is_deleted_with_its_file(client, fair, maya):
    client.force_login(maya)
    upload(client, fair)
    run = ImportRun.objects.get()
    path = kept.path_of(run)
    assert path.stat().st_mode & 0o077 == 0
    client.post(f"/staff/imports/{run.pk}/drop/")
    assert (ImportRun.objects.count(), path.exists()) == (0, False)


def test_old_files_are_deleted_and_their_log_stays(client, fair, maya):
    client.force_login(maya)
    run, _answer = to_dry_run(client, fair)
    path = kept.path_of(run)
    assert kept.forget_old(at=timezone.now())["forgotten"] == 0
    assert kept.forget_old(at=timezone.now() + timedelta(days=31))["forgotten"] == 1
    run.refresh_from_db()
    assert (path.exists(), run.path, ImportRun.objects.count()) == (False, "", 1)
