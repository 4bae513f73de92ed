"""The weekly support health report in a terminal. Exits non-zero with one line that says what to do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reports import weekly
from reports.weekly import export


class Command(BaseCommand):
    help = "A week's report as it was kept; made and kept if the week is over and nobody did."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--week", required=True, metavar="2026-W47", help="an ISO week")
        parser.add_argument("--as", dest="form", choices=["md", "csv", "json"], default="md")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            kept = weekly.make(weekly.parse(options["week"]), now=timezone.now()).snapshot
        except (weekly.BadWeek, weekly.Unavailable) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(export.told(kept, options["form"]))
