"""One sender of the mail bench, a process of its own: ready, told to go, and then says what it did as JSON.

python -m bench.slot ledger            our whole path, until nothing is due
python -m bench.slot bare FILE N       Django renders and sends N mails over one kept connection, no database
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")


def ledger() -> dict[str, int]:
    """Everything that is due, past the gate and with every commit."""
    from leads.sending import delivery

    counts: Counter[str] = Counter()
    while found := delivery.deliver(slot=f"bench:{os.getpid()}"):
        counts += Counter(found)
    return dict(counts)


def database_cpu() -> float:
    """Seconds of CPU that our own process of the database has used; 0 where it runs on another machine."""
    from django.db import connection

    connection.ensure_connection()
    try:
        return (
            int(Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0])
            / 1e9
        )
    except OSError:
        return 0.0


def bare(file: str, number: int) -> dict[str, int]:
    """The yardstick: the same words as Django templates, the usual classes, one connection."""
    from django.core.mail import EmailMultiAlternatives, get_connection
    from django.template import Context, Engine

    engine = Engine()
    kinds = [
        {name: engine.from_string(source) for name, source in kind["templates"].items()} | {"of": kind}
        for kind in json.loads(Path(file).read_text())
    ]
    line = get_connection("django.core.mail.backends.smtp.EmailBackend")
    line.open()
    for n, kind in enumerate(islice(cycle(kinds), number)):
        values = Context({name: f"{value[:-6]}{n:06d}" for name, value in kind["of"]["values"].items()})
        text_values = Context(values.flatten(), autoescape=False)
        mail = EmailMultiAlternatives(
            kind["subject"].render(text_values),
            kind["text"].render(text_values),
            kind["of"]["sender"],
            [f"p{n}@firm.example"],
            connection=line,
            headers={name: f"{value[:-8]}{n:06d}>" for name, value in kind["of"]["headers"].items()},
        )
        mail.attach_alternative(kind["html"].render(values), "text/html")
        mail.send()
    line.close()
    return {"sent": number}


def main() -> None:
    django.setup()
    run: Callable[[], dict[str, int]] = (
        ledger if sys.argv[1] == "ledger" else lambda: bare(sys.argv[2], int(sys.argv[3]))
    )
    import leads.sending.delivery  # noqa: F401 - loaded before the clock starts

    print("ready", flush=True)
    sys.stdin.readline()
    before, start, cpu = database_cpu(), time.perf_counter(), time.process_time()
    counts = run()
    print(json.dumps({
        "counts": counts, "wall": time.perf_counter() - start, "cpu": time.process_time() - cpu,
        "database": max(database_cpu() - before, 0.0),
    }), flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
