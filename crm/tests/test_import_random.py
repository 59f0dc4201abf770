"""Random tables, written by Python's own CSV writer in any way it knows, are read back cell by cell."""

import csv
import random

import pytest

from crm.importing.files.lines import open_sheet, records

PIECES = (
    "a",
    "Zoë",
    " ",
    "1",
    ",",
    ";",
    "\t",
    "|",
    '"',
    "'",
    '""',
    "\n",
    "\r\n",
    "=1+1",
    "@",
    "x,y",
    ', "',
    "sep=",
    "'q'",
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")


def a_cell(chance):
    return "".join(chance.choices(PIECES, k=chance.choice((0, 1, 1, 2, 3, 6))))


def a_table(chance):
    width = chance.randint(2, 7)
    return [[f"r{line}", *(a_cell(chance) for _ in range(width))] for line in range(chance.randint(1, 40))]


def a_way_to_write(chance):
    end = chance.choice(("\n", "\r\n", "\r"))
    styles = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)
    # With "\r" at the ends of lines the writer forgets to quote a cell that holds "\n".
    quoting = csv.QUOTE_ALL if end == "\r" else chance.choice(styles)
    return {"delimiter": chance.choice(",;\t|"), "lineterminator": end, "quoting": quoting}


def written(path, table, encoding, **way):
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, **way).writerows([["id", *(f"col {at}" for at in range(1, len(table[0])))], *table])
    return path


def found_in(path):
    """Cells by their row's name, and the lines that were told."""
    found = list(records(open_sheet(path, {"id", "col 1"})))
    return [record.cells for record in found if record.cells], [
        record for record in found if not record.cells
    ]


def looks_like_two_rows(row, separator):
    """A cell over lines that ends in a separator cannot be told from a row with one quote too many, so it is told."""
    return any(("\n" in cell or "\r" in cell) and cell.endswith(separator) for cell in row)


@pytest.mark.parametrize("seed", range(200))
def test_what_was_written_is_read(tmp_path, seed):
    chance = random.Random(seed)
    table, way = a_table(chance), a_way_to_write(chance)
    good, told = found_in(written(tmp_path / "a.csv", table, chance.choice(ENCODINGS), **way))
    missing = [row for row in table if row not in good]
    assert [row for row in table if row in good] == good
    assert all(looks_like_two_rows(row, way["delimiter"]) for row in missing)
    assert len(missing) == len(told)


@pytest.mark.parametrize("seed", range(30))
def test_quotes_written_with_a_backslash_are_understood(tmp_path, seed):
    chance = random.Random(seed)
    table = [[f"r{n}", 'a "b", c', a_cell(chance), "C:\\temp\\"] for n in range(30)]
    way = {"doublequote": False, "escapechar": "\\", "quoting": csv.QUOTE_ALL}
    good, told = found_in(written(tmp_path / "a.csv", table, "utf-8", **way))
    assert (good, told) == (table, [])
