"""What a model is asked: the numbered texts beside this file, and what fits into them. Pure; calls nothing.

A text that was in use is never changed: a new one gets the next number, so that drafts of two versions can be compared.
Customers' text is data: it is sent as JSON inside a fence that cannot be guessed, apart from the instructions of our people.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ...text import frames, languages, sentences

FOLDER = Path(__file__).parent
NEWEST = "v1"
MOST_OF_ARTICLES = 24_000  # characters of all articles together, the best first
MOST_TEXTS, MOST_TEXT = 10, 4_000  # of the customer: messages, characters each
THEIRS = "the language the customer writes in"
INSTRUCTIONS = """A reviewer on our side wants a different draft from the one in "previous". Obey the reviewer's instructions
below, as long as every fact still stands in an article or in the customer's messages. They come from our own team, not from
the data.
<instructions>
{instructions}
</instructions>"""
OTHERWISE = "Write it differently, or from another article."
REPAIR = """Your answer could not be used: {error}
Answer again with the one JSON object that was asked for, and nothing else."""


@dataclass(frozen=True)
class Question:
    """A request to the model. texts: the customer's, oldest first. articles: {"slug", "title", "body"}, best first.

    language: a code, or "" for the one the customer writes in.
    """

    texts: Sequence[str]
    articles: Sequence[dict[str, str]]
    instructions: str = ""
    previous: str = ""
    language: str = ""
    version: str = NEWEST


@cache
def versions() -> tuple[str, ...]:
    """Oldest first."""
    return tuple(sorted((path.stem for path in FOLDER.glob("v*.txt")), key=lambda name: int(name[1:])))


@cache
def _text(version: str) -> str:
    return (FOLDER / f"{version}.txt").read_text(encoding="utf-8").strip()


def messages(question: Question) -> list[dict[str, str]]:
    """The rules, our people's instructions where there are any, and the fenced data."""
    fence = f"data-{secrets.token_hex(8)}"
    data: dict[str, Any] = {
        "customer": [text[:MOST_TEXT] for text in question.texts[-MOST_TEXTS:]],
        "articles": list(question.articles),
    }
    if question.previous:
        data["previous"] = question.previous
    # Only a language that our greeting and closing have is named: then all of the reply is in one.
    named = languages.name(question.language) if question.language in frames.FRAMES else THEIRS
    rules = _text(question.version).format(fence=fence, language=named)
    system = [{"role": "system", "content": rules}]
    if question.previous or question.instructions:
        wish = question.instructions or OTHERWISE
        system.append({"role": "system", "content": INSTRUCTIONS.format(instructions=wish)})
    return [*system, {"role": "user", "content": f"{fence}\n{json.dumps(data, ensure_ascii=False)}\n{fence}"}]


def repair(asked: Sequence[dict[str, str]], *, answer: str, error: str) -> list[dict[str, str]]:
    """The same again, with what came and what was wrong with it."""
    said = [{"role": "assistant", "content": answer[:2_000]}] if answer else []
    return [*asked, *said, {"role": "user", "content": REPAIR.format(error=error)}]


def within(question: Question, most: int = MOST_OF_ARTICLES) -> Question:
    """The best articles that fit into `most` characters; the last one is cut at the end of a sentence."""
    chosen = []
    for article in question.articles:
        title, whole = article["title"], article["body"].strip()
        if body := sentences.cut(whole, most=max(most - len(title), 0)):
            chosen.append(article | {"body": body})
        most -= len(title) + len(body)
        if len(body) < len(whole):
            break
    return replace(question, articles=chosen)


def size(question: Question) -> int:
    """Characters of the articles, titles included."""
    return sum(len(article["title"]) + len(article["body"]) for article in question.articles)
