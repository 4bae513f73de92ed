"""What a search finds, and the marks on the words that were typed. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from webhooks.mirror.message_index import OF_EACH, Query, fold

NAMED, BEGINS, CONTAINS = (
    0,
    1,
    2,
)  # how well: its number or title as it stands, the title begins so, or somewhere in it
AROUND = 60  # letters before the first match
LENGTH = 180
PART = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Hit:
    """title and text are plain; note is ours, such as a status or a time."""

    title: str
    link: str
    text: str = ""
    note: str = ""
    rank: int = CONTAINS


def rank_of(title: str, query: Query) -> int:
    asked, name = fold(query.text), fold(title)
    return NAMED if name == asked else BEGINS if name.startswith(asked) else CONTAINS


def has_all(text: str, query: Query) -> bool:
    """Whether each word that was typed begins a word of the text."""
    parts = [fold(part) for part in PART.findall(text)]
    return bool(query.words) and all(
        any(word in part if OF_EACH.search(word) else part.startswith(word) for part in parts)
        for word in query.folded
    )


def marked(text: str, query: Query) -> SafeString:
    """Escaped, with what matches in <mark>."""
    out, at = [], 0
    for begin, end in _matches(text, query):
        out += [escape(text[at:begin]), format_html("<mark>{}</mark>", text[begin:end])]
        at = end
    return mark_safe("".join([*out, escape(text[at:])]))  # noqa: S308  (each part is escaped)


def excerpt(text: str, query: Query) -> str:
    """One line around the first match."""
    plain = " ".join(text.split())
    first = next(_matches(plain, query), (0, 0))[0]
    begin = max(0, first - AROUND)
    if begin:
        begin = plain.find(" ", begin, first) + 1 or begin
    cut = plain[begin : begin + LENGTH]
    return ("… " if begin else "") + cut + (" …" if begin + LENGTH < len(plain) else "")


def _matches(text: str, query: Query) -> Iterator[tuple[int, int]]:
    """(begin, end) of the words that match, in order."""
    words = query.folded
    for part in PART.finditer(text):
        folded = fold(part[0])
        if any(folded.startswith(word) for word in words if not OF_EACH.search(word)):
            yield part.span()
            continue
        inside = next((word for word in query.words if OF_EACH.search(word) and word in part[0]), None)
        if inside:
            begin = part.start() + part[0].index(inside)
            yield begin, begin + len(inside)
