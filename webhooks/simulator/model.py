"""A stand-in for a language model behind an OpenAI-compatible endpoint, for the demo, tests and drills.

It answers from the articles in the prompt, obeys simple instructions (shorter, friendlier, mention …, in German), and can
misbehave on request: `BEHAVIOURS` lists how. It understands nothing.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

NAME = "simulated-model"
PRICE_IN, PRICE_OUT = 0.15, 0.60  # invented, in dollars per million tokens
Json = dict[str, Any]
WORD = re.compile(r"[^\W\d_]{4,}")
SENTENCE = re.compile(r"(?<=[.!?])\s+")
INSTRUCTIONS = re.compile(r"<instructions>\s*(.*?)\s*</instructions>", re.DOTALL)
MENTION = re.compile(
    r"\b(?:mention|add|include|erwähne\w*)\s+(?:the |a |that |die |den |das )?([\w -]{3,60})", re.IGNORECASE
)
FRIENDLY = {"en": "Thank you for asking!", "de": "Schön, dass Sie fragen!"}
GERMAN = re.compile(r"\b(?:der|die|das|und|ist|Sie|nicht|wir)\b")
IN_GERMAN = (
    "Gern helfen wir Ihnen dabei. Bitte antworten Sie auf diese Nachricht, dann prüfen wir es für Sie."
)
IN_SPANISH = "Con mucho gusto le ayudamos. Responda a este mensaje y lo revisaremos para usted."
INVENTED = "We refund within 90 days and pay 50 on top."


@dataclass
class Reply:
    """hang: seconds before anything is sent. drip: seconds between the bytes of the body."""

    body: bytes
    status: int = 200
    kind: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    hang: float = 0.0
    drip: float = 0.0


def _completion(text: str | None, *, prompt: str = "", finish: str = "stop") -> Reply:
    tokens_in, tokens_out = len(prompt) // 4, len(text or "") // 4
    said = {
        "object": "chat.completion", "model": NAME,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": tokens_in, "completion_tokens": tokens_out,
            "cost": round((tokens_in * PRICE_IN + tokens_out * PRICE_OUT) / 1e6, 6),
        },
    }  # fmt: skip
    return Reply(json.dumps(said).encode())


def _refusal(status: int, code: str, message: str, **headers: str) -> Reply:
    return Reply(json.dumps({"error": {"code": code, "message": message}}).encode(), status, headers=headers)


def _stream(text: str) -> Reply:
    pieces = [text[at : at + 20] for at in range(0, len(text), 20)]
    events = [{"choices": [{"delta": {"content": piece}, "finish_reason": None}]} for piece in pieces]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    return Reply(body.encode(), kind="text/event-stream")


def _changed(answer: Json, **changes: Any) -> Reply:
    return _completion(json.dumps(answer | changes, ensure_ascii=False))


def _said(answer: Json) -> str:
    return json.dumps(answer, ensure_ascii=False)


# name → how a good answer becomes a bad one. The request's body is given too.
BEHAVIOURS: dict[str, Callable[[Json, Json], Reply]] = {
    "fences": lambda answer, body: _completion(f"```json\n{_said(answer)}\n```"),
    "think": lambda answer, body: _completion(f"<think>The customer wants an answer.</think>\n{_said(answer)}"),
    "prose": lambda answer, body: _completion("Sure! I am happy to help with that."),
    "cut": lambda answer, body: _completion(_said(answer)[:40], finish="length"),
    "null": lambda answer, body: _completion(None),
    "html": lambda answer, body: Reply(b"<html><body>nginx</body></html>", kind="text/html"),
    "stream": lambda answer, body: _stream(_said(answer)),
    "huge": lambda answer, body: Reply(b"x" * 2_000_000),
    "long": lambda answer, body: _changed(answer, reply="All is well. " * 600),
    "error": lambda answer, body: _refusal(500, "server_error", "Internal error."),
    "rate_limit": lambda answer, body: _refusal(429, "rate_limit_exceeded", "Slow down.", **{"Retry-After": "2"}),
    "refused_key": lambda answer, body: _refusal(401, "invalid_api_key", "Incorrect API key."),
    "hang": lambda answer, body: Reply(b"", hang=90),
    "drip": lambda answer, body: Reply(_completion(_said(answer)).body, drip=1.0),
    "too_long": lambda answer, body: _refusal(400, "context_length_exceeded", "The context is too long."),
    "no_schema": lambda answer, body: (
        _refusal(400, "invalid_request", "response_format json_schema is not supported.")
        if (body.get("response_format") or {}).get("type") == "json_schema" else _completion(_said(answer))
    ),
    "wrong_language": lambda answer, body: _changed(answer, reply=IN_SPANISH),
    "unsupported": lambda answer, body: _changed(answer, reply=f"{answer['reply']} {INVENTED}"),
    "unknown_article": lambda answer, body: _changed(answer, articles=["an-article-that-does-not-exist"]),
    "no_answer": lambda answer, body: _changed(answer, reply="", articles=[], why="No article says it."),
}  # fmt: skip


class Model:
    """behave: the next `times` answers are spoilt so (None: all that follow)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._behaviour = ""
        self._times: int | None = None

    def behave(self, behaviour: str, times: int | None = 1) -> Json:
        """behaviour: a name of BEHAVIOURS, or "well"."""
        if behaviour not in {*BEHAVIOURS, "well"}:
            raise ValueError(f"unknown behaviour {behaviour!r}; known are well, {', '.join(BEHAVIOURS)}")
        with self._lock:
            self._behaviour, self._times = behaviour.replace("well", ""), times
        return {"behaviour": behaviour, "times": times}

    def complete(self, body: Json) -> Reply:
        """POST /v1/chat/completions."""
        prompt = json.dumps(body.get("messages") or [])
        answer, behaviour = answer_to(body.get("messages") or []), self._take()
        if behaviour:
            return BEHAVIOURS[behaviour](answer, body)
        return _completion(_said(answer), prompt=prompt)

    def _take(self) -> str:
        with self._lock:
            behaviour = self._behaviour
            if behaviour and self._times is not None:
                self._times -= 1
                if self._times <= 0:
                    self._behaviour = ""
            return behaviour


def models() -> Json:
    """GET /v1/models."""
    return {"object": "list", "data": [{"id": NAME, "object": "model"}]}


def answer_to(messages: list[Json]) -> Json:
    """What a well-behaved model says: the best article's text, changed as the instructions want it."""
    data, wish = _data(messages), _wish(messages)
    best = _best(data, wish)
    if best is None:
        return {"reply": "", "articles": [], "confidence": 0, "why": "None of the articles is about it."}
    reply = _obeying(wish, best["body"], data.get("articles") or [])
    return {
        "reply": reply, "articles": [best["slug"]], "confidence": 0.82,
        "why": f"“{best['title']}” answers it.",
    }  # fmt: skip


def _data(messages: list[Json]) -> Json:
    """The JSON object between the fences of the last message that has one."""
    for message in reversed(messages):
        text = str(message.get("content") or "")
        start, end = text.find("{"), text.rfind("}")
        if message.get("role") == "user" and text.startswith("data-") and start >= 0:
            found = json.loads(text[start : end + 1])
            return found if isinstance(found, dict) else {}
    return {}


def _wish(messages: list[Json]) -> str:
    found = (INSTRUCTIONS.search(str(message.get("content") or "")) for message in messages)
    return next((match[1] for match in found if match), "")


def _best(data: Json, wish: str) -> Json | None:
    """The article that the wish names, else the one that shares the rarest words with the customer. They come best first."""
    asked = _words(" ".join(map(str, data.get("customer") or [])))
    articles = [one for one in data.get("articles") or [] if isinstance(one, dict)]
    texts = [_words(f"{one['title']} {one['body']}") for one in articles]
    named = [one for one in articles if _words(MENTION.sub("", wish)) & _words(one["title"])]
    if named or not articles:
        return named[0] if named else None
    in_articles = Counter(word for text in texts for word in text)
    # Squared: many words such as "from" or "your" must not outweigh one that a single article has.
    shared = [sum(in_articles[word] ** -2 for word in asked & text) for text in texts]
    at = shared.index(max(shared))
    return articles[at] if shared[at] else None


def _words(text: str) -> set[str]:
    return {word.lower()[:5] for word in WORD.findall(text)}


def _obeying(wish: str, body: str, articles: list[Json]) -> str:
    small, sentences = wish.lower(), SENTENCE.split(body.strip())
    if re.search(r"german|deutsch", small):
        own = (
            body
            if GERMAN.search(body)
            else next((one["body"] for one in articles if GERMAN.search(one["body"])), IN_GERMAN)
        )
        sentences = SENTENCE.split(own.strip())
    if re.search(r"short|brief|kürzer|kurz", small):
        sentences = sentences[:1]
    if re.search(r"friendl|warm|freundlich", small):
        sentences = [FRIENDLY["de" if GERMAN.search(body) else "en"], *sentences]
    if match := MENTION.search(wish):
        sentences.append(_mentioned(match[1].strip(" ."), articles))
    return " ".join(sentences)


def _mentioned(what: str, articles: list[Json]) -> str:
    """A sentence of an article that says it, or one that promises nothing."""
    key = _words(what)
    every = (sentence for one in articles for sentence in SENTENCE.split(one["body"]))
    return next((one for one in every if key & _words(one)), f"We are happy to tell you more about {what}.")
