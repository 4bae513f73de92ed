"""Chatwoot's Markdown as safe HTML, in bounded time whatever a message holds."""

import re
from functools import cache, lru_cache

import nh3
from django.utils.html import escape
from markdown_it import MarkdownIt

TAGS = {"a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "hr", "i", "li", "ol", "p", "pre", "s", "strong",
        "table", "tbody", "td", "th", "thead", "tr", "u", "ul"}  # fmt: skip
BARE_ADDRESS = re.compile(r"(?<![\w(<\[\"'=/`])(https?://[^\s<>()\[\]`]+[^\s<>()\[\]`.,;:!?'\"])")
# A Markdown parser looks back from each mark to those before it: 10,000 opening brackets take it 0.2 s, 149,000 half a minute.
# Texts beyond these bounds are shown as they were typed, line by line; no message to a support desk comes near them.
MOST_CHARACTERS = 8_000
MOST_MARKS = 600
MARKS = re.compile(r"[\[\]!*_~`<\\&|]")
MOST_LINES = 400  # each may open a list, a heading or a table


def html(text: str) -> str:
    """What people read. Whatever a customer wrote, nh3 or an escape has the last word."""
    return _rendered(text) if is_rendered(text) else _as_typed(text)


def is_rendered(text: str) -> bool:
    if len(text) > MOST_CHARACTERS or text.count("\n") > MOST_LINES:
        return False
    return len(MARKS.findall(text)) <= MOST_MARKS


@lru_cache(maxsize=256)  # a page is loaded again and again while somebody works on it
def _rendered(text: str) -> str:
    return nh3.clean(
        _markdown().render(BARE_ADDRESS.sub(r"<\1>", text)), tags=TAGS, attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto", "tel"}, link_rel="noopener noreferrer nofollow",
    )  # fmt: skip


def _as_typed(text: str) -> str:
    return f"<p>{escape(text)}</p>".replace("\r\n", "\n").replace("\n", "<br>")


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["strikethrough", "table"])
