import os
import sys
import urllib.request
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from crm.models import DispatcherLease


def web_answers() -> bool:
    """Whether the web server of this machine says it is ready."""
    host, _, port = os.environ.get("BIND", "127.0.0.1:8000").rpartition(":")
    host = "127.0.0.1" if host in ("", "0.0.0.0", "[::]") else host
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/readyz", timeout=4) as answer:
            return answer.status == 200
    except OSError:
        return False


def jobs_run() -> bool:
    """Whether a worker has run a job of late: that needs beat, broker, worker and database together."""
    return DispatcherLease.objects.filter(until__gt=timezone.now()).exists()


class Command(BaseCommand):
    help = "For health checks: status 0 if the web server answers, or if jobs are being run; else 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("part", choices=["web", "worker"])

    def handle(self, *args: Any, **options: Any) -> None:
        part = options["part"]
        if not (web_answers() if part == "web" else jobs_run()):
            sys.exit(f"The {part} is not alive.")
