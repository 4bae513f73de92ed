"""Replay many deliveries from a terminal, with the same plan, start and step as the admin page."""

import time
from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webhooks.database import clock
from webhooks.deliveries import replay_plans, replay_runs
from webhooks.deliveries.replay_plans import Filters
from webhooks.deliveries.replay_runs import Progress
from webhooks.display import replay_text
from webhooks.management import time_argument
from webhooks.models import Delivery, ReplayRun, Source

STEP_S = 1.0
PROGRESS_S = 5  # between two lines of progress


class Command(BaseCommand):
    help = (
        "Reopen deliveries of a source so that they run again: by default those that failed or are held. Prints what it will "
        "do first. Replies to customers are never replayed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--source", metavar="SLUG", help="the source of the deliveries")
        parser.add_argument("--status", type=str.upper, choices=Delivery.Status.values, default="")
        parser.add_argument("--event", default="", help="such as message_created")
        parser.add_argument("--direction", type=str.upper, choices=Delivery.Direction.values, default="")
        parser.add_argument(
            "--conversation", type=int, metavar="N", help="the conversation's number in Chatwoot"
        )
        parser.add_argument(
            "--fingerprint", default="", help="a failure group: the last part of its page's URL"
        )
        parser.add_argument("--ids", type=_ids, default=(), metavar="N,N", help="only these deliveries")
        parser.add_argument(
            "--since",
            type=_moment,
            metavar="TIME",
            help="received from this time on, such as 2026-11-22T10:00",
        )
        parser.add_argument("--until", type=_moment, metavar="TIME", help="received until this time")
        parser.add_argument("--reason", default="", help="reason for the log")
        parser.add_argument(
            "--pace", type=int, default=replay_plans.PACE, metavar="N",
            help=f"deliveries per second, at most {replay_runs.FASTEST} (default {replay_plans.PACE})",
        )  # fmt: skip
        parser.add_argument(
            "--also-done", action="store_true", help="also run deliveries again that are done"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would be replayed, and change nothing"
        )
        parser.add_argument("--no-wait", action="store_true", help="leave the run to the workers")
        parser.add_argument(
            "--cancel", type=int, metavar="RUN", help="cancel this run instead of starting one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cancel"]:
            self._cancel(options["cancel"])
            return
        filters, pace = _filters(options), options["pace"]
        if not 1 <= pace <= replay_runs.FASTEST:
            raise CommandError(f"--pace must be 1 to {replay_runs.FASTEST} deliveries per second.")
        plan = replay_plans.plan(filters, pace=pace, also_done=options["also_done"])
        self._print(replay_text.sentence(plan))
        trouble = replay_text.remedy(plan, also_done=options["also_done"])
        if plan.too_many:
            raise CommandError(trouble)
        if not plan.count:
            self._print(f"Nothing to replay. {trouble}".strip())
        elif not options["dry_run"]:
            self._run(self._start(filters, options), wait=not options["no_wait"])

    def _start(self, filters: Filters, options: dict[str, Any]) -> ReplayRun:
        if not options["reason"].strip():
            raise CommandError("Give a reason for the log with --reason, or look first with --dry-run.")
        try:
            return replay_runs.start(
                filters, by=None, reason=options["reason"], pace=options["pace"], also_done=options["also_done"],
                now=clock.now(),
            )  # fmt: skip
        except replay_runs.CannotStart as error:
            wait = f" Wait for it, or cancel it with --cancel {error.run.pk}." if error.run else ""
            raise CommandError(f"{error}{wait}") from error

    def _run(self, run: ReplayRun, *, wait: bool) -> None:
        if not wait:
            self._print(f"Replay {run.pk} started; the workers continue it. {_how_to_cancel(run)}")
            return
        self._print(f"Replay {run.pk} started.")
        try:
            self._wait(run)
        except KeyboardInterrupt:
            self._print(f"Replay {run.pk} continues in the workers. {_how_to_cancel(run)}")
            raise SystemExit(130) from None
        done = replay_runs.progress(run)
        if run.status == ReplayRun.Status.CANCELLED:
            raise CommandError(f"Replay {run.pk} was cancelled: {replay_text.handled(done)}.")
        self._print(f"Replay {run.pk} is finished: {replay_text.handled(done)}.")
        if done.trying:
            self._print(f"Of these, {replay_text.became(done)}. The workers try the rest.")

    def _wait(self, run: ReplayRun) -> None:
        """Also steps the run, so that it continues where no worker runs."""
        printed, printed_at = "", time.monotonic()
        while run.status == ReplayRun.Status.RUNNING:
            replay_runs.step(now=clock.now())
            run.refresh_from_db()
            if time.monotonic() - printed_at >= PROGRESS_S:
                line, printed_at = self._line(run, replay_runs.progress(run)), time.monotonic()
                if line != printed:
                    self._print(line)
                printed = line
            if run.status == ReplayRun.Status.RUNNING:
                time.sleep(STEP_S)

    def _line(self, run: ReplayRun, done: Progress) -> str:
        if replay_runs.waits_for_workers(run, now=clock.now()):
            return f"{replay_text.handled(done)}; {replay_text.WAITS_FOR_WORKERS}"
        return f"{replay_text.handled(done)}, {replay_text.about(done.waiting / run.pace)} to go."

    def _cancel(self, number: int) -> None:
        run = ReplayRun.objects.filter(pk=number).first()
        if run is None:
            raise CommandError(f"There is no replay {number}.")
        try:
            replay_runs.cancel(run, by=None, now=clock.now())
        except replay_runs.CannotCancel as error:
            raise CommandError(str(error)) from error
        done = replay_text.handled(replay_runs.progress(run))
        self._print(f"Replay {run.pk} is cancelled: {done}; the rest stay unchanged.")

    def _print(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _how_to_cancel(run: ReplayRun) -> str:
    return f"To cancel it: manage.py replay_deliveries --cancel {run.pk}"


def _filters(options: dict[str, Any]) -> Filters:
    slugs = list(Source.objects.order_by("slug").values_list("slug", flat=True))
    known = f"This site has {', '.join(slugs)}." if slugs else "This site has none yet."
    if not options["source"]:
        raise CommandError(f"Name the source with --source. {known}")
    source = Source.objects.filter(slug=options["source"]).first()
    if source is None:
        raise CommandError(f"There is no source {options['source']!r}. {known}")
    names = ("status", "direction", "event", "fingerprint", "ids", "since", "until")
    return Filters(source, conversation_id=options["conversation"], **{name: options[name] for name in names})


def _ids(text: str) -> tuple[int, ...]:
    try:
        ids = replay_plans.read_ids(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    return ids


def _moment(text: str) -> datetime:
    try:
        return time_argument.read(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
