"""Remove what is older than the retention rules say, here and now. Exits non-zero with one line that says what to do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from webhooks.database import clock
from webhooks.models import PruneRun
from webhooks.privacy import prune, retention


class Command(BaseCommand):
    help = (
        "Remove what is older than the retention rules say (Retention in the admin), in small batches. The workers do it once "
        "a night; this does it at once, safely beside them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, and remove nothing")
        parser.add_argument(
            "--only", action="append", metavar="RULE", help="this rule alone; may be given again"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = self._names(options["only"])
        try:
            counts = self._count(names) if options["dry_run"] else self._remove(names)
        except DatabaseError as error:
            raise CommandError(
                f"The database stopped it ({type(error).__name__}). What was removed stays so; run it again."
            ) from error
        for name in names:
            kept = retention.days(name)
            how_long = "kept for ever" if kept is None else f"older than {kept} days"
            self.stdout.write(f"{name}: {counts.get(name, 0):,} {how_long}")
        done = "would go" if options["dry_run"] else "removed"
        self.stdout.write(f"{sum(counts.values()):,} {done}.")

    def _names(self, asked: list[str] | None) -> list[str]:
        known = list(retention.rules())
        if unknown := [name for name in asked or [] if name not in known]:
            raise CommandError(f"There is no rule {unknown[0]!r}. The rules are {', '.join(known)}.")
        return [name for name in known if name in (asked or known)]

    def _count(self, names: list[str]) -> dict[str, int]:
        cutoffs = {name: prune.cutoff(name, now=clock.now()) for name in names}
        counts = {
            name: retention.rules()[name].due(before).count() for name, before in cutoffs.items() if before
        }
        if before := cutoffs.get(retention.SPOOL):
            counts[retention.SPOOL] = len(retention.files(before))
        return counts

    def _remove(self, names: list[str]) -> dict[str, int]:
        files = prune.discard_files(now=clock.now()) if retention.SPOOL in names else 0
        run: PruneRun | None = prune.begin(names, now=clock.now())
        while run and run.finished_at is None:
            prune.go_on(run, now=clock.now())
        return (run.counts if run else {}) | {retention.SPOOL: files}
