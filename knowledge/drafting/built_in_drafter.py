"""The built-in drafter: the best article in the customer's language as it is, if it is sure enough to fit."""

from collections.abc import Collection
from dataclasses import dataclass

from webhooks.models import Message

from ..search import search
from ..search.search import Answer
from . import candidates
from .customer_question import Asked


@dataclass(frozen=True)
class Choice:
    """answers: best first, the one to draft from at the front. may_fit: without a draft, what a person may look at."""

    language: str
    embedder: str
    answers: tuple[Answer, ...] = ()
    may_fit: tuple[Answer, ...] = ()

    @property
    def body(self) -> str:
        return search.rows_of(self.answers[:1])[self.answers[0].live.pk].body if self.answers else ""


def choose(
    asked: Asked, message: Message, *, instructions: str = "", without: Collection[str] = ()
) -> Choice:
    """instructions: a person's wishes, which may name another article. without: slugs of articles to leave out."""
    result = candidates.found(asked.text, message, without=without)
    if named := candidates.named(instructions, message, without=without):
        return Choice(result.language, result.embedder, tuple(named[:3]))
    threshold = candidates.draft_from(message)
    fitting = [answer for answer in result.answers if not candidates.why_not(answer, threshold)]
    if not fitting:
        return Choice(result.language, result.embedder, may_fit=tuple(candidates.may_fit(result.answers)))
    # Its translations answer the same: they are no further evidence.
    others = [
        one
        for one in candidates.may_fit(result.answers)
        if one is not fitting[0] and not one.hit.other_language
    ]
    return Choice(result.language, result.embedder, (fitting[0], *others))
