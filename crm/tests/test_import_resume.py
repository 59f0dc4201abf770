"""A run that was cut off goes on where it stood, and ends as one clean run would have."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from campaigns.errors import Refused
from crm.importing import kept, work
from crm.importing.columns.cells import _trimmed
from crm.importing.queue import work_due
from crm.importing.run import GONE, resume_import
from crm.importing.undo import undo_import
from crm.models import ImportLine, ImportRun
from crm.tests.importing import NOW, a_file, a_mapping, dump, read
from leads.models import Lead, Person
from leads.spreadsheet_cells import FORMULA, inert

ROWS = [
    *(
        f"{n},2025-03-01,web,p{n % 37}@corp.example,P{n},{n},{'sold' if n % 5 == 0 else ''}"
        for n in range(1, 60)
    ),
    "x,never,web,,,,",
    '"=cmd()",2025,web,,"+1",,',
]


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(work, "BATCH", 7)


def breaking_at(monkeypatch, number):
    """A crash in the middle of the batch of this number, after its rows were written."""
    real, calls = work.enter, []

    def enter(*args):
        told = real(*args)
        calls.append(1)
        if len(calls) == number:
            raise RuntimeError("power cut")
        return told

    monkeypatch.setattr(work, "enter", enter)


def values(rows):
    """Rows without their ids: sequences go on over a rollback."""
    return {label: len(found) for label, found in rows.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("broken", [1, 3, 9])
def test_a_resumed_run_ends_as_a_clean_one(tmp_path, small, monkeypatch, broken):
    path = a_file(tmp_path, *ROWS)
    with monkeypatch.context() as crash, pytest.raises(RuntimeError):
        breaking_at(crash, broken)
        read(path, a_mapping())
    run = ImportRun.objects.get()
    assert (run.state, run.done_line) == ("failed", (broken - 1) * 7 + 1 if broken > 1 else 0)
    resume_import(run=run, by=None, at=NOW)
    resumed, counts = dump(), ImportRun.objects.get().counts
    errors = kept.errors_path(run).read_text("utf-8-sig")
    lines = list(ImportLine.objects.values_list("line", "reason"))
    undo_import(run=ImportRun.objects.get(), by=None, at=NOW)
    read(path, a_mapping())
    assert values(dump()) == values(resumed)
    again = ImportRun.objects.latest("pk")
    assert again.counts == counts
    assert kept.errors_path(again).read_text("utf-8-sig") == errors
    assert list(again.lines.values_list("line", "reason")) == lines


@pytest.mark.django_db
def test_only_what_was_cut_off_is_resumed_and_only_the_same_file(tmp_path, small, monkeypatch):
    path = a_file(tmp_path, *ROWS)
    with monkeypatch.context() as crash, pytest.raises(RuntimeError):
        breaking_at(crash, 3)
        read(path, a_mapping())
    a_file(tmp_path, *ROWS[:30])
    with pytest.raises(Refused, match="not the one"):
        resume_import(run=ImportRun.objects.get(), by=None, at=NOW)
    a_file(tmp_path, *ROWS)
    resume_import(run=ImportRun.objects.get(), by=None, at=NOW)
    with pytest.raises(Refused, match="done"):
        resume_import(run=ImportRun.objects.get(), by=None, at=NOW)


@pytest.mark.django_db
def test_a_run_whose_worker_is_gone_is_taken_over_and_one_at_work_is_not(tmp_path, small, monkeypatch):
    with monkeypatch.context() as crash, pytest.raises(RuntimeError):
        breaking_at(crash, 3)
        read(a_file(tmp_path, *ROWS), a_mapping())
    now = timezone.now()
    ImportRun.objects.update(
        state="running", error="", claim="7a0e9d3c-3f3a-4a0e-9df1-0d3c2f1e9a11", beat_at=now
    )
    assert work_due(at=now) == {}
    with pytest.raises(Refused, match="still at work"):
        resume_import(run=ImportRun.objects.get(), by=None, at=now)
    assert work_due(at=now + GONE + timedelta(seconds=1)) == {"imports": 1}
    assert ImportRun.objects.get().state == "done"


@pytest.mark.django_db
def test_the_rows_that_stayed_out_open_in_a_spreadsheet_without_running_anything(tmp_path):
    """RELIABILITY X1."""
    read(a_file(tmp_path, *ROWS), a_mapping())
    lines = kept.errors_path(ImportRun.objects.get()).read_text("utf-8-sig").splitlines()
    assert lines[0] == "id,since,origin,mail,name,visits,outcome,Line,Why it stayed out"
    assert lines[2].startswith("'=cmd(),2025,web,,'+1,")


@pytest.mark.parametrize("begin", sorted(FORMULA))
@pytest.mark.parametrize("before", ["", " ", '"', "\ufeff", "\u00a0"])
def test_a_cell_made_inert_is_read_as_it_was(before, begin):
    cell = f"{before}{begin}1+1"
    assert inert(cell).startswith("'")
    assert _trimmed(inert(cell)) == _trimmed(cell)


@pytest.mark.parametrize("begin", ["\t", "\r", " \t", "\t\r "])
def test_a_tab_or_line_break_before_a_cell_is_left_out(begin):
    for text in ("1+1", "=1+1", "plain"):
        written = inert(f"{begin}{text}")
        assert written.strip()[0] not in "=\t\r" and not {"\t", "\r"} & set(written)
        assert _trimmed(written) == _trimmed(f"{begin}{text}")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a server that two processes share")
@pytest.mark.django_db(transaction=True)
def test_kill_9_in_the_middle_and_resume_leave_what_one_run_leaves(tmp_path):
    rows = [f"{n},2025-03-01,web,p{n}@corp{n % 90}.example,P{n},{n}," for n in range(20_000)]
    path, mapping = a_file(tmp_path, *rows), tmp_path / "m.toml"
    read(a_file(tmp_path / "..", *rows[:1]), a_mapping())
    mapping.write_text(a_mapping().text)
    environment = {**os.environ, "DATA_DIR": str(settings.DATA_DIR), "DATABASE_URL": _test_database()}
    words = [
        sys.executable,
        "manage.py",
        "import_leads",
        str(path),
        "--map",
        str(mapping),
        "--campaign",
        "old",
    ]
    process = subprocess.Popen(words, env=environment, cwd=settings.BASE_DIR)
    until = time.monotonic() + 60
    while time.monotonic() < until and not ImportRun.objects.filter(done_line__gt=3000).exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    run = ImportRun.objects.latest("pk")
    assert run.state == "running" and 3000 < run.done_line < 20_000
    resume_import(run=run, by=None, at=timezone.now() + GONE * 2)
    run.refresh_from_db()
    # The one row that was there before is known.
    assert (run.counts["created"], run.counts["read"], Person.objects.count()) == (19_999, 20_000, 20_000)
    assert Lead.objects.count() == 20_000


def _test_database() -> str:
    at = connection.settings_dict
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
