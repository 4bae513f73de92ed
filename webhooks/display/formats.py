"""Times and states as readable text. Pure: no database, no clock, no HTML."""

import math
from datetime import date, datetime, timedelta

from ..deliveries.retry import Policy
from ..models import Delivery
from . import timeline

UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
RECENT = timedelta(days=7)
MOST_TIMES = 50  # retry.preview returns no more than this


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


def business_span(seconds: float) -> str:
    """Business time. 24 hours of it are three working days, so never show them as "1 d"."""
    hours, rest = divmod(math.ceil(seconds), 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"
    if minutes:
        return f"{minutes} min {left} s" if left and minutes < 10 else f"{minutes} min"
    return f"{left} s"


def day(at: datetime | date) -> str:
    """2 Nov 2026."""
    return f"{at.day} {at:%b %Y}"


def minute(at: datetime) -> str:
    """2 Nov 2026, 14:05."""
    return f"{day(at)}, {at:%H:%M}"


def exact(at: datetime) -> str:
    """Mon 2 Nov 2026, 14:05:09 CET: what is shown on hover, with its zone."""
    return f"{at:%a} {day(at)}, {at:%H:%M:%S %Z}"


def relative(at: datetime, *, now: datetime) -> str:
    """in 2 min, 3 h ago; a date beyond a week."""
    seconds = (at - now).total_seconds()
    if abs(seconds) < 5:
        return "just now"
    if abs(seconds) > RECENT.total_seconds():
        return day(at)
    name, size = next((name, size) for name, size in UNITS if abs(seconds) >= size)
    count = int(abs(seconds) // size)
    return f"in {count} {name}" if seconds > 0 else f"{count} {name} ago"


def moment(at: datetime, *, now: datetime) -> str:
    """A time to plan by, in the zone of `now`: 14:32:10, tomorrow 02:10, Tue 24 Nov, 23:10."""
    here = at.astimezone(now.tzinfo)
    days = (here.date() - now.date()).days
    if days == 0:
        return f"{here:%H:%M:%S}"
    if abs(days) == 1:
        return f"{'tomorrow' if days > 0 else 'yesterday'} {here:%H:%M}"
    year = "" if here.year == now.year else f" {here.year}"
    return f"{here:%a} {here.day} {here:%b}{year}, {here:%H:%M}"


HELD = {
    "paused": "Held because its source is not active. Resuming the source processes or discards it.",
    "credentials": "Held because Chatwoot refuses the source's token. It continues after a successful token check.",
    "rule": "Held until a person releases it.",
}
ORIGINS = {
    "webhook": "Chatwoot's webhook",
    "reconciled": "found by a reconciliation run",
    "simulated": "the simulated Chatwoot",
    "desk": "this site",
}
# Chatwoot's class names → the names people use.
CHANNELS = {
    "WebWidget": "Web widget",
    "Api": "API",
    "FacebookPage": "Facebook",
    "Line": "LINE",
    "Sms": "SMS",
    "Tiktok": "TikTok",
    "TwilioSms": "Twilio SMS",
    "TwitterProfile": "X (Twitter)",
    "Whatsapp": "WhatsApp",
}
RUNBOOK_PAGE = "runbooks/support_webhooks.md"
# Problem → its page in the runbook.
RUNBOOK = {
    "DEAD": "a-delivery-was-dead-lettered",
    "retrying": "deliveries-are-retried",
    "paused": "a-source-is-paused",
    "credentials": "chatwoot-refuses-the-token",
    "rule": "a-delivery-is-held",
    "crashed": "a-delivery-kills-its-worker",
    "failures": "many-deliveries-fail-alike",
    "circuit_open": "an-upstream-circuit-is-open",
    "policies": "changing-a-retry-policy",
    "report": "the-weekly-report-did-not-come",
}


def runbook_page(name: str) -> str:
    """The document about a problem, by its name in RUNBOOK or in alert_kinds."""
    return f"runbooks/{name}.md"


def channel(name: str) -> str:
    """Channel::WebWidget → Web widget."""
    bare = name.removeprefix("Channel::")
    return CHANNELS.get(bare, bare) or "–"


def origin_text(row: Delivery) -> str:
    origin = ORIGINS.get(row.origin, row.origin)
    return f"{origin}, stored on disk until the database was back" if row.spooled else origin


def trouble(row: Delivery) -> str:
    """The key in RUNBOOK for a delivery's problem, or an empty string."""
    if row.status == "HELD":
        return row.held_for
    if row.status == "PENDING":
        return "retrying" if row.budget_used and row.last_error else ""
    return row.status if row.status in RUNBOOK else ""


def outlook(row: Delivery, policy: Policy, *, ahead: timeline.Ahead, now: datetime) -> str:
    """What happens next to a delivery and when, or how it ended. Times are in the zone of `now`."""
    if row.status == "PENDING":
        return _outlook_of_pending(row, policy, ahead=ahead, now=now)
    tries = f"{row.attempts} attempt{'' if row.attempts == 1 else 's'}"
    if row.status == "HELD":
        return HELD[row.held_for]
    if row.status == "DEAD":
        return f"Failed after {tries}." if row.attempts else "Not tried: this is not a Chatwoot event."
    if row.status == "CANCELLED":
        return "Cancelled: it was no longer needed."
    if row.duplicate_of_id:
        return f"Done: a duplicate of delivery {row.duplicate_of_id}, so nothing ran twice."
    return f"Done after {tries}."


def _outlook_of_pending(row: Delivery, policy: Policy, *, ahead: timeline.Ahead, now: datetime) -> str:
    number = row.budget_used + (row.running_since is None)
    which = f"ttempt {number} of {_attempts_in_all(row, policy, number, ahead)}"
    if row.running_since:
        text = f"A{which} has been running since {moment(row.running_since, now=now)}"
    elif row.next_attempt_at and row.next_attempt_at > now:
        wait = span((row.next_attempt_at - now).total_seconds())
        text = f"A{which} at {moment(row.next_attempt_at, now=now)} (in {wait})"
    else:
        text = f"A{which} as soon as a worker is free"
    if number == 1 or ahead.gives_up is None:
        return text + "."
    about = "about " if policy.jitter and len(ahead.times) > 1 else ""
    return f"{text}; gives up at {about}{moment(ahead.gives_up, now=now)} if it keeps failing."


def _attempts_in_all(row: Delivery, policy: Policy, number: int, ahead: timeline.Ahead) -> str:
    """As many as the timeline lists: its maximum age may end a delivery long before the last attempt of its policy."""
    if ahead.gives_up is None:
        return f"{policy.max_attempts:,}"
    later = len(ahead.times) if row.running_since else len(ahead.times) - 1
    about = "about " if policy.jitter and number + later < policy.max_attempts else ""
    return f"{about}{number + later:,}"


def policy_end(policy: Policy, times: list[datetime]) -> str:
    """When a delivery that always fails is given up, in one line. `times` are from retry.preview."""
    if len(times) == 1:
        return "at the first failure"
    lasts = span((times[-1] - times[0]).total_seconds())
    if len(times) >= policy.max_attempts:
        return f"after {len(times)} attempts in {lasts}"
    if policy.max_age is not None and len(times) < MOST_TIMES:
        return f"after {lasts}, before it is {span(policy.max_age)} old"
    return f"after {policy.max_attempts:,} attempts"


def policy_preview(policy: Policy, times: list[datetime], *, now: datetime) -> list[str]:
    """A line for each attempt, and how it ends, for a delivery received now. `times` are from retry.preview."""
    lines = ["attempt 1 at once"]
    for number, at in enumerate(times[1:], start=2):
        waited = span((at - times[0]).total_seconds())
        lines.append(f"attempt {number} at {moment(at, now=now)} (after {waited})")
    last = f"gives up at {moment(times[-1], now=now)}"
    if len(times) >= policy.max_attempts:
        return [*lines, last if len(times) > 1 else "gives up at the first failure"]
    if policy.max_age is not None and len(times) < MOST_TIMES:
        return [
            *lines,
            f"{last}: the next attempt would be more than {span(policy.max_age)} after it was due",
        ]
    return [*lines, f"and so on, up to {policy.max_attempts:,} attempts"]
