"""Remove data that is older than the retention rules allow, now. Exits non-zero with one line that says what to do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from webhooks.database import clock
from webhooks.models import PruneRun
from webhooks.privacy import prune, retention


class Command(BaseCommand):
    help = (
        "Remove data that is older than the retention rules allow (Retention in the admin), in small batches. The workers do "
        "this once a night; this command does it now and can safely run beside them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only, remove nothing")
        parser.add_argument("--only", action="append", metavar="RULE", help="only this rule; can be repeated")

    def handle(self, *args: Any, **options: Any) -> None:
        names = self._names(options["only"])
        try:
            counts = self._count(names) if options["dry_run"] else self._remove(names)
        except DatabaseError as error:
            raise CommandError(
                f"A database error stopped the run ({type(error).__name__}). What it removed stays removed: run it again."
            ) from error
        for name in names:
            days = retention.days(name)
            how_long = "kept for ever" if days is None else f"older than {days} days"
            self.stdout.write(f"{name}: {counts.get(name, 0):,} {how_long}")
        done = "would be removed" if options["dry_run"] else "removed"
        self.stdout.write(f"{sum(counts.values()):,} {done}.")

    def _names(self, only: list[str] | None) -> list[str]:
        known = list(retention.rules())
        if unknown := [name for name in only or [] if name not in known]:
            raise CommandError(f"There is no rule {unknown[0]!r}. The rules are {', '.join(known)}.")
        return [name for name in known if name in (only or known)]

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
