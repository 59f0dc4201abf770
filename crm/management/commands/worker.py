import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from crm import embedded


class Command(BaseCommand):
    help = "Runs the embedded worker alone, without the web server. With REDIS_URL: celery -A crm worker."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.REDIS_URL:
            sys.exit("REDIS_URL is set: start `celery -A crm worker` and `celery -A crm beat` instead.")
        embedded.work(ready=lambda: self.stdout.write("The worker takes work. Ctrl-C ends it."))
