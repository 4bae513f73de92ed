"""A reply as its reader gets it: Markdown rendered, entities decoded, and where its links lead. Pure.

A rule judges each reading: WhatsApp and SMS show the text as it was typed, a chat the rendered one, and Chatwoot's mails and
its widget leave out what looks like HTML.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .plain import is_visible

# The parser looks back from each mark to those before it (webhooks/display/rich_text.py has the same bounds). Longer texts are
# read as they were typed, and once more without their marks and entities.
MOST_CHARACTERS, MOST_MARKS, MOST_LINES = 8_000, 600, 400
MARKS = re.compile(r"[\[\]!*_~`<\\&|]")
BLOCKS = re.compile(r"^[ ]{0,3}(?:[#>]|-[ -]*-[ -]*-)", re.MULTILINE)
EMPHASIS = re.compile(r"[*_~`\\]+")
TAG = re.compile(r"<[^<>]{0,500}>")
BRACKETS = str.maketrans("", "", "()[]:")


@dataclass(frozen=True)
class Letter:
    """readings: the text in each way that a reader may get it. targets: the addresses of its links."""

    readings: tuple[str, ...]
    targets: tuple[str, ...] = ()


@lru_cache(maxsize=8)  # several rules read one text, one after the other
def read(text: str) -> Letter:
    if not MARKS.search(text) and not BLOCKS.search(text):
        return Letter((text,))
    bare = EMPHASIS.sub("", html.unescape(text))
    if len(text) > MOST_CHARACTERS or text.count("\n") > MOST_LINES or len(MARKS.findall(text)) > MOST_MARKS:
        return Letter(tuple(dict.fromkeys((text, bare, TAG.sub("", bare)))))
    ways = [_markdown(without_html=False)]
    if "<" in text:
        ways.append(_markdown(without_html=True))
    parsed = [way.parse(text) for way in ways]
    targets = (unquote(target) for tokens in parsed for target in _targets(tokens))
    readings = ("".join(_words(tokens)).strip() for tokens in parsed)
    return Letter(tuple(dict.fromkeys((text, *readings, bare))), tuple(dict.fromkeys(targets)))


def has_words(text: str) -> bool:
    """Whether its reader sees anything at all."""
    return all(map(is_visible, read(text).readings))


def _targets(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        for name in ("href", "src"):
            if target := token.attrs.get(name):
                yield str(target)
        yield from _targets(token.children or [])


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    """Paragraph by paragraph. A table's row is said as a whole, then each cell below its heading."""
    heads: list[str] = []
    row: list[str] = []
    in_head = False
    for previous, token in pairwise([Token("", "", 0), *tokens]):
        if token.type in ("thead_open", "thead_close"):
            in_head = token.type == "thead_open"
        elif token.type == "tr_open":
            row = []
        elif token.type in ("th_close", "td_close"):
            row.append(_inline(previous.children or []))
        elif token.type == "tr_close":
            yield " ".join(row) + "\n"
            heads = row if in_head else heads
            if not in_head:
                yield from (
                    f"{head} {cell}".translate(BRACKETS) + "\n"
                    for head, cell in zip(heads, row, strict=False)
                )
        elif token.type == "inline" and token.level and _is_cell(previous):
            pass  # said with its row
        elif token.type == "inline":
            yield _inline(token.children or []) + "\n\n"
        elif token.type in ("fence", "code_block"):
            yield token.content + "\n"


def _is_cell(token: Token) -> bool:
    return token.type in ("th_open", "td_open")


def _inline(tokens: Sequence[Token]) -> str:
    return "".join(_piece(token) for token in tokens)


def _piece(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    if token.type == "image":
        return _inline(token.children or [])
    if token.type == "html_inline":
        return ""
    return token.content


@cache
def _markdown(*, without_html: bool) -> MarkdownIt:
    """without_html: tags are recognised, and left out by _words; else they are letters as all others."""
    return MarkdownIt("commonmark", {"html": without_html, "breaks": True}).enable(["strikethrough", "table"])
