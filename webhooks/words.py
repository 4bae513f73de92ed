"""Times and states in a person's words. Pure: no database, no clock, no HTML."""

from datetime import datetime, timedelta

from .models import Delivery
from .retry import Policy

UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
RECENT = timedelta(days=7)
MOST_TIMES = 50  # what retry.preview answers at most


def span(seconds: float) -> str:
    """The two largest units: 12 min 40 s."""
    rest, parts = round(seconds), []
    for name, size in UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"


def relative(at: datetime, *, now: datetime) -> str:
    """in 2 min, 3 h ago; a date beyond a week."""
    seconds = (at - now).total_seconds()
    if abs(seconds) < 5:
        return "just now"
    if abs(seconds) > RECENT.total_seconds():
        return f"{at:%d %b %Y}".lstrip("0")
    name, size = next((name, size) for name, size in UNITS if abs(seconds) >= size)
    count = int(abs(seconds) // size)
    return f"in {count} {name}" if seconds > 0 else f"{count} {name} ago"


HELD = {
    "paused": "Held because its source is paused: it goes on when the source is resumed.",
    "credentials": "Held because Chatwoot refuses the source's token: it goes on after a successful token check.",
    "rule": "Held until a person releases it.",
}


def outlook(row: Delivery, policy: Policy, *, stamp: str, now: datetime) -> str:
    """What happens next with a delivery, or what became of it."""
    tries = f"{row.attempts} attempt{'' if row.attempts == 1 else 's'}"
    if row.status == "PENDING" and row.running_since:
        since = relative(row.running_since, now=now)
        return f"Being tried now, attempt {row.budget_used} of {policy.max_attempts}, since {since}."
    if row.status == "PENDING":
        at = row.next_attempt_at or now
        due = relative(at, now=now) if at > now else "as soon as a worker is free"
        word = "Retried" if row.budget_used else "Tried"
        return f"{word} {due}, attempt {row.budget_used + 1} of {policy.max_attempts} by policy {stamp}."
    if row.status == "HELD":
        return HELD[row.held_for]
    if row.status == "DEAD":
        return f"Given up after {tries}." if row.attempts else "Not tried: this is no event of Chatwoot's."
    if row.status == "CANCELLED":
        return "Cancelled: it was no longer wanted."
    if row.duplicate_of_id:
        return f"Done: it says the same as delivery {row.duplicate_of_id}, so nothing ran twice."
    return f"Done after {tries}."


def policy_preview(policy: Policy, times: list[datetime]) -> list[str]:
    """A line an attempt, and how it ends. `times` come from retry.preview."""
    first = times[0]
    lines = [
        f"attempt {number} {'at once' if at == first else f'after {span((at - first).total_seconds())}'}"
        for number, at in enumerate(times, start=1)
    ]
    total = span((times[-1] - first).total_seconds()) if len(times) > 1 else "the first failure"
    if len(times) >= policy.max_attempts:
        return [*lines, f"given up after {total}"]
    if policy.max_age is not None and len(times) < MOST_TIMES:
        return [*lines, f"given up after {total}: the next would be later than {span(policy.max_age)}"]
    return [*lines, f"and so on; {total} until here"]
