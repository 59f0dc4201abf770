"""`import_leads` from outside: exit status, one line of reason, one line of JSON."""

import json

import pytest
from django.core.management import CommandError, call_command

from crm.importing.columns.mapping_file import FOLDER
from crm.tests.importing import a_file, a_mapping, read
from leads.models import ContactBasis, Lead, Person
from prospects.models import ListedPerson
from prospects.tests.prospecting import a_list

pytestmark = pytest.mark.django_db
OLIST = "a1,2018-02-01,page,social"
HEADER = "mql_id,first_contact_date,landing_page_id,origin"


@pytest.fixture
def campaign(tmp_path):
    read(a_file(tmp_path), a_mapping())
    return "old"


def run(*words, **options):
    return call_command("import_leads", *map(str, words), **options)


def refusal(*words):
    with pytest.raises(CommandError) as refused:
        run(*words)
    assert "\n" not in str(refused.value)
    return refused.value.returncode, str(refused.value)


def test_a_ready_mapping_is_found_by_its_name_and_the_last_line_is_json(tmp_path, campaign, capsys):
    path = a_file(tmp_path, OLIST, "broken", header=HEADER)
    run(path, "--campaign", campaign, "--map", "olist-funnel", "--json")
    said = capsys.readouterr()
    found = json.loads(said.out.splitlines()[-1])
    assert (found["created"], found["refused"], Lead.objects.count()) == (1, 1, 1)
    assert found["seconds"] >= 0
    assert said.err.splitlines() == [
        "note: no opt-outs were imported from olist; they go in first, so that nobody who said no gets mail.",
        "line 3: 1 cells where the header has 4",
    ]


def test_a_dry_run_keeps_nothing(tmp_path, campaign):
    run(a_file(tmp_path, OLIST, header=HEADER), "--campaign", campaign, "--map", "olist-funnel", "--dry-run")
    assert not Lead.objects.exists()


def test_bad_arguments_end_with_two(tmp_path, campaign):
    path = a_file(tmp_path, OLIST, header=HEADER)
    (tmp_path / "bad.toml").write_text('kind = "lead"\nkid = 1\n')
    known = ("--campaign", campaign)
    assert refusal(path, *known, "--map", tmp_path / "bad.toml")[0] == 2
    assert "no key 'kid'" in refusal(path, *known, "--map", tmp_path / "bad.toml")[1]
    assert refusal(path, *known, "--map", tmp_path / "none.toml")[0] == 2
    assert refusal(path, "--campaign", "nowhere", "--map", "olist-funnel")[0] == 2
    assert refusal(path, "--map", "olist-funnel")[0] == 2
    assert refusal(tmp_path / "none.csv", *known)[0] == 2
    assert refusal(path, *known, "--as", "nobody")[0] == 2


def test_a_refused_file_ends_with_one(tmp_path, campaign, maya):
    known = ("--campaign", campaign, "--map", "olist-funnel")
    path = a_file(tmp_path, OLIST, header=HEADER)
    assert refusal(path, *known, "--as", "maya") == (1, "maya may not import history")
    assert "no column" in refusal(a_file(tmp_path, "1", header="x"), *known)[1]
    assert refusal(a_file(tmp_path, "1", "2", header=HEADER), *known) == (1, "no line could be used")


COLD = ("--map", "linkedin-connections")
CONNECTIONS = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
ADA = "Ada,Nordin,https://x.example/ada,ada@corp.example,Corp,Head,01 Feb 2026"


def test_cold_contacts_come_in_on_a_list_by_its_name_or_number_with_its_ground(tmp_path, campaign):
    onto, path = a_list(), a_file(tmp_path, ADA, header=CONNECTIONS)
    for named in ("fair 2026", onto.pk):
        run(path, *COLD, "--list", named)
    assert list(ListedPerson.objects.values_list("list", "state")) == [(onto.pk, "waiting")]
    basis = ContactBasis.objects.get()
    assert (basis.kind, basis.source, Lead.objects.exists()) == ("interest", "Exhibitors of the fair", False)


def test_cold_contacts_without_a_list_have_no_ground_and_stay_out(tmp_path, campaign):
    path = a_file(tmp_path, ADA, header=CONNECTIONS)
    for more in ((), ("--dry-run",)):
        status, said = refusal(path, *COLD, *more)
        assert (status, said.startswith("cold contacts come in on a list")) == (1, True)
    assert not Person.objects.filter(email_key="ada@corp.example").exists()


def test_a_list_is_named_exactly_and_takes_nothing_but_cold_contacts(tmp_path, campaign, maya, sara):
    first, path = a_list(), a_file(tmp_path, ADA, header=CONNECTIONS)
    assert refusal(path, *COLD, "--list", "Fair 2025") == (2, "--list: there is no list Fair 2025")
    a_list()
    status, said = refusal(path, *COLD, "--list", "Fair 2026")
    assert (status, "give the number" in said) == (2, True)
    assert refusal(path, *COLD, "--list", first.pk, "--as", "maya") == (1, "maya may not import lists")
    run(path, *COLD, "--list", first.pk, "--as", "sara")
    leads = ("--campaign", campaign, "--map", "olist-funnel", "--list", first.pk)
    assert "only cold contacts" in refusal(a_file(tmp_path, OLIST, header=HEADER), *leads)[1]


def test_each_ready_mapping_is_described_in_the_docs():
    text = (FOLDER.parent / "docs" / "importing.md").read_text()
    assert [path.name for path in FOLDER.glob("*.toml") if path.name not in text] == []
