"""A backup in the place of the database, with web and workers stopped. Exits non-zero with one line that says what to do."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from support_site import backups


class Command(BaseCommand):
    help = "Put a backup in the place of the database. Stop web and workers first; it says what to do next."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="throw away what the database holds, where it is in use"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backups.restore(options["file"].resolve(), replace=options["replace"], now=timezone.now())
        except backups.Trouble as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored from {options['file']}. Next:")
        for number, line in enumerate(backups.what_next(), start=1):
            self.stdout.write(f"{number}. {line}")
