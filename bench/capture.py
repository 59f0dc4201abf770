"""Forms a second: our landing page beside a bare Django view, at 10 k and at 1 M leads, and without Redis.

    make bench            (or: python -m bench.capture --help)

One run, rounds in turn, medians of the rounds. CPU is that of the web processes and of their database sessions.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg

from bench.between import Relay
from bench.processes import WEB_SERVER, memory_mb, running

NAME = "headwater_bench"
BODY = {
    "email": "ada{n}@firm{n}.example", "first_name": "Ada", "company": "Firm {n}", "job_title": "Head of maintenance",
    "consent": "on", "website": "",
}  # fmt: skip
QUERY = "utm_source=search&utm_medium=cpc&utm_campaign=bench"


def main() -> None:
    asked = _arguments()
    server = urlsplit(os.environ.get("DATABASE_URL") or "postgres://127.0.0.1:5432/postgres")
    store = urlsplit(os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/14")
    started = time.monotonic()
    with psycopg.connect(server._replace(path="/postgres", query="").geturl(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {NAME}")
        try:
            with tempfile.TemporaryDirectory() as folder:
                Bench(asked, server._replace(path=f"/{NAME}").geturl(), store, Path(folder)).run(started)
        finally:
            if not asked.keep:
                admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, nargs="*", default=[10_000, 1_000_000], help="sizes, growing")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--port", type=int, default=8301)
    parser.add_argument("--keep", action="store_true", help="keep the database")
    return parser.parse_args()


class Bench:
    """Both servers over one database, and the relay before Redis."""

    def __init__(self, asked: argparse.Namespace, database: str, store, folder: Path) -> None:
        self.asked, self.folder, self.numbers = asked, folder, count(1_000)
        self.relay = Relay((store.hostname, store.port or 6379))
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
        self.environment = kept | {
            "DATABASE_URL": database, "ENV_FILE": str(folder / "none"), "DATA_DIR": str(folder),
            "REDIS_URL": f"redis://127.0.0.1:{self.relay.port}{store.path or '/14'}", "TRUSTED_PROXIES": "127.0.0.1/32",
            "BASE_URL": f"http://127.0.0.1:{asked.port}", "LOG_LEVEL": "ERROR", "WEB_CONCURRENCY": "2",
        }  # fmt: skip
        self.next_number = 2_000_000
        self.ids: dict[str, int] = {}

    def run(self, started: float) -> None:
        os.environ |= self.environment
        self._manage("migrate", "-v0")
        self._manage("collectstatic", "--noinput", "-v0")
        from bench import world

        self.ids = world.make_page()
        subprocess.run([sys.executable, "-m", "bench.bare"], env=self.environment, check=True)
        print(self._about())
        found: dict = {"sizes": {}}
        with self._ours() as ours, self._bare() as bare:
            self.nonce = self._nonce()
            have = 0
            for leads in self.asked.leads:
                since = time.monotonic()
                world.grow(self.ids, have + 1, leads)
                have = leads
                took, touches = time.monotonic() - since, world.sizes()["touches"]
                print(f"\n{leads:,} leads, {touches:,} touches (made in {took:.0f} s)")
                found["sizes"][str(leads)] = self._beside(ours.pid, bare.pid)
            found["redis"] = self._without_redis(ours.pid)
            found["alike"] = self._alike()
            found["memory_mb"] = {"ours": memory_mb(ours.pid), "bare": memory_mb(bare.pid)}
        found |= self._versions() | {"seconds": round(time.monotonic() - started)}
        _sum_up(found)
        print(json.dumps({"bench": "capture", **found}))

    def _manage(self, *words: str) -> None:
        subprocess.run([sys.executable, "manage.py", *words], env=self.environment, check=True)

    def _ours(self):
        environment = self.environment | {"BIND": f"127.0.0.1:{self.asked.port}"}
        return running(WEB_SERVER, environment, self.folder / "ours.log", self.asked.port)

    def _bare(self):
        command = [
            sys.executable, "-m", "gunicorn", "-c", "/dev/null", "-w", "2", "-k", "gthread", "--threads", "4",
            "--keep-alive", "5", "--no-control-socket", "--log-level", "error",
            "-b", f"127.0.0.1:{self.asked.port + 1}", "bench.bare",
        ]  # fmt: skip
        return running(command, self.environment, self.folder / "bare.log", self.asked.port + 1)

    def _nonce(self) -> str:
        """The signed word of a form that was shown a while ago: sooner than three seconds no human sends one."""
        from leads.nonce import make

        word = make()
        time.sleep(3.2)
        return word

    def load(self, whose: str, pid: int, connections: int) -> dict:
        ours = whose == "ours"
        body = urlencode(BODY | {"nonce": self.nonce}, safe="{}")
        job = {
            "port": self.asked.port + (not ours), "path": f"/p/bench/?{QUERY}" if ours else f"/take/?{QUERY}",
            "body": body, "connections": connections, "seconds": self.asked.seconds, "warm": 1.5,
            "processes": {"web": pid, "database": NAME}, "first": self.next_number,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "bench.load", json.dumps(job)], capture_output=True, text=True, check=True
        )
        found = json.loads(done.stdout)
        self.next_number = found["last"] + 1000
        wanted = "303" if ours else "302"
        if set(found["statuses"]) != {wanted}:
            print(f"  {whose}: not every answer was {wanted}: {found['statuses']}")
        return found

    def _beside(self, ours: int, bare: int) -> dict:
        """Both servers in turn; what one round says is compared within the round."""
        table: dict = {}
        for connections in (8, 32):
            rounds = []
            for number in range(self.asked.rounds):
                turn = [("bare", bare), ("ours", ours)]
                rounds.append(
                    {w: self.load(w, p, connections) for w, p in (turn if number % 2 else turn[::-1])}
                )
            table[str(connections)] = _medians(rounds)
            _print_beside(connections, table[str(connections)])
        return table

    def _without_redis(self, ours: int) -> dict:
        """Rates with Redis stopped and hung, each beside the rate with it in the same round."""
        rates: dict[str, list[float]] = {"passing": [], "stopped": [], "hung": []}
        slowest: dict[str, list[float]] = {mode: [] for mode in rates}
        for _round in range(self.asked.rounds):
            for mode in rates:
                self.relay.set(mode)
                found = self.load("ours", ours, 8)
                rates[mode].append(found["rate"])
                slowest[mode].append(found["p95"])
            self.relay.set("passing")
            time.sleep(11)  # the breaker closes again
        shares = {
            m: [r / u for r, u in zip(each, rates["passing"], strict=True)] for m, each in rates.items()
        }
        print("\nRedis       requests/s   of usual   p95 ms")
        found = {}
        for mode, each in rates.items():
            row = found[mode] = {
                "rate": statistics.median(each), "of_usual": round(statistics.median(shares[mode]), 3),
                "p95": statistics.median(slowest[mode]),
            }  # fmt: skip
            print(f"{mode:10} {row['rate']:11.0f} {row['of_usual']:10.2f} {row['p95']:8.1f}")
        return found

    def _alike(self, pairs: int = 200) -> dict:
        """Mean milliseconds of an answer to somebody known, unknown and suppressed, in turn."""
        from django.utils import timezone

        from leads.consent import suppress

        for n in range(pairs):
            suppress(email_key=f"stopped{n}@firm.example", reason="unsubscribed", at=timezone.now())
        connection = HTTPConnection("127.0.0.1", self.asked.port)
        took: dict[str, list[float]] = {"unknown": [], "known": [], "suppressed": []}
        for n in range(pairs):
            whose = {"unknown": f"new{n}@firm.example", "known": f"p{n * 3 + 1}@firm{n * 3 + 1}.example",
                     "suppressed": f"stopped{n}@firm.example"}  # fmt: skip
            for kind, email in whose.items():
                body = urlencode(
                    {k: v.replace("{n}", str(n)) for k, v in BODY.items()}
                    | {"email": email, "nonce": self.nonce}
                )
                head = {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "X-Forwarded-For": f"10.9.{n % 250}.{n // 250}",
                }
                start = time.perf_counter()
                connection.request("POST", f"/p/bench/?{QUERY}", body, head)
                answer = connection.getresponse()
                answer.read()
                took[kind].append((time.perf_counter() - start) * 1000)
                assert answer.status == 303, answer.status
        means = {kind: round(statistics.mean(each), 2) for kind, each in took.items()}
        print(
            f"\nMean ms of {pairs} answers each: " + ", ".join(f"{kind} {ms}" for kind, ms in means.items())
        )
        return means

    def _about(self) -> str:
        from django.db import connection

        with connection.cursor() as cursor:
            shown = {}
            for name in (
                "server_version",
                "fsync",
                "synchronous_commit",
                "full_page_writes",
                "shared_buffers",
            ):
                cursor.execute(f"SHOW {name}")
                shown[name] = cursor.fetchone()[0]
        self.database = shown
        return "PostgreSQL " + ", ".join(f"{k} {v}" for k, v in shown.items()) + f", {os.cpu_count()} cores"

    def _versions(self) -> dict:
        import django
        import gunicorn

        return {"versions": {"python": sys.version.split()[0], "django": django.__version__,
                             "gunicorn": gunicorn.__version__, "postgresql": self.database}}  # fmt: skip


def _medians(rounds: list[dict]) -> dict:
    """Medians of both, and of what each round says of one against the other."""
    found: dict = {
        whose: {
            name: round(statistics.median(each[whose][name] for each in rounds), 2)
            for name in ("rate", "p50", "p95", "p99", "cpu_ms")
        }
        for whose in ("bare", "ours")
    }
    found["ours"]["cpu_of"] = rounds[-1]["ours"]["cpu_of"]
    found["bare"]["cpu_of"] = rounds[-1]["bare"]["cpu_of"]
    found["cpu_ratio"] = round(
        statistics.median(r["ours"]["cpu_ms"] / r["bare"]["cpu_ms"] for r in rounds), 2
    )
    found["rate_ratio"] = round(statistics.median(r["ours"]["rate"] / r["bare"]["rate"] for r in rounds), 2)
    return found


def _print_beside(connections: int, found: dict) -> None:
    if connections == 8:
        print("connections  whose  requests/s   p50    p95    p99 ms   CPU ms (web, database)")
    for whose in ("bare", "ours"):
        row = found[whose]
        cpu = ", ".join(f"{ms:.2f}" for ms in row["cpu_of"].values())
        print(f"{connections:11}  {whose}  {row['rate']:10.0f} {row['p50']:6.1f} {row['p95']:6.1f} {row['p99']:6.1f}"
              f"      {row['cpu_ms']:.2f} ({cpu})")  # fmt: skip
    print(
        f"{'':11}  ratio: {found['cpu_ratio']} x the CPU (target 2.5), {found['rate_ratio']} x the rate (target 0.4)"
    )


def _sum_up(found: dict) -> None:
    sizes = list(found["sizes"])
    if len(sizes) < 2:
        return
    small, large = (found["sizes"][size]["8"] for size in (sizes[0], sizes[-1]))
    growth = round(large["cpu_ratio"] / small["cpu_ratio"], 2)
    found["growth"] = growth
    print(
        f"\nCPU at {int(sizes[-1]):,} leads, in bare views, against {int(sizes[0]):,}: {growth} (target 1.1)"
    )


if __name__ == "__main__":
    main()
