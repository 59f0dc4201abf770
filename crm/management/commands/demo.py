"""`manage.py demo`: migrate, load the invented company once, serve it with its worker, and say where to look."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm import embedded
from crm.demo import load, logins


class Command(BaseCommand):
    help = "Loads the demo company into an empty database (once) and serves it."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--reset", action="store_true", help="Throw the demo away and load it anew.")
        parser.add_argument("--scale", type=float, default=1.0, help="1: 5,000 leads. 0.1: 500.")
        parser.add_argument("--load-only", action="store_true", help="Load, say what was loaded, and end.")

    def handle(self, **options: Any) -> None:
        if not 0.01 <= options["scale"] <= 50:
            raise CommandError("--scale is a number from 0.01 to 50.")
        embedded.answer_at(options["port"])
        call_command("migrate", verbosity=0)
        if load.is_strange():
            raise CommandError(
                "This database holds data of its own. The demo wants an empty one: give it another DATA_DIR."
            )
        if options["reset"] and load.is_loaded():
            self._throw_away()
        if not load.is_loaded():
            self._load(options["scale"])
        if not options["load_only"]:
            port = options["port"]
            embedded.serve(port=port, ready=lambda: self._welcome(port))

    def _load(self, scale: float) -> None:
        began = time.monotonic()
        counts = load.load(at=timezone.now(), scale=scale, say=self.stdout.write)
        logins.renew()
        seconds = time.monotonic() - began
        self.stdout.write(
            f"{sum(counts.values()):,} rows in {seconds:.0f} s, {counts['leads.lead']:,} leads."
        )

    def _throw_away(self) -> None:
        """Only the demo's own data: the database was seen to hold nothing else."""
        call_command("flush", interactive=False, verbosity=0)
        for folder in ("assets", "covers"):
            shutil.rmtree(Path(settings.MEDIA_ROOT) / folder, ignore_errors=True)
        logins.path().unlink(missing_ok=True)

    def _welcome(self, port: int) -> None:
        base = f"http://127.0.0.1:{port}"
        self.stdout.write(
            f"\nAverdahl Sensing AG runs at {base}\n\n{logins.shown()}\n"
            f"Worth opening first:\n"
            f"  {base}/              the library, as a visitor sees it\n"
            f"  {base}/staff/today/  the day of a rep (sign in as mara)\n"
            f"  {base}/staff/        what marketing learns from it (sign in as ines)\n\n"
            f"The logins stay in {logins.path()}. Ctrl-C ends everything.\n"
        )
        self.stdout.flush()
