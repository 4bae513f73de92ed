"""Verbs on reconciliation runs: start, step, and when one is due. A run's state is only in the database.

Several hosts may step the same run: a lease says which one does, and each read is stored together with the progress.
"""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from ..alerts import alerts
from ..display import reconcile_text
from ..errors import DeliveryError, LeaseLost, Permanent, Retryable
from ..models import Alert, ReconcileItem, ReconcileRun, Source, WorkerHost
from ..outbound import chatwoot
from ..sources import sources
from . import settling, steps
from .steps import DENIED, MARGIN, SKIPPED, WAITING

EVERY = timedelta(minutes=15)
AFTER_START = timedelta(seconds=60)  # events that waited for us arrive by themselves first
FARTHEST = timedelta(days=7)  # of an automatic run; a person may go further back
LEASE = timedelta(seconds=60)  # longer than one read can take
STEP_S = 5
NOBODY_AFTER = timedelta(seconds=30)
PACE_S = 0.2  # between two reads: Chatwoot allows 50 per second from one address, which others may share
MOST_FAILED_READS = 2  # in a row, before it counts as a problem
PAUSES = (30, 60, 120, 300, 600)  # seconds until a failed run continues
# When an alert of these kinds is closed, events may have been missed while it was open.
GAPS = ("credentials", "secret", "silence", "spool", "subscription", "timestamp_stale")
RUNNING, DONE, FAILED = ReconcileRun.Status.RUNNING, ReconcileRun.Status.DONE, ReconcileRun.Status.FAILED
Cause = ReconcileRun.Cause


class CannotStart(Exception):
    """The text says why. run: the one that is in the way, if any."""

    def __init__(self, text: str, run: ReconcileRun | None = None) -> None:
        super().__init__(text)
        self.run = run


@dataclass(frozen=True)
class Gap:
    """A time when webhooks did not arrive. recovered: everything that can be recovered was."""

    first_at: datetime
    last_at: datetime
    events: int
    recovered: bool


def start(
    source: Source, *, cause: str, now: datetime, by: User | None = None, since: datetime | None = None
) -> ReconcileRun:
    """since: how far back; by default to the start of the last run. Raises CannotStart. step does the work."""
    if not source.api_token:
        raise CannotStart(_("%(source)s has no API token: connect it first.") % {"source": source})
    if source.moved_from:
        raise CannotStart(
            _("%(source)s was connected to another address before. Confirm the move on its page first.")
            % {"source": source}
        )
    since = since or default_since(source, now=now)
    if since >= now:
        raise CannotStart(_("The start time is in the future."))
    try:
        with transaction.atomic():
            return ReconcileRun.objects.create(
                source=source, cause=cause, by=by, since=since, floor=since, began_at=now, leased_until=now
            )
    except IntegrityError as error:
        running = under_way(source)
        if running is None:
            raise
        raise CannotStart(
            _("A reconciliation run of %(source)s is already in progress.") % {"source": source}, running
        ) from error


def default_since(source: Source, *, now: datetime) -> datetime:
    """Where an automatic run starts: a margin before the last complete run began, or else when the source was connected."""
    last = source.reconcile_runs.filter(status=DONE).order_by("-began_at").first()
    if last is None:
        return min(max(source.created_at, now - FARTHEST), now - timedelta(seconds=1))
    return last.began_at - MARGIN


def under_way(source: Source) -> ReconcileRun | None:
    return source.reconcile_runs.filter(status=RUNNING).first()


# Scheduling


def step(*, now: datetime) -> int:
    """Every few seconds, on every host: start due runs, continue running ones. Returns how many reads were made."""
    settling.settle(now=now)
    for source in Source.objects.exclude(api_token=""):
        cause = due(source, now=now)
        if cause:
            try:
                start(source, cause=cause, now=now)
            except CannotStart:
                pass  # another host was first
    running = ReconcileRun.objects.filter(status=RUNNING, leased_until__lte=now).order_by("pk")
    return sum(go_on(run, now=now) for run in running)


def due(source: Source, *, now: datetime) -> str:
    """Why a run should start now; empty if it should not."""
    if source.credentials_refused_at or source.moved_from:
        return ""
    last = source.reconcile_runs.order_by("-pk").first()
    if last and last.status == RUNNING:
        return ""
    began = last.began_at if last else source.created_at
    started = WorkerHost.objects.filter(started_at__gt=began, started_at__lte=now - AFTER_START)
    if started.exists():
        return Cause.START
    over = Alert.objects.filter(kind__in=GAPS, closed_at__gt=began, closed_at__lte=now)
    if over.filter(source=source).exists() or over.filter(source=None).exists():
        return Cause.GAP
    return Cause.SCHEDULE if began <= now - EVERY else ""


# One run


def go_on(run: ReconcileRun, *, now: datetime, seconds: float = STEP_S) -> int:
    """Read for some seconds, unless another process does. Returns how many reads were made."""
    holder, reads = str(uuid.uuid4()), 0
    # At another address the same numbers are other people's, until somebody confirms that it is the same Chatwoot.
    free = ReconcileRun.objects.filter(
        pk=run.pk, status=RUNNING, leased_until__lte=now, source__moved_from=""
    )
    if not free.update(holder=holder, leased_until=now + LEASE):
        return 0
    run = ReconcileRun.objects.select_related("source").get(pk=run.pk)
    client, ends = chatwoot.client(run.source), time.monotonic() + seconds
    failed_reads = 0
    try:
        while run.status == RUNNING and (not reads or time.monotonic() < ends):
            try:
                _read_once(run, client, now=now)
                failed_reads = 0
            except Retryable as error:  # a single failed read is not a problem yet
                failed_reads += 1
                if failed_reads > MOST_FAILED_READS or error.retry_after:
                    raise
            reads += 1
            time.sleep(PACE_S)
        _mine(run).update(leased_until=now)
    except LeaseLost:
        pass  # it took too long, and another host has taken over
    except DeliveryError as error:
        _pause(run, error, now=now)
    return reads


def _read_once(run: ReconcileRun, client: chatwoot.Client, *, now: datetime) -> None:
    """The next step: a page of the list, a page of survey answers, a conversation, or the end."""
    item = run.items.filter(state=WAITING).order_by("pk").first() if run.listed and not run.page else None
    if not run.listed:
        commit = steps.list_conversations(run, client, now=now)
    elif run.page:
        commit = steps.add_survey_answers(run, client)
    elif item:
        item.run = run
        commit = steps.read(item, client, now=now)
    else:
        commit = None
    with transaction.atomic():
        if not _mine(run).select_for_update(of=("self",)).exists():
            raise LeaseLost(run.pk)
        if commit is None:
            _finish(run, now=now)
            return
        commit()
        progress = {
            name: getattr(run, name) for name in ("listed", "page", "passes", "floor", "pass_began_at")
        }
        _mine(run).update(tries=0, trouble="", **progress)


def _mine(run: ReconcileRun) -> QuerySet[ReconcileRun]:
    return ReconcileRun.objects.filter(pk=run.pk, holder=run.holder, status=RUNNING)


def _finish(run: ReconcileRun, *, now: datetime) -> None:
    _mine(run).update(status=DONE, finished_at=now, trouble="", leased_until=now)
    run.items.exclude(state=SKIPPED).delete()
    run.refresh_from_db()
    alerts.close(trouble_key(run.source), now=now)
    skipped = run.items.count()
    if run.missed:  # deletions do not count: Chatwoot sends no webhook for them
        text = f"{run.source}: {reconcile_text.found(run, skipped)}"
        alerts.open_("missed", key=missed_key(run.source), text=text, now=now, source=run.source)
    else:
        alerts.close(missed_key(run.source), now=now)


def _pause(run: ReconcileRun, error: DeliveryError, *, now: datetime) -> None:
    """Pause the run if the error may pass; fail it if Chatwoot refuses."""
    text = str(error)[:500]
    if isinstance(error, Permanent):
        _fail(run, error, text, now=now)
        return
    pause: float = PAUSES[min(run.tries, len(PAUSES) - 1)]
    if error.retry_after:  # Chatwoot's Retry-After is trusted the first time
        pause = max(error.retry_after, pause if run.tries else 0)
    wait = now + timedelta(seconds=min(pause, PAUSES[-1]))
    _mine(run).update(tries=F("tries") + 1, trouble=text, leased_until=wait)
    if run.tries + 1 >= len(PAUSES):
        _alert(run, text, now=now)


def _fail(run: ReconcileRun, error: DeliveryError, text: str, *, now: datetime) -> None:
    refused = error.http_status in DENIED and _token_is_refused(run.source, now=now)
    if refused:
        text = "Chatwoot refuses the token. Connect the source again with a new one."
    failed = _mine(run).update(status=FAILED, trouble=text, finished_at=now, leased_until=now)
    if failed and not refused:
        _alert(run, text, now=now)


def _token_is_refused(source: Source, *, now: datetime) -> bool:
    """Whether the token is refused everywhere, which has its own alert, or only for this URL."""
    try:
        sources.check(source, now=now)
    except sources.CannotConnect:
        source.refresh_from_db()
    return source.credentials_refused_at is not None


def _alert(run: ReconcileRun, text: str, *, now: datetime) -> None:
    text = f"{run.source}: missed events since {run.since:%-d %b, %H:%M} UTC cannot be read. {text}"
    alerts.open_("reconcile", key=trouble_key(run.source), text=text, now=now, source=run.source)


def missed_key(source: Source) -> str:
    return f"missed:{source.pk}"


def trouble_key(source: Source) -> str:
    return f"reconcile:{source.pk}"


def skipped(run: ReconcileRun) -> list[ReconcileItem]:
    """Conversations that could not be read, with the reason."""
    return list(run.items.filter(state=SKIPPED).order_by("display_id"))


def waits_for_workers(run: ReconcileRun, *, now: datetime) -> bool:
    """Whether no worker has continued it for longer than the chore's interval, although nothing prevents it."""
    return run.status == RUNNING and not run.trouble and run.leased_until < now - NOBODY_AFTER


# For reports


def complete_until(source: Source, *, now: datetime) -> datetime:
    """The time until which everything in Chatwoot has reached us: now, unless receiving has a problem.

    In that case, when the last complete run began or the last webhook arrived.
    """
    troubled = source.alerts.filter(kind__in=GAPS, closed_at=None).order_by("opened_at").first()
    if troubled is None:
        running = source.reconcile_runs.filter(status=RUNNING, cause__in=(Cause.GAP, Cause.START)).first()
        return min(running.since, now) if running else now
    last = source.reconcile_runs.filter(status=DONE).order_by("-began_at").first()
    received = source.deliveries.filter(direction="IN", origin="webhook", received_at__lt=troubled.opened_at)
    last_webhook = received.order_by("-received_at").values_list("received_at", flat=True).first()
    return max([at for at in (last and last.began_at, last_webhook) if at], default=source.created_at)


def gaps(source: Source, *, since: datetime, until: datetime) -> list[Gap]:
    """The gaps of a period, earliest first."""
    runs = source.reconcile_runs.filter(first_missed_at__lt=until, last_missed_at__gte=since)
    return [
        Gap(run.first_missed_at, run.last_missed_at, run.missed, run.status == DONE and not skipped(run))
        for run in runs.order_by("first_missed_at")
        if run.first_missed_at and run.last_missed_at
    ]
