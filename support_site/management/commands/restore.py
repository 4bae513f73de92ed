"""Replaces the database with a backup. Exits non-zero with one line that says what to do."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from support_site.operations import backups


class Command(BaseCommand):
    help = (
        "Replace the database with a backup. Stop web and workers first. The command prints the next steps."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="delete everything in a database that is in use"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backups.restore(options["file"].resolve(), replace=options["replace"], now=timezone.now())
        except backups.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored from {options['file']}. Next:")
        for number, line in enumerate(backups.next_steps(), start=1):
            self.stdout.write(f"{number}. {line}")
