"""Read people, opt-outs, deals or activities from a file (docs/importing.md)."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.errors import Conflict, Refused
from campaigns.models import Campaign
from crm.importing.columns.mapping import Mapping, MappingError
from crm.importing.columns.mapping_file import find, load
from crm.importing.files.lines import UnreadableFile
from crm.importing.run import NO_OPT_OUTS, new_run, opt_outs_missing, resume_import, run_import
from crm.importing.undo import undo_import
from crm.models import ImportRun
from prospects.models import ProspectingList

MOST_LINES_TOLD = 100


class Command(BaseCommand):
    """Exit status: 0 done (broken lines are told and left out), 1 refused or failed, 2 bad arguments."""

    help = "Reads people, opt-outs, deals or activities from a CSV or XLSX file, by a mapping or by the usual names."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="the file, CSV or XLSX")
        parser.add_argument("--campaign", metavar="SLUG", default="", help="the campaign that brought them")
        parser.add_argument(
            "--map", metavar="FILE", default="", help="a mapping file, or the name of a ready one"
        )
        parser.add_argument(
            "--list",
            metavar="NAME-or-ID",
            dest="onto",
            default="",
            help="the list on which cold contacts come in",
        )
        parser.add_argument("--source", default="", help="the system it comes from, where no mapping says it")
        parser.add_argument("--as", metavar="USER", dest="user", default="", help="the user who imports")
        parser.add_argument("--basis", default="", help="legal basis of marketing mail to those who agreed")
        parser.add_argument("--basis-source", default="", help="where the agreement was given")
        parser.add_argument(
            "--basis-date", type=date.fromisoformat, help="when it was given, such as 2026-09-30"
        )
        parser.add_argument("--no-opt-outs", action="store_true", help="this source has no opt-outs")
        parser.add_argument("--dry-run", action="store_true", help="read and check everything, keep nothing")
        parser.add_argument("--resume", metavar="ID", type=int, help="go on with an import that was cut off")
        parser.add_argument("--undo", metavar="ID", type=int, help="take an import back")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        self.told = 0
        try:
            counts = self._carry_out(file, options)
        except (UnreadableFile, MappingError, Refused, Conflict, OSError) as refusal:
            raise CommandError(str(refusal), returncode=1) from None
        if self.told > MOST_LINES_TOLD:
            self.stderr.write(f"… and {self.told - MOST_LINES_TOLD} more, in the import log")
        if counts.get("read") and counts["refused"] == counts["read"]:
            raise CommandError("no line could be used", returncode=1)
        self._say(counts, options["dry_run"], options["json"])

    def _carry_out(self, file: Path | None, options: dict[str, Any]) -> dict[str, Any]:
        user, at = self._user(options["user"]), timezone.now()
        if options["undo"] or options["resume"]:
            run = ImportRun.objects.filter(pk=options["undo"] or options["resume"]).first()
            if run is None:
                raise CommandError("there is no such import", returncode=2)
            if options["undo"]:
                return undo_import(run=run, by=user, at=at)
            return resume_import(run=run, by=user, at=at, tell=self._tell)
        mapping, onto = self._mapping(options["map"]), self._list(options["onto"])
        campaign = self._campaign(options["campaign"], mapping)
        if file is None or not file.is_file():
            raise CommandError(f"there is no file {file or ''}".strip(), returncode=2)
        stated = self._stated(options) | {"prospecting_list": onto}
        if mapping and not onto:
            run = new_run(path=file, mapping=mapping, campaign=campaign, by=user, at=at, **stated)
            if opt_outs_missing(run):
                self.stderr.write(f"note: {NO_OPT_OUTS.format(run.source or 'this source')}")
        return run_import(
            path=file, mapping=mapping, campaign=campaign, by=user, at=at, dry_run=options["dry_run"],
            tell=self._tell, **stated,
        )  # fmt: skip

    def _stated(self, options: dict[str, Any]) -> dict[str, Any]:
        stated = {
            "basis": options["basis"],
            "basis_source": options["basis_source"],
            "basis_on": options["basis_date"],
            "no_opt_outs": options["no_opt_outs"],
        }
        return stated | ({"source": options["source"]} if options["source"] else {})

    def _mapping(self, given: str) -> Mapping | None:
        try:
            return load(find(given)) if given else None
        except MappingError as error:
            raise CommandError(f"--map {error}", returncode=2) from None

    def _campaign(self, slug: str, mapping: Mapping | None) -> Campaign | None:
        if not slug:
            if mapping and (mapping.kind != "lead" or mapping.campaign):
                return None
            raise CommandError("--campaign SLUG is needed: which campaign brought these people", returncode=2)
        campaign = Campaign.objects.filter(slug=slug).first()
        if campaign is None:
            raise CommandError(f"--campaign: there is no campaign {slug}", returncode=2)
        return campaign

    def _list(self, given: str) -> ProspectingList | None:
        """By its number, else by its name, if one list in use has it."""
        if not given:
            return None
        by_number = (
            ProspectingList.objects.filter(pk=given) if given.isdecimal() and len(given) < 19 else None
        )
        found = list(
            by_number or ProspectingList.objects.in_use().filter(name__iexact=given).order_by("pk")[:2]
        )
        if len(found) != 1:
            why = (
                f"there is no list {given}"
                if not found
                else f"several lists are called {given}; give the number"
            )
            raise CommandError(f"--list: {why}", returncode=2)
        return found[0]

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
