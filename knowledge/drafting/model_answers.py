"""What came back from a model's endpoint, read as far as it can be. Pure.

Models put their answer into fences, behind their thoughts or between sentences, and endpoints stream although nobody asked.
What can be read without guessing is read; the rest raises Unreadable, which says in one sentence what was wrong.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from webhooks import parsing

from ..text.plain import is_visible
from . import drafting_texts as texts

MOST_REPLY = 4_000  # characters
THOUGHTS = re.compile(r"<(think|thinking|reasoning|reflection)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
LEFT_THOUGHTS = re.compile(
    r"\A.*?</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE
)  # some send the end alone
MOST_TRIED = 50  # places at which an object may begin


class Unreadable(Exception):
    """text: what the model said, as far as that is known."""

    def __init__(self, error: str, *, text: str = "") -> None:
        super().__init__(error)
        self.text = text


@dataclass(frozen=True)
class Completion:
    """One answer of the endpoint. tokens and cost: None where it does not say."""

    text: str
    finish_reason: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None


@dataclass(frozen=True)
class Answer:
    """reply: empty if the articles do not answer the question; `why` then says what is missing."""

    reply: str
    articles: tuple[str, ...]
    confidence: float | None
    why: str


def completion(body: bytes) -> Completion:
    """From a chat completion, or from the stream of one. Raises Unreadable."""
    text = body.decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    if text.startswith(("data:", "event:", ":", "id:")):
        return _streamed(text)
    try:
        found = parsing.clean(json.loads(text))
    except (ValueError, RecursionError):
        what = texts.WEB_PAGE if text[:200].lstrip().startswith("<") else texts.NO_JSON
        raise Unreadable(what if text else texts.EMPTY) from None
    choice = _first(found)
    if choice is None:
        raise Unreadable(texts.NO_CHOICES)
    message = choice.get("message")
    said = _said(message.get("content")) if isinstance(message, dict) else ""
    return _completion(found, said, choice.get("finish_reason"))


def _streamed(text: str) -> Completion:
    """Server-sent events: the pieces of the text, put together again. WHATWG HTML, 9.2."""
    pieces: list[str] = []
    last: dict[str, Any] = {}
    finish = ""
    for event in _events(text):
        choice = _first(event)
        last = event if event.get("usage") or not last else last
        if choice is None:
            continue
        piece = choice.get("delta") or choice.get("message") or {}
        pieces.append(_said(piece.get("content")) if isinstance(piece, dict) else "")
        finish = choice.get("finish_reason") or finish
    if not any(pieces):
        raise Unreadable(texts.EMPTY_STREAM)
    return _completion(last, "".join(pieces), finish)


def _events(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        if line.startswith("data:") and (data := line[5:].strip()) != "[DONE]":
            try:
                event = parsing.clean(json.loads(data))
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict):
                yield event


def _first(found: Any) -> dict[str, Any] | None:
    choices = found.get("choices") if isinstance(found, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None


def _said(content: Any) -> str:
    """A text, or a list of parts with a text each."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _completion(found: dict[str, Any], text: str, finish: Any) -> Completion:
    usage = found.get("usage")
    used = usage if isinstance(usage, dict) else {}
    return Completion(
        text, str(finish or "")[:20], _count(used.get("prompt_tokens")), _count(used.get("completion_tokens")),
        _amount(used.get("cost")),
    )  # fmt: skip


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def _amount(value: Any) -> float | None:
    return (
        float(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6
        else None
    )


def answer(said: Completion, *, given: Collection[str]) -> Answer:
    """given: the slugs that the model may cite; others are dropped. Raises Unreadable."""
    found = _object(said.text)
    if found is None:
        cut = said.finish_reason == "length"
        raise Unreadable(
            texts.CUT_OFF if cut else texts.NO_REPLY if said.text.strip() else texts.SAYS_NOTHING, text=said.text
        )  # fmt: skip
    found = parsing.clean(found)  # a model may write half an emoji, which no database takes
    reply, why = found.get("reply"), found.get("why")
    if not isinstance(reply, str | None):
        raise Unreadable(texts.NO_TEXT, text=said.text)
    reply = (reply or "").strip()
    reply = reply if is_visible(reply) else ""
    if len(reply) > MOST_REPLY:
        long = {"n": f"{len(reply):,}", "most": f"{MOST_REPLY:,}"}
        raise Unreadable(texts.LONG_REPLY % long, text=said.text)
    named = found.get("articles")
    listed = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    cited = tuple(dict.fromkeys(slug for slug in listed if isinstance(slug, str) and slug in given))
    confidence = _amount(found.get("confidence"))
    return Answer(
        reply, cited, confidence if confidence is not None and confidence <= 1 else None,
        why.strip()[:300] if isinstance(why, str) else "",
    )  # fmt: skip


def _object(text: str) -> dict[str, Any] | None:
    """The last object with a reply, in whatever surrounds it: thoughts, fences, sentences."""
    bare = LEFT_THOUGHTS.sub("", THOUGHTS.sub("", text))
    found, decoder, at, tried = None, json.JSONDecoder(strict=False), 0, 0
    while (at := bare.find("{", at)) >= 0 and tried < MOST_TRIED:
        tried += 1
        try:
            value, end = decoder.raw_decode(bare, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        if isinstance(value, dict) and "reply" in value:
            found, at = value, end
        else:
            at += 1  # it may be inside
    return found
