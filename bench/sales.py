"""The pages of sales at 10,000 and 1,000,000 leads, each beside the same page by hand (`bench.sales_plain`).

    DATABASE_URL=postgres://… python -m bench.sales [--leads 10000 1000000] [--rounds 3]

One lead in twenty is with sales; the rep who looks has 400 open prospects at every size, the manager sees all of them.
Both servers are gunicorn as in production and are asked in turn, page by page. The database is made for the run and
dropped. Prints a table and a line of JSON: statements, milliseconds (p50, p95), CPU a page, ratios, growth.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench.advance import versions
from bench.database import ROOT, own_database
from bench.processes import WEB_SERVER, cpu_seconds, running

DATABASE = "headwater_bench_sales"
PORT = 8231
# page → who looks, our address, the address of the yardstick
PAGES = {
    "today": ("rep0", "/staff/today/", "/today"),
    "person": ("rep0", "/staff/prospects/200/", "/person/200"),
    "board, own": ("rep0", "/staff/board/", "/board"),
    "board, team": ("boss", "/staff/board/?whose=team", "/board?whose=team"),
    "prospects": ("boss", "/staff/prospects/?whose=team", "/prospects"),
    "prospects, deep": ("boss", "", "/prospects?after=400"),
    "search": ("boss", "/staff/search/?q=Nordin1", "/search?q=Nordin1"),
    "accounts": ("rep0", "/staff/accounts/", "/accounts"),
    "forecast": ("boss", "/staff/forecast/", "/forecast"),
    "leads": ("boss", "/staff/leads/", "/leads"),
}


def signed_in(username: str) -> Any:
    """A client of this process whose cookie the servers know too."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model().objects.get(username=username))
    return client


def deep_page() -> str:
    """A page from the middle of the list, as its own cursor has it."""
    from urllib.parse import urlencode

    from leads.keyset import cursor_after
    from prospects.models import Prospect

    row = Prospect.objects.get(pk=400)
    cursor = cursor_after(row, ("-stage_since", "-pk"))
    return "/staff/prospects/?" + urlencode({"whose": "team", "at": cursor})


def statements_of(client: Any, address: str) -> int:
    from django.db import connection

    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    client.get(address)
    with connection.execute_wrapper(note):
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return len(seen)


def asked(port: int, address: str, cookie: str, times: int) -> list[float]:
    """Milliseconds of each of `times` answers on one connection."""
    connection = HTTPConnection("127.0.0.1", port)
    took = []
    for _time in range(times):
        start = time.perf_counter()
        connection.request("GET", address, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        took.append((time.perf_counter() - start) * 1000)
        assert answer.status == 200, (address, answer.status)
    connection.close()
    return took


def beside(name: str, ours: int, plain: int, rounds: int, times: int) -> dict[str, Any]:
    """One page from both servers in turn."""
    who, address, by_hand = PAGES[name]
    client = signed_in(who)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    places = {"ours": (PORT, address or deep_page(), ours), "plain": (PORT + 1, by_hand, plain)}
    took: dict[str, list[float]] = {"ours": [], "plain": []}
    cpu: dict[str, list[float]] = {"ours": [], "plain": []}
    for port, where, _pid in places.values():
        asked(port, where, cookie, 6)
    for _round in range(rounds):
        for whose, (port, where, pid) in places.items():
            before = cpu_seconds({"web": pid, "database": DATABASE})
            took[whose] += asked(port, where, cookie, times)
            after = cpu_seconds({"web": pid, "database": DATABASE})
            cpu[whose].append(sum(after[part] - before[part] for part in after) * 1000 / times)
    found: dict[str, Any] = {"statements": statements_of(client, places["ours"][1])}
    for whose, each in took.items():
        each.sort()
        found[whose] = {
            "p50": round(statistics.median(each), 1),
            "p95": round(each[len(each) * 95 // 100], 1),
            "cpu_ms": round(statistics.median(cpu[whose]), 1),
        }
    found["ratio"] = round(found["ours"]["p50"] / found["plain"]["p50"], 2)
    found["cpu_ratio"] = round(found["ours"]["cpu_ms"] / max(found["plain"]["cpu_ms"], 0.1), 2)
    return found


def at_size(leads: int, ours: int, plain: int, rounds: int, times: int) -> dict[str, Any]:
    print(f"\n{leads:,} leads, {leads // 20:,} prospects; load {os.getloadavg()[0]:.1f}")
    print(f"{'':16}statements   p50    p95   CPU ms    by hand: p50    p95   CPU ms    ratio   of CPU")
    found = {}
    for name in PAGES:
        one = found[name] = beside(name, ours, plain, rounds, times)
        mine, hand = one["ours"], one["plain"]
        print(
            f"{name:16}{one['statements']:10}{mine['p50']:6.1f}{mine['p95']:7.1f}{mine['cpu_ms']:9.1f}"
            f"{hand['p50']:17.1f}{hand['p95']:7.1f}{hand['cpu_ms']:9.1f}{one['ratio']:9.2f}{one['cpu_ratio']:9.2f}",
            flush=True,
        )
    return found


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    import django

    django.setup()
    from bench import sales_world

    ids = sales_world.make_house()
    have = sales_world.made()
    environment = os.environ | {"BIND": f"127.0.0.1:{PORT}", "BENCH_REP": str(ids["reps"])}
    by_hand = [
        sys.executable, "-m", "gunicorn", "-c", "/dev/null", "-w", "2", "-k", "gthread", "--threads", "4",
        "--keep-alive", "5", "--no-control-socket", "--log-level", "error", "-b", f"127.0.0.1:{PORT + 1}",
        "bench.sales_plain",
    ]  # fmt: skip
    sizes: dict[str, Any] = {}
    for leads in options.leads:
        since = time.monotonic()
        if leads > have:
            sales_world.grow(ids, have, leads)
            have = leads
        print(f"{leads:,} leads made in {time.monotonic() - since:.0f} s", file=sys.stderr, flush=True)
        with (
            running(WEB_SERVER, environment, folder / "ours.log", PORT) as ours,
            running(by_hand, environment, folder / "plain.log", PORT + 1) as plain,
        ):
            sizes[str(leads)] = at_size(leads, ours.pid, plain.pid, options.rounds, options.times)
    return {"bench": "sales", "sizes": sizes, "load": os.getloadavg()[0], **versions()}


def grown(found: dict[str, Any]) -> None:
    """Whether a page asks the same number of questions at every size."""
    small, large = (list(found["sizes"].values())[place] for place in (0, -1))
    found["constant"] = all(small[name]["statements"] == large[name]["statements"] for name in PAGES)
    found["growth"] = {
        name: round(large[name]["ours"]["p50"] / small[name]["ours"]["p50"], 2) for name in PAGES
    }
    print(
        f"\nthe same number of statements at every size: {found['constant']}; p50, last of first: {found['growth']}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=30, help="of each page in a round")
    parser.add_argument("--keep", action="store_true", help="the database is used again and stays")
    options = parser.parse_args()
    more = {"BASE_URL": f"http://127.0.0.1:{PORT}", "LOG_LEVEL": "ERROR", "WEB_CONCURRENCY": "2"}
    with own_database(DATABASE, keep=options.keep, **more) as data:
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], cwd=ROOT, check=True
        )
        found = measure(options, data)
    grown(found)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
