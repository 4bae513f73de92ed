"""The retry policy's arithmetic: (policy, attempts used, error, now) → next attempt time, or None to give up.

Pure: no database, no clock. The policy in force when the next attempt is computed decides (design, section 3).
"""

import fnmatch
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..errors import DeliveryError, Hold, Permanent


class Policy(Protocol):
    is_default: bool
    event_pattern: str
    direction: str
    delays: list
    base: float | None
    factor: float | None
    cap: float | None
    jitter: float
    max_attempts: int
    max_age: int | None
    respect_retry_after: bool
    retry_after_cap: int
    give_up_on: list
    hold_on: list
    retry_on: list


P = TypeVar("P", bound=Policy)
GIVE_UP, HOLD, RETRY = "give_up", "hold", "retry"


def choose(policies: Iterable[P], *, direction: str, event: str, subject: str) -> P | None:
    """The most specific policy: an exact pattern before a longer one before a shorter one; the default applies to the rest."""
    return next(iter(ranked(policies, direction=direction, event=event, subject=subject)), None)


def ranked(policies: Iterable[P], *, direction: str, event: str, subject: str) -> list[P]:
    """All that match, the most specific first."""
    matching = [
        policy
        for policy in policies
        if policy.direction in ("", direction)
        and (
            fnmatch.fnmatchcase(subject, policy.event_pattern)
            or fnmatch.fnmatchcase(event, policy.event_pattern)
        )
    ]
    return sorted(matching, key=lambda policy: _specificity(policy, subject), reverse=True)


# Why one policy comes before another: a reason for each element of _specificity, in its order.
REASONS = (
    gettext_lazy("its pattern is exactly this event"),
    gettext_lazy("the default only applies if no other policy matches"),
    gettext_lazy("its pattern names the variant"),
    gettext_lazy("its pattern has no *"),
    gettext_lazy("its pattern is longer"),
    gettext_lazy("it is only for this direction"),
)


def why_before(first: Policy, second: Policy, *, subject: str) -> str:
    pairs = zip(_specificity(first, subject), _specificity(second, subject), REASONS, strict=True)
    return str(next((reason for one, other, reason in pairs if one != other), _("it is older")))


def _specificity(policy: Policy, subject: str) -> tuple:
    pattern = policy.event_pattern
    return (
        pattern == subject,
        not policy.is_default,
        "@" in pattern,
        "*" not in pattern,
        len(pattern.replace("*", "")),
        bool(policy.direction),
    )


def verdict(policy: Policy, error: BaseException) -> str:
    """give_up, hold or retry. The policy's own lists take precedence over the kind of error."""
    marks = {
        type(error).__name__,
        getattr(error, "http_status", None),
        str(getattr(error, "http_status", None)),
    }
    for answer, listed in ((GIVE_UP, policy.give_up_on), (HOLD, policy.hold_on), (RETRY, policy.retry_on)):
        if marks & set(listed):
            return answer
    if isinstance(error, Hold):
        return HOLD
    return GIVE_UP if isinstance(error, Permanent) else RETRY


def delay(policy: Policy, failures: int) -> float:
    """Seconds after the n-th failure (from 1), without jitter. The last of a list repeats."""
    if policy.delays:
        return float(policy.delays[min(failures, len(policy.delays)) - 1])
    try:
        seconds = (policy.base or 0) * (policy.factor or 1) ** (failures - 1)
    except OverflowError:
        seconds = float("inf")
    return min(seconds, policy.cap or 86_400.0)


def next_attempt(
    policy: Policy,
    *,
    used: int,
    error: BaseException,
    due_since: datetime,
    now: datetime,
    rng: random.Random | None = None,
) -> datetime | None:
    """When to try again after `used` attempts, or None to give up.

    An error that knows its own moment (a look-up after a lost answer) is a read, not a try: max_attempts does not
    count it, max_age does. A Retry-After lengthens a delay, within its cap, and never shortens it.
    """
    exact = error.after if isinstance(error, DeliveryError) else None
    if exact is None and used >= policy.max_attempts:
        return None
    if exact is not None:
        seconds = exact
    else:
        spread = (rng or random).uniform(-policy.jitter, policy.jitter)
        seconds = delay(policy, used) * (1 + spread)
        wanted = getattr(error, "retry_after", None)
        if policy.respect_retry_after and wanted:
            seconds = max(seconds, min(wanted, policy.retry_after_cap))
    at = now + timedelta(seconds=seconds)
    return None if is_too_late(policy, at, due_since=due_since) else at


def is_too_late(policy: Policy, at: datetime, *, due_since: datetime) -> bool:
    return policy.max_age is not None and at > due_since + timedelta(seconds=policy.max_age)


def preview(
    policy: Policy, *, start: datetime, most: int = 50, used: int = 0, due_since: datetime | None = None
) -> tuple[list[datetime], str]:
    """The times of each attempt from `start` on if the delivery always fails at once, without jitter, and why it ends.

    used: attempts before that; due_since: what its age counts from, if not `start`. An empty reason: it goes on.
    """
    times, since = [start], due_since or start
    while used + len(times) < policy.max_attempts and len(times) < most:
        at = times[-1] + timedelta(seconds=delay(policy, used + len(times)))
        if policy.max_age is not None and at > since + timedelta(seconds=policy.max_age):
            return times, f"the next attempt would be after {policy.max_age} s"
        times.append(at)
    return times, "" if used + len(times) < policy.max_attempts else f"{policy.max_attempts} attempts"
