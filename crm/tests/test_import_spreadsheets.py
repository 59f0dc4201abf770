"""Spreadsheets: what is read, and what is refused before it can do harm."""

import time
from datetime import date, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from crm.importing.columns.guess import guessed_mapping
from crm.importing.files.lines import UnreadableFile, open_sheet, records
from crm.tests.importing import read
from leads.models import Lead, Person

SHEET = '<?xml version="1.0"?>{dtd}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{body}</worksheet>'
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'


def saved(folder, *rows, change=None):
    """A workbook with one sheet of these rows; `change` may do more to the book."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    book.save(folder / "leads.xlsx")
    return folder / "leads.xlsx"


def with_part(path, name, content):
    """The same file with one part replaced or added."""
    with ZipFile(path) as old:
        parts = {part: old.read(part) for part in old.namelist()} | {name: content}
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as new:
        for part, data in parts.items():
            new.writestr(part, data)
    path.write_bytes(packed.getvalue())
    return path


def with_sheet(path, body, dtd=""):
    return with_part(path, "xl/worksheets/sheet1.xml", SHEET.format(dtd=dtd, body=body))


def cells(path, needs=("id",)):
    return [record.cells for record in records(open_sheet(path, set(needs))) if record.cells]


def test_values_are_read_as_people_would_write_them(tmp_path):
    row = [
        4915123450001,
        4915123450002.0,
        0.5,
        True,
        datetime(2025, 4, 14, 2),  # noqa: DTZ001 - a spreadsheet knows no zone
        date(2025, 4, 14),
        "  x ",
        None,
    ]
    path = saved(tmp_path, ["id", *"bcdefgh"], row)
    assert cells(path) == [
        [
            "4915123450001",
            "4915123450002",
            "0.5",
            "TRUE",
            "2025-04-14 02:00:00",
            "2025-04-14 00:00:00",
            "  x ",
            "",
        ]
    ]


def test_title_rows_total_rows_and_other_sheets_are_told(tmp_path):
    def more(book):
        book.active.merge_cells("A1:B1")
        book.create_sheet("Notes").append(["ignore me"])
        book.create_sheet("Secret").sheet_state = "hidden"

    path = saved(tmp_path, ["Fair 2025"], [], ["id", "name"], [1, "Ann"], [], ["Total", 1], change=more)
    sheet = open_sheet(path, {"id"})
    assert (sheet.header_line, sheet.encoding, sheet.tab) == (3, "xlsx", "Sheet")
    assert sheet.notes[0] == "Sheet Sheet is read; not read: Notes, Secret (hidden)."
    assert [(r.line, r.cells, r.why) for r in records(sheet)] == [
        (4, ["1", "Ann"], ""),
        (6, None, "a footer, left out"),
    ]


def test_the_first_sheet_with_a_header_is_read(tmp_path):
    path = saved(tmp_path, ["Read me first"], change=lambda book: book.create_sheet("People").append(["id"]))
    assert open_sheet(path, {"id"}).tab == "People"


def test_cells_merged_downwards_give_each_line_their_value(tmp_path):
    path = saved(
        tmp_path, ["id", "firm"], [1, "Corp"], [2, None], [3, "Else"],
        change=lambda book: book.active.merge_cells("B2:B3"),
    )  # fmt: skip
    assert cells(path) == [["1", "Corp"], ["2", "Corp"], ["3", "Else"]]
    assert "merged over several lines" in open_sheet(path, {"id"}).notes[0]


def test_the_size_that_a_sheet_states_of_itself_is_not_believed(tmp_path):
    body = f'<dimension ref="A1"/><sheetData>{HEAD}<row r="2"><c r="A2"><v>7</v></c></row></sheetData>'
    assert cells(with_sheet(saved(tmp_path, ["id"]), body)) == [["7"]]


def test_a_formula_gives_its_stored_value_and_one_without_is_told(tmp_path):
    body = (
        f'<sheetData>{HEAD}<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
        '<row r="3"><c r="A3"><f>HYPERLINK("http://evil.example")</f><v/></c></row></sheetData>'
    )
    path = with_sheet(saved(tmp_path, ["id"]), body)
    assert cells(path) == [["2"]]
    assert "Formulas without a stored value: 1, the first in line 3." in open_sheet(path, {"id"}).notes[0]


@pytest.mark.django_db
def test_a_cell_that_begins_like_a_formula_stays_the_text_it_is(tmp_path):
    def as_text(book):
        book.active["B2"].data_type = "s"

    path = saved(tmp_path, ["E-mail", "Company"], ["a@corp.example", "=1+1"], change=as_text)
    read(path)
    assert Person.objects.get().company_name == "=1+1"


@pytest.mark.django_db
def test_a_number_in_scientific_notation_is_left_out_and_flagged(tmp_path):
    path = saved(
        tmp_path, ["E-mail", "Phone"], ["a@corp.example", "4.91512E+12"], ["b@corp.example", 41446681800]
    )
    counts, told = read(path)
    assert (counts["created"], counts["flagged"], Lead.objects.count()) == (2, 1, 2)
    assert told[2].startswith("Phone: a spreadsheet has cut the number off")
    assert sorted(Person.objects.values_list("phone", flat=True)) == ["", "41446681800"]


def entity_bomb(path):
    dtd = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {after} "{f"&{before};" * 10}">'
        for before, after in zip("abcdefg", "bcdefgh", strict=True)
    )
    return with_sheet(path, f"<sheetData>{HEAD}<row><c><v>&h;</v></c></row></sheetData>", dtd + "]>")


def file_reader(path):
    dtd = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return with_sheet(path, f"<sheetData>{HEAD}<row><c><v>&a;</v></c></row></sheetData>", dtd)


def zip_bomb(path):
    return with_part(path, "xl/media/zeros.bin", bytes(60_000_000))


def dense_part(path):
    return with_sheet(path, "<a/>" * 5_000_000)


def no_workbook(path):
    with ZipFile(path, "w") as archive:
        archive.writestr("content.xml", "")
    return path


def half_a_file(path):
    path.write_bytes(path.read_bytes()[:-900])
    return path


@pytest.mark.parametrize(
    "damage,why",
    [
        (entity_bomb, "damaged spreadsheet"),
        (file_reader, "damaged spreadsheet"),
        (zip_bomb, "unpacks to more than 50 MB"),
        (dense_part, "unpacks to more than 50 MB"),
        (no_workbook, "OpenDocument"),
        (half_a_file, "damaged spreadsheet"),
        (lambda path: with_sheet(path, "<sheetData><row><c></sheetData>"), "damaged spreadsheet"),
    ],
)
def test_a_bomb_or_a_damaged_file_is_refused_within_two_seconds(tmp_path, damage, why):
    """RELIABILITY X3."""
    path = damage(saved(tmp_path, ["id"], [1]))
    started = time.thread_time()
    with pytest.raises(UnreadableFile, match=why) as refusal:
        list(records(open_sheet(path, {"id"})))
    assert time.thread_time() - started < 2
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "body",
    [
        f'<sheetData>{HEAD}<row r="999999999999"><c><v>1</v></c></row></sheetData>',
        f"<sheetData>{HEAD}" + '<row><c r="XFD1"><v>1</v></c></row>' * 5000 + "</sheetData>",
        f'<sheetData>{HEAD}</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
    ],
    ids=["a row far below", "a column far right", "all cells merged"],
)
def test_a_sheet_that_pretends_to_be_huge_is_read_in_no_time(tmp_path, body):
    path = with_sheet(saved(tmp_path, ["id"]), body)
    started = time.thread_time()
    assert [row for row in cells(path) if row != ["id"]] == []
    assert time.thread_time() - started < 2


def test_a_sheet_without_columns_that_we_know_is_refused_in_words_that_help(tmp_path):
    with pytest.raises(UnreadableFile, match="its first line holds data"):
        guessed_mapping(saved(tmp_path, ["ann@corp.example", "Ann"]))
