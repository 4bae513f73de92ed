"""Times and states as readable text. Pure: no database, no clock, no HTML."""

import math
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dateformat import format as formatted
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

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


def number(value: float, decimals: int = 0) -> str:
    """1,204 in English, 1.204 in German."""
    return number_format(round(value, decimals), decimals, force_grouping=True)


def dollars(amount: float) -> str:
    """US$ 12.40. Below one dollar with four decimals: a call of a model costs a fraction of a cent."""
    least = 0.0001
    if 0 < amount < least:
        return _("under %(amount)s") % {"amount": dollars(least)}
    return _("US$ %(amount)s") % {"amount": number(amount, 4 if 0 < amount < 1 else 2)}


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


def clock_time(at: datetime, *, now: datetime) -> str:
    """The same after a word such as "at", in each language: 14:32:10, 02:10 (tomorrow), 23:10 (Tue 24 Nov)."""
    here = at.astimezone(now.tzinfo)
    days = (here.date() - now.date()).days
    if days == 0:
        return f"{here:%H:%M:%S}"
    near = {1: _("tomorrow"), -1: _("yesterday")}.get(days)
    which = near or f"{weekday(here)} {day_of_year(here) if here.year == now.year else day(here)}"
    return f"{here:%H:%M} ({which})"


MODES = {
    "active": gettext_lazy("active"),
    "paused": gettext_lazy("paused"),
    "legacy": gettext_lazy("legacy"),
}
# What a person did to a delivery.
ACTIONS = {
    "replay": gettext_lazy("replay"),
    "settle": gettext_lazy("settle"),
    "accept": gettext_lazy("accept"),
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
