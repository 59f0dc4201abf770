"""Forms a second beside a full run of scores that changes every row, and alone: the p95 of one beside the other."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.capture import BODY, QUERY
from bench.processes import ROOT, WEB_SERVER, running

CONNECTIONS = 8


def beside_capture(asked: argparse.Namespace, again: Callable[[], None], at: datetime) -> dict[str, Any]:
    """`again` makes every score differ once more. The run begins with the load and is loaded until it ends."""
    from bench import world
    from leads.nonce import make

    world.make_page()
    nonce = make()
    again()
    environment = os.environ | {
        "WEB_CONCURRENCY": "2", "BIND": f"127.0.0.1:{asked.port}", "LOG_LEVEL": "ERROR",
        "BASE_URL": f"http://127.0.0.1:{asked.port}", "TRUSTED_PROXIES": "127.0.0.1/32",
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], cwd=ROOT, check=True
        )
        with running(WEB_SERVER, environment, Path(folder) / "web.log", asked.port) as web:
            time.sleep(3.2)  # sooner than that no human sends a form

            def load(seconds: float, first: int) -> dict[str, Any]:
                job = {
                    "port": asked.port, "path": f"/p/bench/?{QUERY}",
                    "body": urlencode(BODY | {"nonce": nonce}, safe="{}"),
                    "connections": CONNECTIONS, "seconds": seconds, "warm": 1.5, "first": first,
                    "processes": {"web": web.pid, "database": asked.database},
                }  # fmt: skip
                words = [sys.executable, "-m", "bench.load", json.dumps(job)]
                done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
                return json.loads(done.stdout)

            alone = load(8, 3_000_000)
            run = subprocess.Popen(
                [sys.executable, "-m", "bench.rescore", "--run", at.isoformat(), "--database", asked.database],
                cwd=ROOT, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            time.sleep(2)
            rounds = [load(8, 4_000_000)]
            while run.poll() is None and len(rounds) < 6:
                rounds.append(load(8, 4_000_000 + len(rounds) * 1_000_000))
            print_of_run, _ = run.communicate()
    if len(rounds) > 1:
        rounds.pop()  # the run ended in it
    meanwhile = max(rounds, key=lambda one: one["p95"])
    return {
        "alone": alone, "meanwhile": meanwhile, "rounds": len(rounds), "run": json.loads(print_of_run.splitlines()[-1]),
        "ratio": round(meanwhile["p95"] / alone["p95"], 2),
    }  # fmt: skip
