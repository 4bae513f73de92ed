"""What templates need to show times, states and customers' text safely."""

import json
import re
from datetime import date, datetime
from functools import cache
from typing import Any

import nh3
from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from ..display import formats

register = template.Library()

TONES = {
    "DONE": "good", "SENT": "good", "ok": "good", "active": "good", "open": "good",
    "REPLAYED": "good", "PENDING": "busy", "SENDING": "busy", "PROPOSED": "busy", "SECOND_LOOK": "busy", "APPROVED": "busy",
    "HELD": "warn", "STALE": "warn", "retryable": "warn", "unknown": "warn", "paused": "warn",
    "legacy": "warn", "snoozed": "warn",
    "ready": "good", "second-look": "busy", "drafting": "busy", "on-its-way": "busy", "escalated": "warn", "rejected": "bad",
    "parked": "bad", "DEAD": "bad", "REFUSED": "bad", "PARKED": "bad", "REJECTED": "bad", "permanent": "bad", "crashed": "bad",
}  # fmt: skip
TAGS = {"a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "hr", "i", "li", "ol", "p", "pre", "s", "strong",
        "table", "tbody", "td", "th", "thead", "tr", "u", "ul"}  # fmt: skip
BARE_ADDRESS = re.compile(r"(?<![\w(<\[\"'=/`])(https?://[^\s<>()\[\]`]+[^\s<>()\[\]`.,;:!?'\"])")
# Where a mail client begins to repeat the mail it answers.
QUOTE = re.compile(
    r"^(?:>|(?:On|Am) .{6,200}(?:wrote|schrieb):?\s*$|-{2,}\s*(?:Original Message|Ursprüngliche Nachricht)|_{10,}\s*$)",
    re.MULTILINE | re.IGNORECASE,
)


@register.filter
def ago(at: datetime | None, absent: str = "–") -> SafeString:
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


@register.filter
def badge(value: Any, label: str = "") -> SafeString:
    text = label or str(value).replace("_", " ").capitalize()
    return format_html('<span class="s-badge s-{}">{}</span>', TONES.get(str(value), "plain"), text)


@register.filter
def tone(value: Any) -> str:
    """The class of a state's colour."""
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


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["strikethrough", "table"])


@register.filter
def rich(text: str) -> SafeString:
    """Chatwoot's Markdown as HTML. Whatever a customer wrote, nh3 has the last word."""
    html = nh3.clean(
        _markdown().render(BARE_ADDRESS.sub(r"<\1>", text or "")), tags=TAGS, attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto", "tel"}, link_rel="noopener noreferrer nofollow",
    )  # fmt: skip
    return mark_safe(html)  # noqa: S308  (sanitised on the line above)


@register.filter
def unquoted(text: str) -> str:
    """A mail's own words, without the mail it answers."""
    found = QUOTE.search(text or "")
    return text[: found.start()].rstrip() if found and text[: found.start()].strip() else text


@register.filter
def quoted(text: str) -> str:
    """The rest: what the mail repeats, or nothing."""
    return (text or "")[len(unquoted(text or "")) :].strip()


@register.filter
def runbook(trouble: str) -> SafeString:
    """A link to what to do about it, for a trouble that the runbook knows."""
    known = formats.RUNBOOK.get(str(trouble))
    return section(known) if known else SafeString("")


@register.filter
def section(anchor: str) -> SafeString:
    """A link to a section of the runbook."""
    return format_html(
        '<a class="s-link" href="{}#{}" target="_blank" rel="noopener">What to do</a>',
        reverse("docs", args=[formats.RUNBOOK_PAGE]),
        anchor,
    )


@register.filter
def duration(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "–"
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


@register.filter
def trend(days: list[tuple[date, int]]) -> SafeString:
    """A bar a day, oldest first, the highest as tall as the picture."""
    most = max((count for _, count in days), default=0) or 1
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="9" height="{}"><title>{}: {}</title></rect>',
        (_bar(place, day, count, most) for place, (day, count) in enumerate(days)),
    )
    told = ", ".join(f"{day:%a} {count:,}" for day, count in days)
    return format_html(
        '<svg class="s-trend" viewBox="0 0 {} 28" role="img" aria-label="New a day: {}">{}</svg>',
        len(days) * 12 - 3,
        told,
        bars,
    )


def _bar(place: int, day: date, count: int, most: int) -> tuple[Any, ...]:
    height = max(round(26 * count / most), 3) if count else 1
    kind = "s-some" if count else "s-none"
    return kind, place * 12, 28 - height, height, f"{day:%a} {day.day} {day:%b}", f"{count:,}"


@register.filter
def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def percent(share: float | None) -> str:
    return "no data" if share is None else f"{share:.0%}".replace("%", " %")


@register.filter
def web(address: Any) -> str:
    """An address that is safe to link to, else nothing: javascript: is none."""
    return address if isinstance(address, str) and re.match(r"https?://[^\s]+$", address) else ""
