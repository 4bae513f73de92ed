"""A delivery's timeline: each attempt, what people did, and what follows if it keeps failing. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..deliveries import retry
from ..deliveries.retry import Policy
from ..models import Attempt, Delivery, DeliveryAudit

MOST = 50  # future attempts that are worked out


@dataclass(frozen=True)
class Step:
    """kind: tried, running, person, next, later or end. at: None where it is not known."""

    kind: str
    at: datetime | None
    text: str = ""
    attempt: Attempt | None = None
    number: int = 0


@dataclass(frozen=True)
class Ahead:
    """The coming attempts if each fails at once, and when it gives up (None: beyond the attempts worked out)."""

    times: list[datetime]
    gives_up: datetime | None


def ahead(row: Delivery, policy: Policy, *, now: datetime) -> Ahead:
    """By the current policy, since that one applies when the next attempt is scheduled."""
    if row.status != Delivery.Status.PENDING or row.next_attempt_at is None:
        return Ahead([], None)
    running = row.running_since is not None
    used = row.budget_used - 1 if running else row.budget_used
    start = now if running else max(row.next_attempt_at, now)
    times, why = retry.preview(policy, start=start, used=used, due_since=row.due_since, most=MOST)
    return Ahead(times[1:] if running else times, times[-1] if why else None)


def steps(
    row: Delivery,
    policy: Policy,
    *,
    attempts: Iterable[Attempt],
    audit: Iterable[DeliveryAudit],
    now: datetime,
) -> list[Step]:
    """Oldest first; what has not happened yet comes last."""
    past = [_tried(row, attempt) for attempt in attempts]
    command = _("A command")
    people = [Step("person", entry.at, f"{entry.by or command}: {entry.reason}") for entry in audit]
    line = sorted([*past, *people], key=lambda step: step.at or now)
    coming = ahead(row, policy, now=now)
    if coming.times:
        line.append(Step("next", coming.times[0], number=row.attempts + 1))
    if len(coming.times) > 1:
        more = len(coming.times) - 1
        text = ngettext("%(count)s more attempt, the last", "%(count)s more attempts, the last", more)
        line.append(Step("later", coming.times[-1], text % {"count": more}))
    if coming.gives_up and row.attempts:
        line.append(Step("end", coming.gives_up, _("Gives up if it keeps failing")))
    return line


def _tried(row: Delivery, attempt: Attempt) -> Step:
    running = attempt.finished_at is None and row.running_since and attempt.number == row.attempts
    return Step("running" if running else "tried", attempt.started_at, attempt=attempt, number=attempt.number)


def took(attempt: Attempt) -> timedelta | None:
    return attempt.finished_at - attempt.started_at if attempt.finished_at else None
