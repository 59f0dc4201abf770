"""Tables damaged in one way each, read from where REAL_DATA points: equal to the clean one, refused, or told by line.
Run with -s to see which is which."""

import csv
import json
import os
import sys
from pathlib import Path

import pytest

from crm.importing.files.lines import UnreadableFile, open_sheet, records

DATA = Path(os.environ["REAL_DATA"]) / "csv-torture"
SPECTRUM = sorted(path.stem for path in (DATA / "csv-spectrum" / "csvs").glob("*.csv"))
POLLOCK = sorted((DATA / "pollock" / "csv").glob("*.csv"))
# Its JSON holds another phone number than its CSV, in the original too.
WRONG_TWIN = {"location_coordinates": {"Contact Phone Number": "2095257564"}}
# What must be told of each table that is not equal to its clean twin, or not without a word.
TOLD = {
    "file_header_multirow_3.csv": {2, 3},
    "file_multitable_less.csv": {*range(85, 168)},
    "file_multitable_same.csv": {*range(85, 168)},
    "row_extra_quote28_col2.csv": {29},
    "row_extra_quote28_col8.csv": {29},
    "row_extra_quote52_col4.csv": {53},
    "row_less_sep_row16_col5.csv": {17},
    "row_less_sep_row25_col3.csv": {26},
    "row_less_sep_row60_col2.csv": {61},
    "row_less_sep_row83_col4.csv": {84},
    "row_more_sep_row39_col2.csv": {40},
}


def table(path):
    """The rows of the clean twin, the header first."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def read(path, needs):
    found = list(records(open_sheet(path, set(needs))))
    return [record.cells for record in found if record.cells], {r.line: r.why for r in found if not r.cells}


@pytest.mark.parametrize("name", SPECTRUM)
def test_each_table_of_csv_spectrum_gives_its_json(tmp_path, name):
    wanted = json.loads((DATA / "csv-spectrum" / "json" / f"{name}.json").read_text(encoding="utf-8"))
    wanted = [row | WRONG_TWIN.get(name, {}) for row in ([wanted] if isinstance(wanted, dict) else wanted)]
    content = (DATA / "csv-spectrum" / "csvs" / f"{name}.csv").read_bytes()
    if name.endswith("_crlf"):  # our copy has lost the CR of each line
        content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    sheet = open_sheet(path, set(wanted[0]))
    assert [dict(zip(sheet.header, record.cells, strict=True)) for record in records(sheet)] == wanted


@pytest.mark.parametrize("path", POLLOCK, ids=lambda path: path.stem)
def test_a_damaged_table_equals_its_clean_twin_or_the_damage_is_told(path):
    clean = table(DATA / "pollock" / "clean" / path.name)
    if not clean:
        with pytest.raises(UnreadableFile, match="is empty"):
            open_sheet(path, {"DATE"})
        return
    good, told = read(path, ["DATE", "ProductDescription", "URL"])
    missing = [row for row in clean[1:] if row not in good]
    assert good == [row for row in clean[1:] if row not in missing]
    if (
        path.name == "file_quotation_char_0x27.csv"
    ):  # what stands in ' ' and holds a ' can be read in two ways
        assert {clean[line - 1][0] for line in told} == {row[0] for row in missing}
        assert len(missing) == 34
    else:
        assert set(told) == TOLD.get(path.name, set())
        assert len(missing) == (len(told) if path.name.startswith("row_") else 0)


def test_the_list_of_equal_and_of_told_tables():
    lists = {"equal": [], "told": [], "refused": []}
    for path in POLLOCK:
        try:
            good, told = read(path, ["DATE", "ProductDescription", "URL"])
        except UnreadableFile as refusal:
            lists["refused"].append(f"{path.name}: {refusal}")
            continue
        equal = good == table(DATA / "pollock" / "clean" / path.name)[1:] and not told
        first = "; ".join(f"line {line}: {why}" for line, why in list(told.items())[:2])
        lists["equal" if equal else "told"].append(
            f"{path.name}: {len(good)} rows read, {len(told)} lines told. {first}"
        )
    for name, tables in lists.items():
        sys.stdout.write("\n  ".join((f"\n{name}: {len(tables)}", *tables, "")))
    assert {name: len(tables) for name, tables in lists.items()} == {"equal": 7, "told": 12, "refused": 1}


@pytest.mark.parametrize("name", ["data-xlsx.xlsx", "data-xls97-2003.xls"])
def test_old_and_new_excel_files_are_read_alike(name):
    sheet = open_sheet(DATA / "excel" / name, {"Prénom", "Nom"})
    rows = [record.cells for record in records(sheet)]
    assert (sheet.tab, len(rows)) == ("Feuil1", 7)
    assert rows[0] == ["Gérard", "Bouchard", "0.5", "0.5", "2014-08-06 20:57:32"]
    assert rows[3] == ["Florian", "Fabre", "0.004", "0.004", "51/08/2014 00:00:00"]


def test_an_excel_file_that_is_none_is_refused_in_one_line():
    with pytest.raises(UnreadableFile, match=r"data-invalid\.xls has no column Nom"):
        open_sheet(DATA / "excel" / "data-invalid.xls", {"Nom"})
