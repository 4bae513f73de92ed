"""Template filters for times, states and customers' text, shown safely."""

import json
import re
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..display import conversation_status, formats, rejection_text, rich_text
from ..display import recorded as recorded_texts
from ..display.nothing import NOTHING
from ..mirror import authorship, mail_parts, message_parts, quoted_mail
from ..models import Rejection

register = template.Library()
MOST_PARTS = 100  # of a message that are shown apart

TONES = {
    "DONE": "good", "SENT": "good", "ok": "good", "active": "good", "open": "good",
    "REPLAYED": "good", "PENDING": "busy", "SENDING": "busy", "PROPOSED": "busy", "SECOND_LOOK": "busy", "APPROVED": "busy",
    "HELD": "warn", "STALE": "warn", "retryable": "warn", "unknown": "warn", "paused": "warn",
    "legacy": "warn", "snoozed": "warn",
    "ready": "good", "second-look": "busy", "drafting": "busy", "on-its-way": "busy", "retrying": "bad", "escalated": "warn",
    "rejected": "bad",
    "parked": "bad", "DEAD": "bad", "REFUSED": "bad", "PARKED": "bad", "REJECTED": "bad", "permanent": "bad", "crashed": "bad",
}  # fmt: skip
# States as people read them. One that is not listed is a conversation's, or is shown as it is stored.
LABELS = {
    "DEAD": gettext_lazy("Failed"),
    "DONE": gettext_lazy("Done"),
    "HELD": gettext_lazy("Held"),
    "PENDING": gettext_lazy("Pending"),
    "CANCELLED": gettext_lazy("Cancelled"),
    "WAITING": gettext_lazy("Waiting"),
    "REPLAYED": gettext_lazy("Replayed"),
    "REFUSED": gettext_lazy("Refused"),
    "ok": gettext_lazy("Ok"),
    "retryable": gettext_lazy("Retryable"),
    "permanent": gettext_lazy("Permanent"),
    "unknown": gettext_lazy("Unknown"),
    "crashed": gettext_lazy("Crashed"),
    "active": gettext_lazy("Active"),
    "paused": gettext_lazy("Paused"),
    "legacy": gettext_lazy("Legacy"),
    "PROPOSED": gettext_lazy("Proposed"),
    "SECOND_LOOK": gettext_lazy("Second look"),
    "APPROVED": gettext_lazy("Approved"),
    "SENDING": gettext_lazy("Sending"),
    "SENT": gettext_lazy("Sent"),
    "PARKED": gettext_lazy("Parked"),
    "REJECTED": gettext_lazy("Rejected"),
    "STALE": gettext_lazy("Stale"),
    "WITHDRAWN": gettext_lazy("Withdrawn"),
    "EXPIRED": gettext_lazy("Expired"),
    "CLOSED": gettext_lazy("Closed"),
}


@register.filter
def ago(at: datetime | None, absent: str = NOTHING) -> SafeString:
    """A moment relative to now; the exact time is in the title, shown on hover, and in datetime for machines."""
    if at is None:
        return format_html("{}", absent)
    here = timezone.localtime(at)
    return format_html(
        '<time class="s-time" datetime="{}" title="{}">{}</time>',
        here.isoformat(timespec="seconds"),
        formats.exact(here),
        formats.relative(here, now=timezone.now()),
    )


@register.simple_tag
def relative_times() -> SafeString:
    """The texts of times for support/site.js, which keeps them up to date."""
    return json_script(formats.relative_texts(), "relative-times")


@register.filter
def due(at: datetime, is_window: bool = False) -> SafeString:
    """in 57 min, or 4 min late; what is due, and exactly when, on hover."""
    here, now = timezone.localtime(at), timezone.now()
    what = _("Reply due %(at)s")
    if is_window:
        what = _("Window closed %(at)s") if at < now else _("Window closes %(at)s")
    return format_html(
        '<time class="s-time" data-due datetime="{}" title="{}">{}</time>',
        here.isoformat(timespec="seconds"),
        what % {"at": formats.exact(here)},
        formats.relative(here, now=now, is_due=True),
    )


@register.filter
def coming(at: datetime | None, absent: str = NOTHING) -> SafeString:
    """in 57 s; “now” once it is due, since it happens as soon as a worker is free and never lies in the past."""
    if at is None:
        return format_html("{}", absent)
    here, now = timezone.localtime(at), timezone.now()
    return format_html(
        '<time class="s-time" data-coming datetime="{}" title="{}">{}</time>',
        here.isoformat(timespec="seconds"),
        formats.exact(here),
        formats.relative(here, now=now) if at > now + timedelta(seconds=5) else _("now"),
    )


@register.filter
def badge(value: Any, label: str = "") -> SafeString:
    text = label or LABELS.get(str(value)) or capfirst(status(value).replace("_", " "))
    return format_html('<span class="s-badge s-{}">{}</span>', TONES.get(str(value), "plain"), text)


@register.filter
def status(value: Any) -> str:
    """Of a conversation, within a sentence."""
    return conversation_status.shown(str(value))


@register.filter
def tone(value: Any) -> str:
    """The CSS class for a state's colour."""
    return f"s-{TONES.get(str(value), 'plain')}"


@register.filter
def moment(at: datetime) -> SafeString:
    """A time to plan by; on hover the exact time, and how far off it is."""
    now, here = timezone.localtime(), timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}, {}">{}</time>',
        here.isoformat(timespec="seconds"),
        formats.exact(here),
        formats.relative(here, now=now),
        formats.moment(at, now=now),
    )


@register.filter
def rich(text: str) -> SafeString:
    """Chatwoot's Markdown as HTML."""
    return mark_safe(rich_text.html(text or ""))  # noqa: S308  (sanitised there)


@register.filter
def unquoted(text: str) -> str:
    """A mail's own words, without the mail it answers."""
    return quoted_mail.own(text or "")


@register.filter
def own_and_quoted(text: str) -> list[quoted_mail.Part]:
    """A mail in order, own words and quotes apart. What changes between them more often than people do is not told apart."""
    found = quoted_mail.split(text or "")
    if len(found) <= MOST_PARTS:
        return found
    rest = "\n".join(part.text for part in found[MOST_PARTS:])
    return [*found[:MOST_PARTS], quoted_mail.Part(rest, quoted=False)]


@register.filter
def pairs(facts: Any) -> list[tuple[str, Any]]:
    """Names and values. `facts.items` would look up a key called "items" first, and shops have such attributes."""
    return list(facts.items()) if isinstance(facts, dict) else []


@register.filter
def parts(message: message_parts.Holds) -> list[message_parts.Part]:
    """What a message holds beside its text."""
    return message_parts.parts(message)


@register.filter
def mail_subject(message: message_parts.Holds) -> str:
    return mail_parts.subject(message.content_attributes)


@register.filter
def outside_name(message: message_parts.Holds) -> str:
    return authorship.outside_name(message.content_attributes)


@register.filter
def line(message: message_parts.Holds | None) -> str:
    """A message in one line, for lists."""
    return message_parts.line(message) if message else ""


@register.filter
def runbook(trouble: str) -> SafeString:
    """A link to the runbook's page about a problem, if it has one."""
    known = formats.RUNBOOK.get(str(trouble))
    return section(known) if known else SafeString("")


@register.filter
def section(name: str) -> SafeString:
    """A link to a page of the runbook."""
    return format_html(
        '<a class="s-link" href="{}" target="_blank" rel="noopener">{}</a>',
        reverse("docs", args=[formats.runbook_page(name)]),
        _("What to do"),
    )


@register.filter
def duration(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "–"
    if milliseconds < 1000:
        return _("%(count)s ms") % {"count": milliseconds}
    return _("%(count)s s") % {"count": formats.number(milliseconds / 1000, decimals=1)}


@register.filter
def dollars(amount: float) -> str:
    return formats.dollars(amount)


@register.filter
def trend(days: list[tuple[date, int]]) -> SafeString:
    """A bar for each day, oldest first, scaled to the highest."""
    most = max((count for _, count in days), default=0) or 1
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="9" height="{}"><title>{}: {}</title></rect>',
        (_bar(place, day, count, most) for place, (day, count) in enumerate(days)),
    )
    text = ", ".join(f"{formats.weekday(day)} {formats.number(count)}" for day, count in days)
    return format_html(
        '<svg class="s-trend" viewBox="0 0 {} 28" role="img" aria-label="{}">{}</svg>',
        len(days) * 12 - 3,
        _("New per day: %(counts)s") % {"counts": text},
        bars,
    )


def _bar(place: int, day: date, count: int, most: int) -> tuple[Any, ...]:
    height = max(round(26 * count / most), 3) if count else 1
    kind = "s-some" if count else "s-none"
    return (
        kind,
        place * 12,
        28 - height,
        height,
        f"{formats.weekday(day)} {formats.day_of_year(day)}",
        formats.number(count),
    )


@register.filter
def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def percent(share: float | None) -> str:
    return _("no data") if share is None else f"{share:.0%}".replace("%", " %")


@register.filter
def web(address: Any) -> str:
    """A URL that is safe to link to, otherwise an empty string (for javascript: and the like)."""
    return address if isinstance(address, str) and re.match(r"https?://[^\s]+$", address) else ""


@register.filter
def channel(name: str) -> str:
    """Channel::WebWidget as people write it: Web widget."""
    return formats.channel(name)


@register.filter
def mode(name: str) -> str:
    """A source's mode, as it stands in a sentence."""
    return formats.mode(name)


@register.filter
def recorded(text: str | None) -> str:
    """An error, an alert or another sentence of this site, which is kept in English, in the language of the page."""
    return recorded_texts.shown(text or "")


@register.filter
def action(name: str) -> str:
    """What a person did to a delivery."""
    return str(formats.ACTIONS.get(name, name))


# Refused requests


@register.filter
def refused_for(row: Rejection) -> str:
    return rejection_text.reason(row.code)[0]


@register.filter
def clock_text(row: Rejection) -> str:
    return rejection_text.clock(row)


@register.filter
def agent(headers: dict[str, str]) -> str:
    return headers.get("User-Agent", "")[:60]
