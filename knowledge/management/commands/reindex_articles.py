"""Makes the vectors of all live articles again. Needed after a change of the embedder only to save the wait."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...search import reindexing
from ...search.embedders import EmbedderError


class Command(BaseCommand):
    help = "Makes the vectors of all live articles again, and lets every process load them."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = reindexing.rebuild()
        except EmbedderError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Made the vectors of {made:,} article{'s' * (made != 1)}.")
