"""Chatwoot's Markdown as safe HTML, in bounded time whatever a message holds."""

import re
from functools import cache, lru_cache
from itertools import islice

import nh3
from django.utils.html import escape
from django.utils.translation import gettext as _
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
# Ten messages of 149,000 brackets take a browser five seconds to lay out; what is folded is not laid out.
SHOWN_CHARACTERS, SHOWN_LINES = 4_000, 200


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
    text = text.replace("\r\n", "\n")
    cut = _cut(text)
    if cut >= len(text):
        return _in_lines(text)
    show = escape(_("Show the rest"))
    rest = f"<summary>{show}</summary>{_in_lines(text[cut:])}"
    return f'{_in_lines(text[:cut])}<details class="s-fold s-small">{rest}</details>'


def _cut(text: str) -> int:
    """How many characters are shown at once: up to a line's end, or between two words, where there is one near."""
    line_ends = [found.end() for found in islice(re.finditer("\n", text[:SHOWN_CHARACTERS]), SHOWN_LINES)]
    if len(line_ends) == SHOWN_LINES:
        return line_ends[-1]
    if len(text) <= SHOWN_CHARACTERS:
        return len(text)
    return max(
        text.rfind(" ", 0, SHOWN_CHARACTERS), text.rfind("\n", 0, SHOWN_CHARACTERS), SHOWN_CHARACTERS - 200
    )


def _in_lines(text: str) -> str:
    return f"<p>{escape(text)}</p>".replace("\n", "<br>")


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["strikethrough", "table"])
