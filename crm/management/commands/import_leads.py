"""Read leads, or past deals, from a CSV file (docs/importing.md)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.errors import Refused
from campaigns.models import Campaign
from crm.importing.lines import UnreadableFile
from crm.importing.mapping import Mapping, MappingError, find, load
from crm.importing.run import run_import

MOST_LINES_TOLD = 100


class Command(BaseCommand):
    """Exit status: 0 done (broken lines are told and left out), 1 refused or failed, 2 bad arguments."""

    help = "Reads leads or past deals from a CSV file, by a mapping file or by the usual names of columns."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV file")
        parser.add_argument("--campaign", metavar="SLUG", default="", help="the campaign that brought them")
        parser.add_argument(
            "--map", metavar="FILE", default="", help="a mapping file, or the name of a ready one"
        )
        parser.add_argument("--as", metavar="USER", dest="user", default="", help="the user who imports")
        parser.add_argument("--dry-run", action="store_true", help="read and check everything, keep nothing")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        mapping = self._mapping(options["map"])
        campaign = self._campaign(options["campaign"], mapping)
        user = self._user(options["user"])
        if not file.is_file():
            raise CommandError(f"there is no file {file}", returncode=2)
        self.told = 0
        try:
            counts = run_import(
                path=file, mapping=mapping, campaign=campaign, by=user, at=timezone.now(),
                dry_run=options["dry_run"], tell=self._tell,
            )  # fmt: skip
        except (UnreadableFile, Refused, OSError) as refusal:
            raise CommandError(str(refusal), returncode=1) from None
        if self.told > MOST_LINES_TOLD:
            self.stderr.write(f"… and {self.told - MOST_LINES_TOLD} more, in the import log")
        if counts["read"] and counts["refused"] == counts["read"]:
            raise CommandError("no line could be used", returncode=1)
        self._say(counts, options["dry_run"], options["json"])

    def _mapping(self, given: str) -> Mapping | None:
        try:
            return load(find(given)) if given else None
        except MappingError as error:
            raise CommandError(f"--map {error}", returncode=2) from None

    def _campaign(self, slug: str, mapping: Mapping | None) -> Campaign | None:
        if not slug:
            if mapping and (mapping.kind == "deal" or mapping.campaign):
                return None
            raise CommandError("--campaign SLUG is needed: which campaign brought these people", returncode=2)
        campaign = Campaign.objects.filter(slug=slug).first()
        if campaign is None:
            raise CommandError(f"--campaign: there is no campaign {slug}", returncode=2)
        return campaign

    def _user(self, name: str) -> Any:
        user = get_user_model().objects.filter(username=name, is_active=True).first() if name else None
        if name and user is None:
            raise CommandError(f"--as: there is no user {name}", returncode=2)
        return user

    def _tell(self, line: int, reason: str) -> None:
        self.told += 1
        if self.told <= MOST_LINES_TOLD:
            self.stderr.write(f"line {line}: {reason}")

    def _say(self, counts: dict[str, Any], dry_run: bool, as_json: bool) -> None:
        numbers = ", ".join(f"{name} {number}" for name, number in counts.items() if name != "seconds")
        self.stdout.write(f"{'Dry run, nothing kept: ' if dry_run else ''}{numbers}; {counts['seconds']} s")
        if as_json:
            sys.stdout.flush()
            self.stdout.write(json.dumps(counts | {"dry_run": dry_run}))
