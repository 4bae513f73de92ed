"""Times and states as readable text. Pure: no database, no clock, no HTML."""

import math
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dateformat import format as formatted
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from ..deliveries.retry import Policy
from ..models import Delivery
from . import timeline

UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
# Unit → how long something takes, when it will be, how long ago it was, and how late it is.
LENGTHS = {
    "d": gettext_lazy("%(count)s d"),
    "h": gettext_lazy("%(count)s h"),
    "min": gettext_lazy("%(count)s min"),
    "s": gettext_lazy("%(count)s s"),
}
AHEAD = {
    "d": ngettext_lazy("in %(count)s d", "in %(count)s d", "count"),
    "h": ngettext_lazy("in %(count)s h", "in %(count)s h", "count"),
    "min": ngettext_lazy("in %(count)s min", "in %(count)s min", "count"),
    "s": ngettext_lazy("in %(count)s s", "in %(count)s s", "count"),
}
AGO = {
    "d": ngettext_lazy("%(count)s d ago", "%(count)s d ago", "count"),
    "h": ngettext_lazy("%(count)s h ago", "%(count)s h ago", "count"),
    "min": ngettext_lazy("%(count)s min ago", "%(count)s min ago", "count"),
    "s": ngettext_lazy("%(count)s s ago", "%(count)s s ago", "count"),
}
LATE = {
    "d": ngettext_lazy("%(count)s d late", "%(count)s d late", "count"),
    "h": ngettext_lazy("%(count)s h late", "%(count)s h late", "count"),
    "min": ngettext_lazy("%(count)s min late", "%(count)s min late", "count"),
    "s": ngettext_lazy("%(count)s s late", "%(count)s s late", "count"),
}
RECENT = timedelta(days=7)
MOST_TIMES = 50  # retry.preview returns no more than this


def number(value: float, decimals: int = 0) -> str:
    """1,204 in English, 1.204 in German."""
    return number_format(round(value, decimals), decimals, force_grouping=True)


def span(seconds: float) -> str:
    """The two largest units: 12 min 40 s."""
    rest, parts = round(seconds), []
    for name, size in UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(_length(count, name))
        elif parts:
            break
    return " ".join(parts[:2]) or _length(0, "s")


def business_span(seconds: float) -> str:
    """Business time. 24 hours of it are three working days, so never show them as "1 d"."""
    hours, rest = divmod(math.ceil(seconds), 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{_length(hours, 'h')} {_length(minutes, 'min')}" if minutes else _length(hours, "h")
    if minutes:
        short = left and minutes < 10
        return f"{_length(minutes, 'min')} {_length(left, 's')}" if short else _length(minutes, "min")
    return _length(left, "s")


def _length(count: int, unit: str) -> str:
    return str(LENGTHS[unit]) % {"count": number(count)}


def day(at: datetime | date) -> str:
    """2 Nov 2026."""
    return date_format(at, "DATE_FORMAT")


def day_of_year(at: datetime | date) -> str:
    """2 Nov."""
    return date_format(at, "MONTH_DAY_FORMAT")


def weekday(at: datetime | date) -> str:
    """Mon."""
    return formatted(at, "D")


def minute(at: datetime) -> str:
    """2 Nov 2026, 14:05."""
    return f"{day(at)}, {at:%H:%M}"


def exact(at: datetime) -> str:
    """Mon 2 Nov 2026, 14:05:09 CET: what is shown on hover, with its zone."""
    return f"{weekday(at)} {day(at)}, {at:%H:%M:%S %Z}"


def relative(at: datetime, *, now: datetime, is_due: bool = False) -> str:
    """in 2 min, 3 h ago (3 h late if it was due then); a date beyond a week."""
    seconds = (at - now).total_seconds()
    if abs(seconds) < 5:
        return _("just now")
    if abs(seconds) > RECENT.total_seconds():
        return day(at)
    name, size = next((name, size) for name, size in UNITS if abs(seconds) >= size)
    texts = AHEAD if seconds > 0 else LATE if is_due else AGO
    return texts[name] % {"count": int(abs(seconds) // size)}


def relative_texts() -> dict[str, Any]:
    """What support/site.js writes while a page stays open: for each unit one and several, with {count} for the number."""
    tables = {"ahead": AHEAD, "ago": AGO, "late": LATE}
    texts = {
        name: {unit: _one_and_several(text) for unit, text in table.items()} for name, table in tables.items()
    }
    return texts | {"now": _("now"), "recent": _("just now")}


def _one_and_several(text: Any) -> list[str]:
    return [(text % {"count": count}).replace(str(count), "{count}") for count in (1, 2)]


def moment(at: datetime, *, now: datetime) -> str:
    """A time to plan by, in the zone of `now`: 14:32:10, tomorrow 02:10, Tue 24 Nov, 23:10."""
    here = at.astimezone(now.tzinfo)
    days = (here.date() - now.date()).days
    if days == 0:
        return f"{here:%H:%M:%S}"
    if days == 1:
        return _("tomorrow %(time)s") % {"time": f"{here:%H:%M}"}
    if days == -1:
        return _("yesterday %(time)s") % {"time": f"{here:%H:%M}"}
    which = day_of_year(here) if here.year == now.year else day(here)
    return f"{weekday(here)} {which}, {here:%H:%M}"


MODES = {
    "active": gettext_lazy("active"),
    "paused": gettext_lazy("paused"),
    "legacy": gettext_lazy("legacy"),
}
# Why a delivery is held, in a word.
HELD_FOR = {
    "paused": gettext_lazy("paused"),
    "credentials": gettext_lazy("credentials"),
    "rule": gettext_lazy("rule"),
}
# What a person did to a delivery.
ACTIONS = {
    "replay": gettext_lazy("replay"),
    "settle": gettext_lazy("settle"),
    "accept": gettext_lazy("accept"),
}
HELD = {
    "paused": gettext_lazy(
        "Held because its source is not active. Resuming the source processes or discards it."
    ),
    "credentials": gettext_lazy(
        "Held because Chatwoot refuses the source's token. It continues after a successful token check."
    ),
    "rule": gettext_lazy("Held until a person releases it."),
}
ORIGINS = {
    "webhook": gettext_lazy("Chatwoot's webhook"),
    "reconciled": gettext_lazy("found by a reconciliation run"),
    "simulated": gettext_lazy("the simulated Chatwoot"),
    "desk": gettext_lazy("this site"),
}
# Chatwoot's class names → the names people use.
CHANNELS = {
    "WebWidget": gettext_lazy("Web widget"),
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
    return str(CHANNELS.get(bare, bare)) or "–"


def mode(name: str) -> str:
    """A source's mode, as it stands in a sentence."""
    return str(MODES.get(name, name))


def lower_first(text: str | Promise) -> str:
    """For a heading that stands inside a sentence. Only the first letter: German nouns keep their capitals."""
    return str(text)[:1].lower() + str(text)[1:]


def origin_text(row: Delivery) -> str:
    origin = ORIGINS.get(row.origin, row.origin)
    return (
        _("%(origin)s, stored on disk until the database was back") % {"origin": origin}
        if row.spooled
        else str(origin)
    )


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
    tries = {"count": row.attempts}
    if row.status == "HELD":
        return str(HELD[row.held_for])
    if row.status == "DEAD" and not row.attempts:
        return _("Not tried: this is not a Chatwoot event.")
    if row.status == "DEAD":
        return (
            ngettext("Failed after %(count)s attempt.", "Failed after %(count)s attempts.", row.attempts)
            % tries
        )
    if row.status == "CANCELLED":
        return _("Cancelled: it was no longer needed.")
    if row.duplicate_of_id:
        return _("Done: a duplicate of delivery %(number)s, so nothing ran twice.") % {
            "number": row.duplicate_of_id
        }
    return ngettext("Done after %(count)s attempt.", "Done after %(count)s attempts.", row.attempts) % tries


def _outlook_of_pending(row: Delivery, policy: Policy, *, ahead: timeline.Ahead, now: datetime) -> str:
    attempt = row.budget_used + (row.running_since is None)
    which = {"number": attempt, "all": _attempts_in_all(row, policy, attempt, ahead)}
    if row.running_since:
        since = moment(row.running_since, now=now)
        text = _("Attempt %(number)s of %(all)s has been running since %(at)s") % (which | {"at": since})
    elif row.next_attempt_at and row.next_attempt_at > now:
        wait = span((row.next_attempt_at - now).total_seconds())
        at = moment(row.next_attempt_at, now=now)
        text = _("Attempt %(number)s of %(all)s at %(at)s (in %(wait)s)") % (which | {"at": at, "wait": wait})
    else:
        text = _("Attempt %(number)s of %(all)s as soon as a worker is free") % which
    if attempt == 1 or ahead.gives_up is None:
        return text + "."
    facts = {"what": text, "at": moment(ahead.gives_up, now=now)}
    if policy.jitter and len(ahead.times) > 1:
        return _("%(what)s; gives up at about %(at)s if it keeps failing.") % facts
    return _("%(what)s; gives up at %(at)s if it keeps failing.") % facts


def _attempts_in_all(row: Delivery, policy: Policy, attempt: int, ahead: timeline.Ahead) -> str:
    """As many as the timeline lists: its maximum age may end a delivery long before the last attempt of its policy."""
    if ahead.gives_up is None:
        return number(policy.max_attempts)
    later = len(ahead.times) if row.running_since else len(ahead.times) - 1
    in_all = number(attempt + later)
    if policy.jitter and attempt + later < policy.max_attempts:
        return _("about %(count)s") % {"count": in_all}
    return in_all


def policy_end(policy: Policy, times: list[datetime]) -> str:
    """When a delivery that always fails is given up, in one line. `times` are from retry.preview."""
    if len(times) == 1:
        return _("at the first failure")
    facts = {"count": len(times), "span": span((times[-1] - times[0]).total_seconds())}
    if len(times) >= policy.max_attempts:
        return (
            ngettext(
                "after %(count)s attempt in %(span)s", "after %(count)s attempts in %(span)s", len(times)
            )
            % facts
        )
    if policy.max_age is not None and len(times) < MOST_TIMES:
        return _("after %(span)s, before it is %(age)s old") % (facts | {"age": span(policy.max_age)})
    most = {"number": number(policy.max_attempts)}
    return ngettext("after %(number)s attempt", "after %(number)s attempts", policy.max_attempts) % most


def policy_preview(policy: Policy, times: list[datetime], *, now: datetime) -> list[str]:
    """A line for each attempt, and how it ends, for a delivery received now. `times` are from retry.preview."""
    lines = [_("attempt 1 at once")]
    for count, at in enumerate(times[1:], start=2):
        facts = {"number": count, "at": moment(at, now=now), "span": span((at - times[0]).total_seconds())}
        lines.append(_("attempt %(number)s at %(at)s (after %(span)s)") % facts)
    return [*lines, _last_line(policy, times, moment(times[-1], now=now))]


def _last_line(policy: Policy, times: list[datetime], last: str) -> str:
    if len(times) >= policy.max_attempts and len(times) == 1:
        return _("gives up at the first failure")
    if len(times) >= policy.max_attempts:
        return _("gives up at %(at)s") % {"at": last}
    if policy.max_age is not None and len(times) < MOST_TIMES:
        facts = {"at": last, "age": span(policy.max_age)}
        return _("gives up at %(at)s: the next attempt would be more than %(age)s after it was due") % facts
    return _("and so on, up to %(count)s attempts") % {"count": number(policy.max_attempts)}
