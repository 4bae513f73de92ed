"""Writes the whole database to a file while the site runs. Exits non-zero with one line that says what to do."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from support_site.operations import backups


class Command(BaseCommand):
    help = (
        "Back up the database to a new file. The site can keep running. Store ENCRYPTION_KEYS separately: without them, the "
        "tokens and secrets in the backup cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            size = backups.backup(options["file"].resolve())
        except backups.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{options['file']}: {size:,} bytes. It does not contain ENCRYPTION_KEYS. Store the keys in another place."
        )
