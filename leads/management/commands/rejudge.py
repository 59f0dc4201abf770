import json
import time
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from leads.judging import VERSION, rejudge


def moment(text: str) -> datetime:
    """A date or a date with a time, in the zone of the installation."""
    try:
        day = parse_date(text)
        found = datetime(day.year, day.month, day.day) if day else parse_datetime(text)  # noqa: DTZ001
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"--since {text!r} is no date. Write it as 2026-03-31.", returncode=2)
    return timezone.make_aware(found) if timezone.is_naive(found) else found


class Command(BaseCommand):
    help = (
        f"Judges the hits of the past again by the classifier of this release (version {VERSION}), as people's or "
        "machines'. Earlier verdicts stay, the latest counts; touches and scores follow. It can be stopped and "
        "run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", help="only hits from this day on (2026-03-31)")
        parser.add_argument("--dry-run", action="store_true", help="count what would change and keep nothing")
        parser.add_argument("--json", action="store_true", help="print the counts as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        since = moment(options["since"]) if options["since"] else None
        begun = time.monotonic()
        counts = rejudge(
            at=timezone.now(),
            since=since,
            dry_run=options["dry_run"],
            progress=lambda done: self._progress(done, options["verbosity"]),
        )
        seconds = round(time.monotonic() - begun, 2)
        if options["json"]:
            self.stdout.write(json.dumps({**counts, "version": VERSION, "seconds": seconds}, sort_keys=True))
        else:
            self.stdout.write(self._words(counts, dry_run=options["dry_run"]))

    def _progress(self, done: int, verbosity: int) -> None:
        if verbosity and done % 10_000 == 0:
            self.stderr.write(f"{done} hits judged")

    def _words(self, counts: dict[str, int], *, dry_run: bool) -> str:
        if not counts["hits"]:
            return f"Every hit has a verdict of version {VERSION} already."
        said = (
            f"{counts['hits']} hits judged by version {VERSION}, {counts['changed']} differently than before: "
            f"{counts['human']} human, {counts['machine']} machine, {counts['unsure']} unsure. "
            f"{counts['touches']} touches came, {counts['removed']} went."
        )
        return f"{said} Nothing was kept: this was a dry run." if dry_run else said
