"""The whole database to a file, while the site runs. Exits non-zero with one line that says what to do."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from support_site import backups


class Command(BaseCommand):
    help = (
        "Write the database to a new file, whole or not at all; the site may go on. Keep ENCRYPTION_KEYS apart from it, and keep "
        "them: without them its tokens and secrets cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            size = backups.backup(options["file"].resolve())
        except backups.Trouble as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{options['file']}: {size:,} bytes. ENCRYPTION_KEYS is not in it: keep the keys, in another place."
        )
