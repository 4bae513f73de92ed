"""Prints the weekly support health report. Exits non-zero with one line that says what to do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports import weekly
from reports.weekly import export, pdf
from webhooks.database import clock


class Command(BaseCommand):
    help = "Print the report of a week. Creates and saves it first if the week is over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--week", required=True, metavar="2026-W47", help="an ISO week")
        parser.add_argument("--as", dest="form", choices=["md", "csv", "json", "pdf"], default="md")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = weekly.make(weekly.parse(options["week"]), now=clock.now()).snapshot
        except (weekly.BadWeek, weekly.Unavailable) as error:
            raise CommandError(str(error)) from error
        if options["form"] == "pdf":
            self._write(pdf.rendered(report))
        else:
            self.stdout.write(export.rendered(report, options["form"]))

    def _write(self, content: bytes) -> None:
        if self.stdout.isatty():
            raise CommandError(
                "A PDF is not text. Send it to a file: weekly_report --week … --as pdf > week.pdf"
            )
        getattr(self.stdout, "buffer").write(content)  # noqa: B009  (of the stream that it wraps)
