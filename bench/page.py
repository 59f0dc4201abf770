"""Page views a second: a landing page beside a bare Django view that renders a template of the same bytes.

    python -m bench.page http://127.0.0.1:8000/p/bearing/ --pid WEB

Run it beside `make serve`; WEB is the number of its gunicorn master. The bare view is started here with the same
workers and threads. Rounds in turn, medians of the rounds; CPU is that of the web processes alone.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from bench.processes import cpu_seconds, running

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0"


class Reader(threading.Thread):
    """One connection that asks for a page again and again. ``took``: seconds of each answer while measuring."""

    def __init__(self, port: int, path: str) -> None:
        super().__init__(daemon=True)
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: {AGENT}\r\nAccept-Language: en\r\n\r\n"
        self.port, self.question = port, head.encode()
        self.took: list[float] = []
        self.measuring = self.stopped = False

    def run(self) -> None:
        while not self.stopped:
            with (
                socket.create_connection(("127.0.0.1", self.port), timeout=30) as line,
                line.makefile("rb") as answer,
            ):
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while not self.stopped and self.once(line, answer):
                    pass

    def once(self, line: socket.socket, answer) -> bool:
        start = time.perf_counter()
        line.sendall(self.question)
        if b" 200 " not in answer.readline():
            raise SystemExit("The page does not answer with 200.")
        length, stays = 0, True
        while (header := answer.readline()) not in (b"\r\n", b""):
            name, _, value = header.lower().partition(b":")
            length = int(value) if name == b"content-length" else length
            stays = stays and not (name == b"connection" and b"close" in value)
        answer.read(length)
        if self.measuring:
            self.took.append(time.perf_counter() - start)
        return stays


def load(port: int, path: str, pid: int, connections: int, seconds: float) -> dict[str, float]:
    readers = [Reader(port, path) for _ in range(connections)]
    for reader in readers:
        reader.start()
    time.sleep(0.5)
    before, start = cpu_seconds({"web": pid, "database": "-"})["web"], time.perf_counter()
    for reader in readers:
        reader.measuring = True
    time.sleep(seconds)
    for reader in readers:
        reader.measuring = False
    wall, spent = time.perf_counter() - start, cpu_seconds({"web": pid, "database": "-"})["web"] - before
    for reader in readers:
        reader.stopped = True
    for reader in readers:
        reader.join(35)
    took = sorted(second for reader in readers for second in reader.took)
    return {
        "rate": round(len(took) / wall, 1),
        "p50": round(took[len(took) // 2] * 1000, 2),
        "p95": round(took[len(took) * 95 // 100] * 1000, 2),
        "cpu_ms": round(spent * 1000 / len(took), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page")
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--port", type=int, default=8399)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    asked = parser.parse_args()
    page = urlsplit(asked.page)
    html = urlopen(Request(asked.page, headers={"User-Agent": AGENT})).read().decode()
    nonce = re.search(r'name="nonce" value="([^"]+)"', html)
    template = re.sub(r"({%|{{|{#)", "", html).replace(nonce[1] if nonce else "\0", "{{ nonce }}")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.html").write_text(template.replace("</main>", "</main><!-- {{ year }} -->"))
        command = [
            sys.executable, "-m", "gunicorn", "-c", "/dev/null", "-w", str(asked.workers), "-k", "gthread",
            "--threads", "8", "--keep-alive", "5", "--no-control-socket", "--log-level", "error",
            "-b", f"127.0.0.1:{asked.port}", "bench.bare_page",
        ]  # fmt: skip
        found: dict[str, list[dict[str, float]]] = {"ours": [], "bare": []}
        with running(command, os.environ | {"PAGE_DIR": folder}, Path(folder, "log"), asked.port) as bare:
            for _round in range(asked.rounds):
                found["ours"].append(load(page.port or 80, page.path, asked.pid, 8, asked.seconds))
                found["bare"].append(load(asked.port, "/p/bench/", bare.pid, 8, asked.seconds))
    middle = {
        whose: {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
        for whose, rounds in found.items()
    }
    for whose, figures in middle.items():
        print(f"{whose:5} {figures['rate']:8.1f} a second  p50 {figures['p50']} ms  p95 {figures['p95']} ms  "
              f"{figures['cpu_ms']} ms of CPU")  # fmt: skip
    ratio = round(middle["ours"]["rate"] / middle["bare"]["rate"], 2)
    print(f"ours / bare: {ratio} (at least 0.7; from memory 1.3), {len(html.encode())} bytes")
    print(json.dumps({"bench": "page", **middle, "ratio": ratio, "bytes": len(html.encode())}))


if __name__ == "__main__":
    main()
