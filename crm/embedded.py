"""Web and worker in one process, without a broker: the whole product on SQLite with one command.

The worker and beat are Celery's own, as threads over an in-memory transport, so embedded and production run the
same tasks. What is queued dies with the process; due rows are found again by the sweeps. Shape of the start:
lock file, lease, worker, beat, web server; the stop is the other way round.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from celery.beat import EmbeddedService
from celery.worker import state
from django.conf import settings
from django.utils import timezone
from waitress.server import create_server

from crm import lease, nudges
from crm.celery import app
from crm.schedule import BULK, JOBS, MAIL

THREADS = 4  # one may hang on the mail server and one be busy all night; two are left for the short sweeps
WEB_THREADS = 8
STOP_SECONDS = 25  # more than EMAIL_TIMEOUT: the current mail is finished


def _lock_file() -> Path:
    """One file for one database: beside an SQLite file, else in the data folder under the database's hash."""
    database = settings.DATABASES["default"]
    name = str(database["NAME"])
    if database["ENGINE"].endswith("sqlite3"):
        return Path(f"{name}.worker-lock")
    key = f"{database['HOST']}:{database['PORT']}/{name}"
    return Path(settings.DATA_DIR) / f"worker-{hashlib.sha256(key.encode()).hexdigest()[:12]}.lock"


@contextmanager
def only_worker() -> Iterator[IO[str]]:
    """Hold the lock file; exit with one line where another embedded worker holds it. A crash frees it."""
    path = _lock_file()
    with open(path, "a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            sys.exit(
                f"An embedded worker (process {file.read().strip()}) already serves this database: {path}"
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file


class Worker:
    """Celery's worker and beat as threads of this process."""

    def start(self) -> None:
        """Start both; returns when the worker takes messages. RuntimeError if it does not within 15 s."""
        app.set_current()
        app.finalize()
        app.loader.init_worker()
        ready = threading.Event()

        class Controller(app.WorkController):
            # Not celery.apps.worker.Worker: that one sets signal handlers, which a thread may not.
            def on_consumer_ready(self, consumer: Any) -> None:
                super().on_consumer_ready(consumer)
                ready.set()

        self.controller = Controller(
            app=app,
            pool="threads",
            concurrency=THREADS,
            queues=[JOBS, MAIL, BULK],
            hostname=f"embedded@{os.getpid()}",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            quiet=True,
        )
        self.thread = threading.Thread(target=self.controller.start, name="worker", daemon=True)
        self.thread.start()
        self.beat = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)
        if not ready.wait(15):
            raise RuntimeError("the embedded worker did not start within 15 s")
        lease.take_over_here(at=timezone.now())
        self.beat.start()
        nudges.worker_is_here(True)

    def stop(self) -> None:
        """Let running jobs end, then give the lease back."""
        nudges.worker_is_here(False)
        self.beat.stop()
        state.should_stop = 0
        try:
            self.thread.join(STOP_SECONDS)
        finally:
            state.should_stop = None
        lease.release()


def _stop_on_sigterm() -> None:
    def handler(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, handler)


def work(*, ready: Callable[[], None] = lambda: None) -> None:
    """Run the worker alone until SIGTERM or Ctrl-C. `ready` is called once it takes work."""
    _stop_on_sigterm()
    with only_worker():
        worker = Worker()
        worker.start()
        ready()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
        finally:
            worker.stop()


def answer_at(port: int) -> None:
    """Links in mails lead to this port, where nobody said at which address the site stands."""
    if settings.BASE_URL == settings.USUAL_BASE_URL:
        settings.BASE_URL = f"http://127.0.0.1:{port}"


def serve(*, port: int = 8000, host: str = "127.0.0.1", ready: Callable[[], None] = lambda: None) -> None:
    """Serve the site and run the worker until SIGTERM or Ctrl-C. `ready` is called once both take work."""
    from crm.wsgi import application

    answer_at(port)
    _stop_on_sigterm()
    with only_worker():
        try:
            server = create_server(application, host=host, port=port, threads=WEB_THREADS, ident=None)
        except OSError as error:
            sys.exit(
                f"Cannot listen on {host}:{port}: {error.strerror}. Try another port, such as PORT=8123."
            )
        worker = Worker()
        worker.start()
        try:
            ready()
            server.run()
        except KeyboardInterrupt:
            pass
        finally:
            server.close()
            worker.stop()
