"""Ask Chatwoot for missed events, now. Exits non-zero with one line that says how to fix it."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webhooks.database import clock
from webhooks.display import reconcile_text
from webhooks.management import time_argument
from webhooks.models import ReconcileRun, Source
from webhooks.reconcile import runs

PROGRESS_S = 5  # between two lines of progress
STEP_S = 0.5
PATIENCE = timedelta(seconds=10)


class Command(BaseCommand):
    help = (
        "Find messages and changes whose webhooks did not arrive, and record them as deliveries. The workers process them; "
        "old messages get no drafts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slug", help="only this source; default: all")
        parser.add_argument(
            "--since", metavar="TIME",
            help="how far back, such as 2026-11-22T10:00; default: the last complete run",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        troubles, since = [], _moment(options["since"])
        for source in self._sources(options["slug"]):
            run = self._run(source, since)
            if run.status == ReconcileRun.Status.FAILED or run.trouble:
                troubles.append(f"{source}: {run.trouble}{_goes_on(run)}")
                continue
            self.stdout.write(f"{source}: {reconcile_text.found(run, len(runs.skipped(run)))}")
            for item in runs.skipped(run):
                self.stdout.write(f"{source}: conversation {item.display_id} was left out: {item.note}")
        if troubles:
            raise CommandError(" ".join(troubles))

    def _sources(self, slug: str | None) -> list[Source]:
        sources = list(Source.objects.order_by("slug"))
        found = [source for source in sources if slug in (None, source.slug)]
        if not sources:
            raise CommandError("No Chatwoot is connected yet: use manage.py connect_chatwoot.")
        if not found:
            slugs = ", ".join(source.slug for source in sources)
            raise CommandError(f"There is no source {slug!r}. This site has {slugs}.")
        return found

    def _run(self, source: Source, since: datetime | None) -> ReconcileRun:
        try:
            run = runs.start(source, cause=ReconcileRun.Cause.COMMAND, since=since, now=clock.now())
        except runs.CannotStart as error:
            if error.run is None or (since and since < error.run.since):
                wait = " Wait until it is finished." if error.run else ""
                raise CommandError(f"{error}{wait}") from error
            run = error.run
        return self._wait(run)

    def _wait(self, run: ReconcileRun) -> ReconcileRun:
        """Until it ends or meets its first lasting problem. A worker may be the process that does the reading."""
        printed_at = time.monotonic()
        while True:
            runs.go_on(run, now=clock.now())
            run.refresh_from_db()
            if run.status != ReconcileRun.Status.RUNNING or (run.trouble and _is_long(run)):
                return run
            if time.monotonic() - printed_at >= PROGRESS_S:
                waiting = run.items.filter(state="WAITING").count()
                self.stdout.write(f"{run.source}: {reconcile_text.progress(run, waiting)}")
                self.stdout.flush()
                printed_at = time.monotonic()
            time.sleep(STEP_S)


def _is_long(run: ReconcileRun) -> bool:
    """Not worth waiting for: longer than a Retry-After of Chatwoot's usually is."""
    return run.leased_until > clock.now() + PATIENCE


def _goes_on(run: ReconcileRun) -> str:
    return " The workers will retry." if run.status == ReconcileRun.Status.RUNNING else ""


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else time_argument.read(text)
    except ValueError as error:
        raise CommandError(str(error)) from error
