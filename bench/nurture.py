"""Mails a second through the whole path (claim, gate, render, send, record) beside a bare loop, at 10 k and 1 M people.

    make bench            (or: python -m bench.nurture --help)

One slot and two slots; rounds in turn, ratios of one round, medians of the rounds. The mail server is a process too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench.processes import ROOT, memory_mb

NAME = "headwater_bench_mail"


def main() -> None:
    asked = _arguments()
    server = urlsplit(os.environ.get("DATABASE_URL") or "postgres://127.0.0.1:5432/postgres")
    started = time.monotonic()
    with psycopg.connect(server._replace(path="/postgres", query="").geturl(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {NAME}")
        try:
            with tempfile.TemporaryDirectory() as folder, sink() as port:
                found = Bench(asked, server._replace(path=f"/{NAME}").geturl(), Path(folder), port).run()
        finally:
            if not asked.keep:
                admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
    print(json.dumps({"bench": "nurture", **found, "seconds": round(time.monotonic() - started)}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="*", default=[10_000, 1_000_000], help="sizes, growing")
    parser.add_argument("--due", type=int, default=4_000, help="mails due at each size")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="keep the database")
    return parser.parse_args()


@contextmanager
def sink():
    """The mail server; gives its port."""
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        port = any_port.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "bench.sink", str(port)], cwd=ROOT)
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def taken(port: int) -> int:
    """How many mails the server has taken."""
    for _try in range(50):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                line.recv(100)
                line.sendall(b"COUNT\r\n")
                return int(line.recv(100).split()[1])
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise SystemExit("The mail server of the bench does not answer.")


class Bench:
    """One database that grows, and senders that are started beside it."""

    def __init__(self, asked: argparse.Namespace, database: str, folder: Path, port: int) -> None:
        self.asked, self.folder, self.port = asked, folder, port
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
        self.environment = kept | {
            "DATABASE_URL": database, "ENV_FILE": str(folder / "none"), "DATA_DIR": str(folder), "LOG_LEVEL": "ERROR",
            "EMAIL_URL": f"smtp://127.0.0.1:{port}", "BASE_URL": "https://www.averdahl.example",
            "REDIS_URL": os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/14",
        }  # fmt: skip

    def run(self) -> dict:
        os.environ |= self.environment
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"], env=self.environment, check=True, cwd=ROOT
        )
        from bench import nurture_world as world

        ids, have, found = world.make_sequence(), 0, {"sizes": {}, **self._about()}
        for people in self.asked.people:
            since = time.monotonic()
            world.grow(ids, have + 1, people)
            have = people
            print(
                f"\n{people:,} people on it, {self.asked.due:,} mails due (made in {time.monotonic() - since:.0f} s)"
            )
            found["sizes"][str(people)] = self._size(world, people)
        return _summed_up(found)

    def _size(self, world, people: int) -> dict:
        from bench.bare_mail import write_templates

        file = self.folder / "bare.json"
        rounds: list[dict] = []
        print(f"{'':>8} {'bare loop':>24} {'one slot':>24} {'two slots':>24}  (sender's CPU + database's)")
        for _round in range(self.asked.rounds):
            world.make_due(self.asked.due, people)
            if not file.exists():
                write_templates(file)
            one = self._send(["ledger"], 1)
            bare = self._send(["bare", str(file), str(self.asked.due // 2)], 1)
            world.make_due(self.asked.due, people)
            two = self._send(["ledger"], 2)
            rounds.append({"bare": bare, "one": one, "two": two})
            print(f"{'':>8} " + " ".join(map(_told, (bare, one, two))))
        return {
            "bare": _middle(rounds, "bare"), "one": _middle(rounds, "one"), "two": _middle(rounds, "two"),
            "one_to_bare": round(statistics.median(r["one"]["rate"] / r["bare"]["rate"] for r in rounds), 2),
            "two_to_one": round(statistics.median(r["two"]["rate"] / r["one"]["rate"] for r in rounds), 2),
            "cpu_to_bare": round(statistics.median(r["one"]["cpu_us"] / r["bare"]["cpu_us"] for r in rounds), 2),
        }  # fmt: skip

    def _send(self, words: list[str], slots: int) -> dict:
        """Rate of all slots together, and CPU of a mail in the senders and in their processes of the database."""
        before = taken(self.port)
        command = [sys.executable, "-m", "bench.slot", *words]
        senders = [
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _slot in range(slots)
        ]
        for sender in senders:
            assert sender.stdout.readline() == "ready\n"
        start = time.perf_counter()
        for sender in senders:
            sender.stdin.write("go\n")
            sender.stdin.flush()
        said = [json.loads(sender.stdout.readline()) for sender in senders]
        wall = time.perf_counter() - start
        for sender in senders:
            sender.stdin.close()
            sender.wait(20)
        sent = sum(one["counts"]["sent"] for one in said)
        assert sent == taken(self.port) - before, (sent, said)
        return {
            "rate": round(sent / wall, 1), "mails": sent,
            "cpu_us": round(sum(one["cpu"] for one in said) / sent * 1e6),
            "database_us": round(sum(one["database"] for one in said) / sent * 1e6),
        }  # fmt: skip

    def _about(self) -> dict:
        with psycopg.connect(self.environment["DATABASE_URL"]) as line:
            asked = ("server_version", "fsync", "synchronous_commit")
            database = {name: next(iter(line.execute(f"SHOW {name}")))[0] for name in asked}
        import django

        about = {"postgresql": database, "python": platform.python_version(), "django": django.__version__}
        print(json.dumps(about))
        return {"about": about, "memory_mb": memory_mb(os.getpid())}


def _told(case: dict) -> str:
    return f"{case['rate']:>9.0f}/s {case['cpu_us']:>5.0f}+{case['database_us']:>4.0f} µs"


def _middle(rounds: list[dict], case: str) -> dict:
    keys = ("rate", "cpu_us", "database_us", "mails")
    return {key: statistics.median(one[case][key] for one in rounds) for key in keys}


def _summed_up(found: dict) -> dict:
    sizes = list(found["sizes"].items())
    print()
    for people, size in sizes:
        print(
            f"{int(people):>9,} people: one slot {size['one_to_bare']} × the bare loop (at least 2), "
            f"two slots {size['two_to_one']} × one (at least 1.7)"
        )
    if len(sizes) > 1:
        first, last = sizes[0][1], sizes[-1][1]
        found["cost_at_most_people"] = round(last["one"]["cpu_us"] / first["one"]["cpu_us"], 2)
        found["rate_at_most_people"] = round(last["one_to_bare"] / first["one_to_bare"], 2)
        print(
            f"{sizes[-1][0]} beside {sizes[0][0]} people: {found['cost_at_most_people']} × the CPU a mail, "
            f"{found['rate_at_most_people']} × the rate beside the bare loop (flat: 1)"
        )
    return found


if __name__ == "__main__":
    main()
