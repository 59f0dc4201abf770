"""A CSV of a million people, by `import_leads` and by COPY to a staging table, validation in Python and a merge.


    DATABASE_URL=postgres://… python -m bench.import_csv [--rows 1000000]

One row in ten repeats an earlier one, one in fifty has no address. The yardstick writes one table with three indexes
and
keeps no log; the import writes person, lead, touch, move, score, the log of refused lines and what an undo needs. The
databases are made for the run and dropped. Prints a table and one line of JSON.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

COLUMNS = ("Email", "First name", "Last name", "Company", "Phone", "Job title", "Country")
DATABASE = "headwater_bench_import"
ROOT = Path(__file__).resolve().parent.parent


def row_of(number: int) -> list[str]:
    """Repeats come some rows after the first; a bad row has no @."""
    who = number // 2 if number % 10 == 9 else number
    address = f"row{who}@firm{who % 50021}.example" if number % 50 else f"row{number} at firm"
    phone = f"+3120{who % 10_000_000:07d}"
    return [address, "Ada", f"Family{who % 60000}", f"Firm {who % 50021}, Ltd", phone, "Engineer", "NL"]


def make_file(path: Path, rows: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(map(row_of, range(rows)))


def address_of(database: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


def fresh_database() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        server.execute(f"CREATE DATABASE {DATABASE}")


def drop_database() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {DATABASE}")


NAMES = "email, first_name, last_name, company, phone, job_title, country"
MERGE = f"""INSERT INTO people ({NAMES})
  SELECT DISTINCT ON (lower(email)) {NAMES} FROM staging ORDER BY lower(email), number
  ON CONFLICT (lower(email)) DO UPDATE SET phone = coalesce(nullif(people.phone, ''), excluded.phone)"""
VALID = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+").fullmatch


def yardstick(path: Path) -> float:
    """Seconds of COPY with each row validated, and one merge."""
    texts = ", ".join(f"{name} text" for name in NAMES.split(", "))
    with psycopg.connect(address_of(DATABASE), autocommit=True) as server:
        server.execute(f"CREATE TABLE people (id bigserial PRIMARY KEY, {texts})")
        server.execute("CREATE UNIQUE INDEX ON people (lower(email))")
        server.execute("CREATE INDEX ON people (last_name, first_name)")
        server.execute("CREATE INDEX ON people (company)")
        server.execute(f"CREATE UNLOGGED TABLE staging (number bigserial, {texts})")
        started = time.perf_counter()
        with path.open(newline="", encoding="utf-8") as file:
            source = csv.reader(file)
            next(source)
            with server.cursor().copy(f"COPY staging ({NAMES}) FROM STDIN") as copy:
                for row in source:
                    cells = [cell.strip() for cell in row]
                    if len(cells) == len(COLUMNS) and VALID(cells[0]) and all(len(c) <= 160 for c in cells):
                        copy.write_row(cells)
        server.execute("ANALYZE staging")
        server.execute(MERGE)
        seconds = time.perf_counter() - started
        server.execute("DROP TABLE people, staging")
    return seconds


def manage(*words: str, data: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DATABASE_URL": address_of(DATABASE),
        "DATA_DIR": data,
        "ENV_FILE": "/dev/null",
        "REDIS_URL": "",
    }
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT, env=environment, check=True, text=True, capture_output=True,
    )  # fmt: skip


CAMPAIGN = (
    "from campaigns.models import Campaign, Channel; "
    "Campaign.objects.create(slug='bench', utm_campaign='bench', name='Bench', channel=Channel.objects.first())"
)
SLOW = """
import csv, sys, time
from django import forms
from leads.models import Person
class F(forms.ModelForm):
    class Meta:
        model = Person
        fields = ["email", "first_name", "last_name", "company_name", "phone", "job_title", "country"]
started, batch = time.perf_counter(), []
for number, row in enumerate(csv.reader(open(sys.argv[-1], newline=""))):
    if number == 10001:
        break
    form = F(dict(zip(F.Meta.fields, row)))
    if number and form.is_valid():
        batch.append(Person(**form.cleaned_data))
    if len(batch) == 1000:
        Person.objects.bulk_create(batch, ignore_conflicts=True)
        batch = []
print(time.perf_counter() - started)
"""


def imported(path: Path, *, dry_run: bool = False) -> tuple[dict[str, float], float]:
    """The counts of the import, and the most memory that a child of ours has used so far, in MB."""
    with tempfile.TemporaryDirectory() as data:
        manage("migrate", "-v0", data=data)
        if not dry_run:
            manage("shell", "-c", CAMPAIGN, data=data)
        said = manage(
            "import_leads", str(path), "--campaign", "bench", "--json", *["--dry-run"] * dry_run, data=data
        )
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return json.loads(said.stdout.splitlines()[-1]), used


def form_and_bulk_create(path: Path) -> float:
    """Seconds for 10,000 rows with a Django form each, written by bulk_create."""
    code = SLOW.replace("sys.argv[-1]", repr(str(path)))
    with tempfile.TemporaryDirectory() as data:
        return float(manage("shell", "-v0", "-c", f"exec({code!r})", data=data).stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    fresh_database()
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "people.csv"
            make_file(path, rows)
            before = yardstick(path)
            counts, memory = imported(path)
            after = yardstick(path)
            slow = form_and_bulk_create(path) * rows / 10_000
            size = path.stat().st_size / 1e6
    finally:
        drop_database()
    floor = (before + after) / 2
    seconds = counts["seconds"]
    print(f"{rows} rows, {size:.0f} MB; created {counts['created']}, repeated {counts['repeated']}, ", end="")
    print(f"refused {counts['refused']}")
    for name, took in (
        ("COPY, validation in Python, merge (before and after)", floor),
        ("import_leads", seconds),
        ("form and bulk_create, from 10,000 rows", slow),
    ):
        print(f"{name:54s} {took:8.1f} s {rows / took:9.0f} rows/s  {took / floor:6.2f} x")
    print(f"memory of the import {memory:.0f} MB")
    print(
        json.dumps(
            {
                "bench": "import_csv", "figure": seconds, "yardstick": round(floor, 2),
                "ratio": round(seconds / floor, 2), "slow": round(slow, 1), "rows": rows,
                "memory_mb": round(memory), "python": platform.python_version(), "psycopg": psycopg.__version__,
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
