"""The kill storm: 10,000 due mails, and 200 times kill -9 among those who send them.

    make storm            (or: python -m bench.storm --help)

Two groups of Celery workers, beat, PostgreSQL, a Redis of its own that is flushed and killed meanwhile, and a mail
server that hangs up on 2 % after DATA. Exit 1 where a mail was lost, sent twice after a 250, or is in doubt beyond
the bound (docs/sending.md).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis

from bench.processes import ROOT, tree
from bench.storm_sink import Sink, free_port

NAME = "headwater_storm"
GROUPS, CHILDREN = 2, 2
OF_A_HUNDRED = {"child": 76, "group": 18, "beat": 6}  # what is killed


@dataclass
class Plan:
    """What the storm does: mails by kind, kills, and how the mail server behaves."""

    mails: int = 9_500
    downloads: int = 500
    kills: int = 200
    redis_kills: int = 4
    flushes: int = 6
    drops: float = 0.02
    seconds: float = 0.01  # the mail server takes for one mail
    seed: int = 4
    quiet_within: float = 240.0
    longest: float = 1200.0

    @property
    def all(self) -> int:
        return self.mails + self.downloads


@dataclass
class Storm:
    """The processes under fire, and what was done to them."""

    folder: Path
    environment: dict[str, str]
    sink: Sink
    plan: Plan
    done: Counter[str] = field(default_factory=Counter)
    slots_killed: int = 0
    starts: Counter[str] = field(default_factory=Counter)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    chance: random.Random = field(default_factory=random.Random)

    def start(self, name: str) -> None:
        self.starts[name] += 1
        with open(self.folder / f"{name}.{self.starts[name]}.log", "wb") as log:
            self.processes[name] = subprocess.Popen(
                self._command(name), cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )  # fmt: skip

    def _command(self, name: str) -> list[str]:
        if name == "redis":
            port = str(urlsplit(self.environment["REDIS_URL"]).port)
            return ["redis-server", "--port", port, "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
        celery = [sys.executable, "-m", "celery", "-A", "crm"]
        if name == "beat":
            return [*celery, "beat", "-s", str(self.folder / "beat"), "--pidfile=", "--loglevel", "ERROR"]
        options = ["-Q", "jobs,mail,bulk", "-c", str(CHILDREN), "-n", f"{name}@%h", "--loglevel", "ERROR"]
        return [*celery, "worker", *options]

    @property
    def groups(self) -> list[str]:
        return [f"group{number}" for number in range(GROUPS)]

    def start_all(self) -> None:
        for name in ("redis", *self.groups, "beat"):
            self.start(name)

    def kill_all(self) -> None:
        for process in self.processes.values():
            _killpg(process)

    def look_after(self) -> None:
        """Who ended by itself is started again, as any supervisor does."""
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.done[f"ended by itself: {name.rstrip('0123456789')}"] += 1
                self.start(name)

    def kill_one(self) -> None:
        """kill -9 of a pool child, a whole worker group, or beat."""
        what = self.chance.choices(list(OF_A_HUNDRED), list(OF_A_HUNDRED.values()))[0]
        if what == "child" and not self._kill_child():
            what = "group"
        if what in ("group", "beat"):
            name = self.chance.choice(self.groups) if what == "group" else "beat"
            _killpg(self.processes[name])
            self.slots_killed += CHILDREN if what == "group" else 0
            self.start(name)
        self.done[what] += 1

    def _kill_child(self) -> bool:
        children = [pid for name in self.groups for pid in tree(self.processes[name].pid)[1:]]
        if not children:
            return False
        try:
            os.kill(int(self.chance.choice(children)), signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.slots_killed += 1
        return True

    def flush(self) -> None:
        try:
            with redis.Redis.from_url(self.environment["REDIS_URL"], socket_timeout=2) as broker:
                broker.flushall()
            self.done["redis flushed"] += 1
        except redis.RedisError:
            self.done["flush refused"] += 1

    def kill_redis(self) -> None:
        _killpg(self.processes["redis"])
        self.start("redis")
        self.done["redis killed"] += 1

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(done.stderr[-3000:])
        return done.stdout

    def report(self) -> dict[str, Any]:
        return json.loads(self.run("-m", "bench.storm_mails", "report"))


def _killpg(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def blow(storm: Storm) -> None:
    """All kills, spread over the mails: the next one comes when so many have arrived, or after five seconds."""
    plan, began = storm.plan, time.monotonic()
    acts = _acts(plan, storm.chance)
    spread = plan.all * 0.95 / len(acts)
    for number, act in enumerate(acts, 1):
        patience = time.monotonic() + 5
        while sum(storm.sink.arrived.values()) < number * spread and time.monotonic() < patience:
            time.sleep(0.01)
        time.sleep(storm.chance.random() * 0.05)  # anywhere in the life of a mail
        storm.look_after()
        {"kill": storm.kill_one, "flush": storm.flush, "redis": storm.kill_redis}[act]()
        if time.monotonic() - began > plan.longest:
            raise SystemExit(f"only {number} of {len(acts)} acts in {plan.longest:.0f} s")


def _acts(plan: Plan, chance: random.Random) -> list[str]:
    acts = ["kill"] * plan.kills + ["flush"] * plan.flushes + ["redis"] * plan.redis_kills
    chance.shuffle(acts)
    return acts


def until_quiet(storm: Storm) -> float:
    """Seconds from the last kill until no mail waits or is being sent any more."""
    began = time.monotonic()
    while time.monotonic() - began < storm.plan.quiet_within:
        storm.look_after()
        states = {row[1] for row in storm.report()["rows"].values()}
        if states.isdisjoint({"scheduled", "sending"}):
            break
        time.sleep(1)
    return time.monotonic() - began


@dataclass(frozen=True)
class Outcome:
    """What the ledger and the mail server say in the end, and which of the promises do not hold."""

    figures: dict[str, Any]
    broken: list[str]
    in_doubt: list[str]


def judged(storm: Storm, *, seconds: float, quiet: float) -> Outcome:
    """Compare the ledger with what the mail server took."""
    rows, sink, plan = storm.report()["rows"], storm.sink, storm.plan
    states = Counter(row[1] for row in rows.values())
    copies: Counter[str] = Counter()
    for (address, _), number in sink.arrived.items():
        copies[address] += number
    sequence = {address for address, row in rows.items() if row[0] == "sequence"}
    asked = set(rows) - sequence
    unknown = [address for address, row in rows.items() if row[1] == "unknown"]
    sent = {address for address, row in rows.items() if row[1] == "sent"}
    bound = storm.slots_killed + sink.dropped
    figures = {
        "mails": plan.all, "kills": plan.kills, **storm.done, "slots killed": storm.slots_killed,
        "dropped after DATA": sink.dropped, **{f"state {name}": number for name, number in states.items()},
        "sequence mail more than once": sum(copies[address] > 1 for address in sequence),
        "asked-for mail more than once": sum(copies[address] > 1 for address in asked),
        "asked-for mail more than twice": sum(copies[address] > 2 for address in asked),
        "other Message-ID": sum(rows[address][2] != mail_id for address, mail_id in sink.arrived),
        "lost": plan.all - states["sent"] - states["unknown"] + len(sent - set(copies)),
        "sent without a ground": sum(not rows[address][4] for address in sent),
        "in doubt": len(unknown), "bound": bound,
        "in doubt that arrived": sum(copies[address] > 0 for address in unknown),
        "seconds of storm": round(seconds, 1), "seconds until quiet": round(quiet, 1),
    }  # fmt: skip
    promises = {
        "sequence mail more than once": figures["sequence mail more than once"] == 0,
        "asked-for mail more than twice": figures["asked-for mail more than twice"] == 0,
        "other Message-ID": figures["other Message-ID"] == 0,
        "lost": figures["lost"] == 0,
        "sent without a ground": figures["sent without a ground"] == 0,
        "in doubt": len(unknown) <= bound,
    }
    broken = [name for name, holds in promises.items() if not holds]
    return Outcome(figures, broken, [f"{rows[address][5]} {address}" for address in sorted(unknown)])


@contextmanager
def fresh_database(server: str, name: str) -> Iterator[str]:
    """A database of that name, made anew and dropped in the end."""
    parts = urlsplit(server)
    with psycopg.connect(parts._replace(path="/postgres", query="").geturl(), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield parts._replace(path=f"/{name}", query="").geturl()
        finally:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def weather(
    plan: Plan, database: str, folder: Path, say: Callable[[str], Any] = lambda words: None
) -> Outcome:
    """One whole storm on an empty database, and what is left after it."""
    sink = Sink(drops=plan.drops, seconds=plan.seconds, seed=plan.seed)
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    environment = kept | {
        "DATA_DIR": str(folder), "DATABASE_URL": database, "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}", "ENV_FILE": str(folder / "none"),
    }  # fmt: skip
    storm = Storm(folder, environment, sink, plan, chance=random.Random(plan.seed))
    storm.run("manage.py", "migrate", "-v0")
    storm.run("-m", "bench.storm_mails", "seed", str(plan.mails), str(plan.downloads))
    sink.controller.start()
    say(f"{plan.all:,} mails are due; {plan.kills} kills begin.\n")
    began = time.monotonic()
    try:
        storm.start_all()
        blow(storm)
        seconds = time.monotonic() - began
        quiet = until_quiet(storm)
    finally:
        storm.kill_all()
        sink.controller.stop()
    return judged(storm, seconds=seconds, quiet=quiet)


def _keep_logs(folder: Path, logs: Path) -> None:
    logs.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        shutil.copy(log, logs)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, value in vars(Plan()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    parser.add_argument("--name", default=NAME, help="of the database")
    parser.add_argument(
        "--logs", type=Path, help="folder to keep the logs in, one of each start of each process"
    )
    given = vars(parser.parse_args(words))
    server, name = os.environ.get("DATABASE_URL") or "postgres://127.0.0.1:5432/postgres", given.pop("name")
    logs = given.pop("logs")
    with tempfile.TemporaryDirectory() as folder, fresh_database(server, name) as database:
        outcome = weather(Plan(**given), database, Path(folder), sys.stdout.write)
        if logs:
            _keep_logs(Path(folder), logs)
    width = max(map(len, outcome.figures))
    for figure, value in outcome.figures.items():
        sys.stdout.write(
            f"{figure:<{width}}  {value:>10,}{'  <- BROKEN' if figure in outcome.broken else ''}\n"
        )
    sys.stdout.write("\nIn doubt, each to be decided in the admin (Messages, not known):\n")
    sys.stdout.writelines(f"  {line}\n" for line in outcome.in_doubt)
    sys.stdout.write(f"{json.dumps({'storm': outcome.figures, 'broken': outcome.broken})}\n")
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
