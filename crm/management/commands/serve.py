import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from crm import supervisor


def commands(*, bind: str) -> dict[str, list[str]]:
    """The production processes. Delivery has a worker of its own, so that a slow mail server delays no sweep."""
    bin_dir = Path(sys.executable).parent
    celery = [str(bin_dir / "celery"), "-A", "crm"]
    worker = [*celery, "worker", "--loglevel", "warning", "--without-gossip", "--without-mingle"]
    return {
        "web": [str(bin_dir / "gunicorn"), "--bind", bind],
        "worker": [*worker, "-n", "worker@%h", "-Q", "jobs,bulk", "-c", "2"],
        "mailer": [*worker, "-n", "mailer@%h", "-Q", "mail", "-c", "1"],
        "beat": [*celery, "beat", "--loglevel", "warning", "--pidfile", ""],
    }


class Command(BaseCommand):
    help = "Starts the production processes (gunicorn, two Celery workers, beat) against DATABASE_URL and REDIS_URL."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *args: Any, **options: Any) -> None:
        if "postgresql" not in settings.DATABASES["default"]["ENGINE"] or not settings.REDIS_URL:
            sys.exit("serve needs DATABASE_URL (PostgreSQL) and REDIS_URL. Without them: make demo.")
        if settings.DEBUG:
            sys.exit("serve refuses DEBUG=true.")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        bind = f"{options['host']}:{options['port']}"
        self.stdout.write(f"Serving on http://{bind}. Ctrl-C ends all.")
        self.stdout.flush()
        sys.exit(supervisor.run(commands(bind=bind), again=("worker", "mailer", "beat")))
