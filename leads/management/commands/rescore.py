import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from leads.scoring.rescore import rescore


class Command(BaseCommand):
    help = "Recomputes the scores that are due, or all of them, and hands over who qualifies by it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="every lead, not only those that are due")
        parser.add_argument("--json", action="store_true", help="print the counts as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = rescore(all=options["all"], at=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(counts, sort_keys=True))
        elif "without_model" in counts:
            self.stdout.write("No scoring model is live: nothing was scored.")
        else:
            said = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()) if count)
            self.stdout.write(said or "Nothing is due.")
