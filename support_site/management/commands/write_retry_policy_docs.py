"""Writes docs/retry_policy.md and its picture from the code. With --check: says whether they are what it would write."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from support_site.documents import retry_policy


class Command(BaseCommand):
    help = "The document on retry policies, written from the seeded policies and the code."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail where a file is out of date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for path, text in retry_policy.files().items():
            name = path.relative_to(settings.BASE_DIR)
            if path.is_file() and path.read_text(encoding="utf-8") == text:
                self.stdout.write(f"{name} is up to date.")
            elif options["check"]:
                raise CommandError(f"{name} is out of date: run manage.py write_retry_policy_docs.")
            else:
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"{name} written.")
