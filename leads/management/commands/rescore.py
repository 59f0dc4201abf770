import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from leads.models import ScoringModel
from leads.scoring.check import Checked, check_all, check_sample
from leads.scoring.rescore import rescore
from leads.scoring.runs import at_work, note_check

NAMED = 100  # differences that are told one by one


class Command(BaseCommand):
    help = (
        "Recomputes the scores that are due, or all of them, and hands over who qualifies by it. "
        "With --check nothing is recomputed: stored scores are compared with what they are made of."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="every lead, not only those that are due (or a sample)"
        )
        parser.add_argument(
            "--check", action="store_true", help="compare; status 1 and the leads where they differ"
        )
        parser.add_argument("--json", action="store_true", help="print the counts as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check(all=options["all"], as_json=options["json"])
            return
        counts = rescore(all=options["all"], at=timezone.now())
        if "at_work" in counts:
            run = at_work()
            raise CommandError(
                "A full run is at work already"
                + (f", it is behind lead {run.last_lead}" if run else "")
                + ". Nothing was done here."
            )
        if options["json"]:
            self.stdout.write(json.dumps(counts, sort_keys=True))
        elif "without_model" in counts:
            self.stdout.write("No scoring model is live: nothing was scored.")
        else:
            said = ", ".join(
                f"{count} {name.replace('_', ' ')}" for name, count in sorted(counts.items()) if count
            )
            self.stdout.write(said or "Nothing is due.")

    def _check(self, *, all: bool, as_json: bool) -> None:
        at = timezone.now()
        found = check_all(at=at) if all else check_sample(at=at)
        note_check(found.counts(), at=at)
        if as_json:
            ids = [one.lead for one in found.differences]
            self.stdout.write(json.dumps({**found.counts(), "leads": ids}, sort_keys=True))
        else:
            self._tell(found)
        if found.differences:
            sys.exit(1)

    def _tell(self, found: Checked) -> None:
        if (
            not found.checked
            and not found.waiting
            and not ScoringModel.objects.filter(state=ScoringModel.State.LIVE).exists()
        ):
            self.stdout.write("No scoring model is live: nothing was compared.")
            return
        for one in found.differences[:NAMED]:
            self.stdout.write(str(one))
        more = len(found.differences) - NAMED
        if more > 0:
            self.stdout.write(f"… and {more} more (--json names them all)")
        waiting = f" {found.waiting} have news and were left out." if found.waiting else ""
        self.stdout.write(
            f"{found.checked} leads compared, {len(found.differences)} differ.{waiting}"
            + (" They will be scored anew within seconds: see docs/running.md." if found.differences else "")
        )
