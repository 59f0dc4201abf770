"""Broken lines are told by their number and stay out; all others go in."""

import pytest

from crm.importing.files.lines import UnreadableFile, open_sheet, records
from crm.models import ImportLine
from crm.tests.importing import a_file, a_mapping, read


def lines_of(path, needs=("id",)):
    sheet = open_sheet(path, set(needs))
    found = list(records(sheet))
    return sheet, {r.line: r.cells for r in found if r.cells}, {r.line: r.why for r in found if not r.cells}


@pytest.mark.django_db
def test_each_kind_of_broken_line_is_reported_with_its_number_and_the_rest_goes_in(tmp_path):
    path = a_file(
        tmp_path,
        "1,2025-03-01,web,,,,",
        "2,2025-03-01,web",
        "3,2025-13-01,web,,,,",
        '4,2025-03-01,"web,,,,',
        "5,2025-03-01,moon,,,,",
        ",2025-03-01,web,,,,",
        "7,2099-01-01,web,,,,",
        "8,2025-03-01,web,no address,,,",
        "",
        "9,2025-03-01,web,,,,",
    )
    counts, told = read(path, a_mapping())
    assert told == {
        3: "3 cells where the header has 7",
        4: "since: not a date as %Y-%m-%d",
        5: "a quote that is not closed",
        6: "origin: the mapping does not know this value",
        7: "id: empty",
        8: "since: a date of history must lie in the past",
        9: "mail: not an e-mail address",
    }
    assert (counts["created"], counts["refused"]) == (2, 7)
    assert list(ImportLine.objects.values_list("line", "reason")) == list(told.items())


def test_a_cell_may_go_over_lines_and_the_numbers_stay_right(tmp_path):
    path = a_file(tmp_path, '1,"one', 'two"', "2,x", '"3', header="id,note")
    _sheet, good, bad = lines_of(path)
    assert good == {2: ["1", "one\ntwo"], 4: ["2", "x"]}
    assert bad == {5: "a quote that is not closed"}


def test_an_open_quote_does_not_swallow_the_lines_after_it(tmp_path):
    path = a_file(tmp_path, '1,"open', "2,x", '3,"a ""good"" one"', "4,x", header="id,note")
    _sheet, good, bad = lines_of(path)
    assert (sorted(good), sorted(bad)) == ([3, 4, 5], [2])


def test_a_quote_inside_a_cell_is_only_a_sign(tmp_path):
    assert lines_of(a_file(tmp_path, '1,5" screen', header="id,note"))[1] == {2: ["1", '5" screen']}


@pytest.mark.parametrize(
    "encoding,found",
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
    ],
)
def test_the_encoding_is_found(tmp_path, encoding, found):
    path = a_file(tmp_path, "1,Zoë", "2,Jürg", header="id,name", encoding=encoding)
    sheet, good, _bad = lines_of(path)
    assert (sheet.encoding, good[2][1], good[3][1]) == (found, "Zoë", "Jürg")


def test_utf_16_is_read_in_either_order_of_bytes(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_bytes(b"\xfe\xff" + "id,name\n1,Zoë\n".encode("utf-16-be"))
    assert lines_of(path)[1] == {2: ["1", "Zoë"]}


def test_what_is_not_utf_8_is_said_to_be_read_as_windows_text(tmp_path):
    sheet = open_sheet(a_file(tmp_path, "1,Zoë", header="id,name", encoding="cp1252"), {"id"})
    assert "cp1252" in sheet.notes[0]


def test_a_line_of_utf_8_among_windows_text_is_told_not_mangled(tmp_path):
    path = a_file(tmp_path, "1,Zoë", "2,Jürg", "3,Çağ".replace("ğ", "g"), header="id,name", encoding="cp1252")
    path.write_bytes(path.read_bytes() + "4,Zoë\n".encode())
    _sheet, good, bad = lines_of(path)
    assert (sorted(good), sorted(bad)) == ([2, 3, 4], [5])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_end_of_line_will_do(tmp_path, end):
    path = tmp_path / "leads.csv"
    path.write_bytes(end.join(["id,note", '1,"one', 'two"', "2,x"]).encode())
    assert lines_of(path)[1] == {2: ["1", f"one{end}two"], 4: ["2", "x"]}


@pytest.mark.parametrize(
    "line,cells",
    [
        ('1, "Lee, Ann", x', ["1", "Lee, Ann", "x"]),
        ("1,'Lee, Ann',x", ["1", "Lee, Ann", "x"]),
        ('1,"5\\" screen, used",x', ["1", '5" screen, used', "x"]),
    ],
)
def test_other_ways_to_quote_are_found_out(tmp_path, line, cells):
    assert lines_of(a_file(tmp_path, *[line] * 3, header="id,name,note"))[1][2] == cells


@pytest.mark.parametrize(
    "line,why",
    [
        ('1,"a "b", c",x', "quotes that do not pair up"),
        ('1,a"b, c",x', "quotes that do not pair up"),
        ("1,a,b,x", "4 cells where the header has 3"),
    ],
)
def test_what_can_be_read_in_two_ways_is_told(tmp_path, line, why):
    assert lines_of(a_file(tmp_path, "0,a,b", line, header="id,name,note"))[2] == {3: why}


def test_two_quotes_too_many_are_not_taken_for_a_cell_over_two_lines(tmp_path):
    _sheet, good, bad = lines_of(a_file(tmp_path, '1,"', '2,"', "3,x", header="id,note"))
    assert (good, bad) == (
        {4: ["3", "x"]},
        {2: "a quote that is not closed: lines 2 to 3 can be read in two ways"},
    )


def test_an_odd_separator_is_read_where_the_file_names_it(tmp_path):
    assert lines_of(a_file(tmp_path, "id^note", "1^x", header="sep=^"))[1] == {3: ["1", "x"]}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path, separator):
    path = a_file(tmp_path, separator.join(["1", "x"]), header=separator.join(["id", "note"]))
    assert lines_of(path)[1] == {2: ["1", "x"]}


def test_a_line_that_cannot_be_decoded_stays_out_alone(tmp_path):
    path = a_file(tmp_path, "1,Zoë", "2,Jürg", header="id,name")
    path.write_bytes(path.read_bytes() + b"3,\xff\xfe\n4,x\n5,\x00\n")
    _sheet, good, bad = lines_of(path)
    assert (sorted(good), sorted(bad)) == ([2, 3, 5], [4, 6])
    assert {why.split(":")[0] for why in bad.values()} == {"not readable"}


def test_the_header_may_come_after_a_few_lines_of_prose(tmp_path):
    path = a_file(tmp_path, "", "id;note", "1;x", header="sep=;")
    sheet, good, _bad = lines_of(path)
    assert (sheet.header_line, good) == (3, {4: ["1", "x"]})


@pytest.mark.parametrize(
    "content,why",
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "a damaged spreadsheet"),
        (b"\xd0\xcf\x11\xe0rest", "protected by a password or no spreadsheet"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"<html><table><tr><td>id", "a web page or XML under another name"),
        (bytes(range(256)) * 20, "is not a text"),
        ("id,note".encode("utf-16-le"), "UTF-16 without its mark"),
        ("id,note".encode("utf-32"), "UTF-32"),
        (b"name,note\n1,x\n", "no column id"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(tmp_path, content, why):
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=why) as refusal:
        open_sheet(path, {"id"})
    assert "\n" not in str(refusal.value)


def test_many_open_quotes_end_in_time(tmp_path):
    path = a_file(tmp_path, *[f'{n},"open' for n in range(3000)], header="id,note")
    assert len(lines_of(path)[2]) + len(lines_of(path)[1]) >= 1500
