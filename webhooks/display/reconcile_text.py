"""A reconciliation run as readable text. Pure: no database, no clock."""

from datetime import UTC, datetime

from ..models import ReconcileRun

NOT_RECOVERED = (
    "What cannot be recovered: messages of a conversation that was deleted before it was read here; intermediate states"
    " of a conversation and their times; changes to messages older than the time range, except survey answers;"
    " contacts that were merged or deleted; typing events."
)
CAUSES = {
    "schedule": "on schedule",
    "start": "after the workers started",
    "gap": "after a problem with receiving",
    "person": "by a person",
    "command": "by a command",
}


def why(run: ReconcileRun) -> str:
    return f"by {run.by}" if run.by else CAUSES[run.cause]


def status_text(run: ReconcileRun, *, waiting: int, skipped: int) -> str:
    """The state of a run: its progress, its failure or its result."""
    if run.status == ReconcileRun.Status.RUNNING:
        return progress(run, waiting)
    return run.trouble if run.status == ReconcileRun.Status.FAILED else found(run, skipped)


def found(run: ReconcileRun, skipped: int = 0) -> str:
    """7 events were missed between 02:10 and 02:31 UTC, all recovered."""
    parts = [_missed(run, skipped)]
    if run.gone:
        parts.append(f"{_count(run.gone, 'conversation')} {_was(run.gone)} deleted in Chatwoot.")
    if skipped and not run.missed:
        parts.append(f"{_count(skipped, 'conversation')} could not be read.")
    return " ".join(parts)


def _missed(run: ReconcileRun, skipped: int) -> str:
    if not run.missed or run.first_missed_at is None or run.last_missed_at is None:
        return _recent(run.young) if run.young else "Nothing was missed."
    all_of_them = "all recovered" if run.missed > 1 else "and recovered"
    recovered = f"recovered; {_count(skipped, 'conversation')} could not be read" if skipped else all_of_them
    when = between(run.first_missed_at, run.last_missed_at)
    return f"{_count(run.missed, 'event')} {_was(run.missed)} missed {when}, {recovered}."


def _recent(count: int) -> str:
    """Not known yet whether they were missed."""
    said = f"{_count(count, 'recent event')} {_was(count)} recovered"
    return f"{said}; {'its webhook' if count == 1 else 'their webhooks'} may still arrive."


def between(first: datetime, last: datetime) -> str:
    """at 02:10 UTC on 22 Nov; between 02:10 and 02:31 UTC on 22 Nov; with both days where they differ."""
    first, last = first.astimezone(UTC), last.astimezone(UTC)
    if f"{first:%-d %b %H:%M}" == f"{last:%-d %b %H:%M}":
        return f"at {first:%H:%M} UTC on {first:%-d %b}"
    if first.date() == last.date():
        return f"between {first:%H:%M} and {last:%H:%M} UTC on {first:%-d %b}"
    return f"between {first:%-d %b, %H:%M} and {last:%-d %b, %H:%M} UTC"


def progress(run: ReconcileRun, waiting: int) -> str:
    """What a running one is doing now."""
    if run.trouble:
        return f"{run.trouble} It will be retried."
    if not run.listed:
        return "Reading which conversations changed."
    return f"{_count(run.conversations, 'conversation')} read, {waiting:,} to go."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
