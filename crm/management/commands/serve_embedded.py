import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from crm import embedded


class Command(BaseCommand):
    help = "Migrates, then serves the site and runs the worker in one process. Needs no broker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.REDIS_URL:
            sys.exit("REDIS_URL is set: `make serve` starts the production processes.")
        call_command("migrate", verbosity=0, interactive=False)
        address = f"http://{options['host']}:{options['port']}"
        embedded.serve(
            port=options["port"],
            host=options["host"],
            ready=lambda: self.stdout.write(f"Serving on {address}. Ctrl-C ends it."),
        )
