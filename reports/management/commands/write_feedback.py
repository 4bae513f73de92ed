"""Writes or refreshes feedback/support/<date>.md. Exits non-zero with one line that says what to do."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reports.periods import Period
from reports.weekly import feedback, iso_week


class Command(BaseCommand):
    help = "Write the figures of a day to feedback/support/<date>.md. Text between the file's marks is preserved."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--date", required=True, metavar="2026-11-23", help="a day in the report's time zone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now, zone = timezone.now(), iso_week.zone()
        try:
            day = date.fromisoformat(options["date"])
        except ValueError:
            raise CommandError(f"{options['date'][:40]!r} is not a date such as 2026-11-23.") from None
        if not day.year >= 1971 or day > now.astimezone(zone).date():
            raise CommandError(f"{day} is in the future or too long ago. Choose a day up to today.")
        path = settings.BASE_DIR / "feedback" / "support" / f"{day}.md"
        try:
            feedback.write(path, Period(day, day, zone), now=now)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        except feedback.BrokenMarks as error:
            raise CommandError(f"{path} was not written: {error}") from error
        self.stdout.write(str(path.relative_to(settings.BASE_DIR)))
