"""A mapping that cannot be used is refused with the key that is wrong."""

import pytest

from crm.importing.columns.mapping import MappingError
from crm.importing.columns.mapping_file import FOLDER, load, parse
from crm.tests.importing import LEADS


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_the_ready_mappings_can_be_used(path):
    assert load(path).needs() or load(path).any_of()


@pytest.mark.parametrize(
    "changed,why",
    [
        ({"kid": "lead"}, "no key 'kid'"),
        ({"kind": "person"}, "kind must be one of"),
        ({"history": "yes"}, "history must be a bool"),
        ({"status": "customer"}, "status must be one of"),
        ({"touch": "wink"}, "touch must be one of"),
        ({"at": {"column": "since"}}, "needs format"),
        ({"at": {"column": "since", "format": "%Y", "zone": "Mars/Olympus"}}, "no time zone 'Mars/Olympus'"),
        ({"at": {"number": "id"}}, "needs zero"),
        ({"channel": {"values": {}}}, r"\[channel\] needs column"),
        ({"channel": {"column": "origin", "else": "x"}}, "no key 'else'"),
        ({"channels": {"x": 1}}, "must be a text"),
        ({"columns": {"score": "x"}}, "no key 'score'"),
        ({"won": {"column": "outcome", "values": "sold"}}, "a list of texts"),
        ({"history": False}, "say history = true"),
        ({"source": ""}, "id needs source"),
        ({"kind": "deal"}, "deals need id and person"),
    ],
)
def test_what_is_wrong_is_named(changed, why):
    with pytest.raises(MappingError, match=why):
        parse({**LEADS, **changed}, name="x")


def test_history_needs_dates_and_a_row_needs_somebody():
    with pytest.raises(MappingError, match="the date of each row"):
        parse({key: value for key, value in LEADS.items() if key != "at"}, name="x")
    with pytest.raises(MappingError, match="nothing says who a row is"):
        parse({"kind": "lead", "columns": {"first_name": "x"}}, name="x")


def test_a_file_that_is_no_toml_is_refused_with_its_line(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text('kind = "lead\n')
    with pytest.raises(MappingError, match=r"broken\.toml: .*line 1"):
        load(path)
