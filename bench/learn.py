"""Learning from a real export (REAL_DATA): time and memory of one fit and of scoring all rows, and how good they are.

python -m bench.learn            a process of its own fits and scores; this one adds five parts, leaks, 200 leads
python -m bench.learn once       only the fit and the scoring, as JSON: CPU seconds and peak memory
"""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from leads.scoring.learn.examples import Examples

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
DATA = Path(os.environ.get("REAL_DATA", "/nowhere")) / "x-education" / "leads_train.csv"
IDS = {"Prospect ID", "Lead Number", "Converted"}
VENDORS = {f"Asymmetrique {what} {kind}" for what in ("Activity", "Profile") for kind in ("Index", "Score")}
NEVER = IDS | VENDORS | {"Tags", "Lead Quality", "Lead Profile", "Last Notable Activity"}
DOUBTFUL = {
    "Last Activity",
    "What is your current occupation",
    "What matters most to you in choosing a course",
}


def students(without: set[str]) -> Examples:
    from leads.scoring.learn.examples import Column, Examples

    with DATA.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name not in without]
    columns = (
        Column("fact", name, name, ["" if row[name] == "Select" else row[name] for row in rows])
        for name in names
    )
    return Examples(tuple(columns), tuple(row["Converted"] == "1" for row in rows))


def once() -> dict[str, float]:
    """CPU seconds of one fit and of scoring all rows, and the peak memory of the process with Django in it (MB)."""
    from leads.scoring.learn.table import learn

    examples = students(NEVER)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, wall = time.process_time(), time.monotonic()
    table = learn(examples)
    fitted = time.process_time()
    table.points_of(examples)
    return {
        "rows": len(examples),
        "fit_s": round(fitted - began, 2),
        "score_s": round(time.process_time() - fitted, 2),
        "wall_s": round(time.monotonic() - wall, 2),
        "before_mb": round(before),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def good() -> dict[str, Any]:
    """In five parts with all honest columns and without the doubtful ones; what gives the outcome away; 200 leads."""
    from leads.scoring.learn.figures import auc
    from leads.scoring.learn.leaks import left_out
    from leads.scoring.learn.table import learn
    from leads.scoring.learn.trial import try_out

    found: dict[str, Any] = {}
    for name, without in (("all", NEVER), ("without_doubtful", NEVER | DOUBTFUL)):
        trial = try_out(students(without))
        found[name] = {
            "auc_points": round(trial.auc, 4),
            "auc_weights": round(trial.auc_of_weights, 4),
            "auc_in_time": None if trial.auc_in_time is None else round(trial.auc_in_time, 4),
            "ece_points": round(trial.calibration_error, 4),
            "ece_weights": round(trial.calibration_error_of_weights, 4),
        }
    every = students(NEVER)
    areas = []
    for seed in range(20):
        places = list(range(len(every)))
        random.Random(seed).shuffle(places)
        others = every.rows(places[200:])
        areas.append(auc(learn(every.rows(places[:200])).points_of(others), others.won))
    found["of_200"] = {"mean_auc": round(sum(areas) / 20, 4), "worst": round(min(areas), 4)}
    found["tells"] = {one.column.label: one.auc for one in left_out(students(IDS)) if one.why == "tells"}
    return found


def main() -> None:
    if not DATA.is_file():
        sys.exit("REAL_DATA names no folder with x-education; nothing is measured.")
    django.setup()
    if "once" in sys.argv[1:]:
        print(json.dumps(once()))
        return
    command = [sys.executable, "-m", "bench.learn", "once"]
    apart = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(
        f"{apart['rows']} rows: fit {apart['fit_s']} s and scoring {apart['score_s']} s of CPU, "
        f"{apart['wall_s']} s by the clock, peak {apart['peak_mb']} MB ({apart['before_mb']} MB before)"
    )
    figures = good()
    for name in ("all", "without_doubtful"):
        print(f"{name}: {figures[name]}")
    print(f"200 closed leads, 20 draws: {figures['of_200']}")
    print(f"gives the outcome away: {figures['tells']}")
    print(json.dumps({"learn": apart | figures}))


if __name__ == "__main__":
    main()
