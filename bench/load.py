"""A closed loop of HTTP posts: so many connections, each sends the next form when the last one is answered.

Runs as a process of its own, so that it does not share an interpreter with what prepares and counts.
`python -m bench.load '{"port": 8201, ...}'` prints one JSON line.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections import Counter
from itertools import count

from bench.processes import cpu_seconds


class Client(threading.Thread):
    """One connection, kept open as a browser keeps it. ``took``: seconds of each answered post while measuring."""

    def __init__(self, job: dict, numbers: count) -> None:
        super().__init__(daemon=True)
        self.job, self.numbers = job, numbers
        self.took: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.measuring = self.stopped = False
        self.socket: socket.socket | None = None

    def run(self) -> None:
        while not self.stopped:
            request, start = self.request(), time.perf_counter()
            try:
                status = self.exchange(request)
            except OSError as error:
                status, self.socket = type(error).__name__, None
            if self.measuring:
                self.took.append(time.perf_counter() - start)
                self.statuses[status] += 1

    def request(self) -> bytes:
        number = next(self.numbers)
        body = self.job["body"].replace("{n}", str(number)).encode()
        client = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        head = (
            f"POST {self.job['path']} HTTP/1.1\r\nHost: 127.0.0.1:{self.job['port']}\r\n"
            f"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0\r\n"
            f"X-Forwarded-For: {client}\r\nAccept-Language: en\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def exchange(self, request: bytes) -> str:
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.job["port"]), timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        head, body = self.read_head()
        lower = head.lower()
        length = int(lower.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        while len(body) < length:
            body += self.receive()
        if b"connection: close" in lower:
            self.socket.close()
            self.socket = None
        return head[9:12].decode()

    def read_head(self) -> tuple[bytes, bytes]:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.receive()
        head, _, body = data.partition(b"\r\n\r\n")
        return head, body

    def receive(self) -> bytes:
        assert self.socket is not None
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("closed")
        return data


def run(job: dict) -> dict:
    """Send for ``warm`` seconds unmeasured, then for ``seconds``; returns rates, times and the server's CPU."""
    numbers = count(job["first"])
    clients = [Client(job, numbers) for _ in range(job["connections"])]
    for client in clients:
        client.start()
    time.sleep(job["warm"])
    before, start, own = cpu_seconds(job["processes"]), time.perf_counter(), time.process_time()
    for client in clients:
        client.measuring = True
    time.sleep(job["seconds"])
    for client in clients:
        client.measuring = False
    wall, spent = time.perf_counter() - start, cpu_seconds(job["processes"])
    own = time.process_time() - own
    for client in clients:
        client.stopped = True
    for client in clients:
        client.join(35)
    return _figures(clients, wall, before, spent, own) | {"last": next(numbers)}


def _figures(clients: list[Client], wall: float, before: dict, spent: dict, own: float) -> dict:
    took = sorted(seconds for client in clients for seconds in client.took)
    statuses: Counter[str] = sum((client.statuses for client in clients), Counter())
    number = max(1, len(took))
    cpu = {name: round((spent[name] - before[name]) * 1000 / number, 3) for name in before}
    at = {
        f"p{p}": round(took[min(number - 1, number * p // 100)] * 1000, 1) if took else None
        for p in (50, 95, 99)
    }
    return {
        "rate": round(len(took) / wall, 1), **at, "cpu_ms": round(sum(cpu.values()), 3), "cpu_of": cpu,
        "statuses": dict(statuses), "generator_cpu": round(own / wall, 2),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
