"""What search reads of the articles: the one place that knows in which table and state they are."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ..models import Article, Question, SearchState
from ..text import languages as text_languages
from . import asked


@dataclass(frozen=True)
class Live:
    """An article in the version that is live. inboxes: keys; empty: all inboxes. valid_until: its last day.

    asked: customers' confirmed questions that count (asked.py), newest first.
    """

    pk: int
    slug: str
    language: str
    title: str
    question: str
    body: str
    keywords: str
    version: int
    valid_until: date | None = None
    inboxes: frozenset[int] = frozenset()
    asked: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The title and the keywords count twice."""
        return f"{self.title} {self.title} {self.question} {self.keywords} {self.keywords} {self.body}"


FIELDS = (
    "pk", "slug", "language", "current__title", "current__question", "current__body", "current__keywords", "version",
    "valid_until",
)  # fmt: skip


def live(*, new_questions: bool = False) -> Iterator[Live]:
    """In the order of their slugs, so that equal scores have one order. new_questions: also those not taken in yet."""
    inboxes: dict[int, set[int]] = defaultdict(set)
    for article, inbox in Article.inboxes.through.objects.values_list("article_id", "inbox_id"):
        inboxes[article].add(inbox)
    # Sorted here: each database sorts letters by rules of its own.
    rows: list[Any] = sorted(Article.objects.live().values_list(*FIELDS), key=lambda row: row[1])
    counting, _ = questions(new=new_questions)
    return (
        replace(
            Live(*row),
            inboxes=frozenset(inboxes.get(row[0], ())),
            asked=tuple(text for _, text in counting.get(row[0], ())),
        )
        for row in rows
    )


Asked = tuple[int, str]  # key and text of a question


def questions(*, new: bool = False) -> tuple[dict[int, list[Asked]], list[Asked]]:
    """(article → its questions that count, those that no longer do). new: also those not taken in yet."""
    rows = Question.objects.confirmed().order_by("-at", "-pk")
    if not new:
        rows = rows.filter(in_search=True)
    columns = ("article_id", "conversation__contact_id", "conversation_id", "pk", "text")
    # A conversation without a contact stands for a customer of its own.
    return asked.chosen(
        (article, contact or -conversation, (pk, text))
        for article, contact, conversation, pk, text in rows.values_list(*columns).iterator()
    )


def languages() -> tuple[str, ...]:
    rows = Article.objects.live().order_by("language").values_list("language", flat=True)
    return tuple(sorted({language.lower()[:2] for language in rows.distinct()}))


def language_of(text: str) -> str:
    """The language of a customer's or our text, as search sees it; empty where it is not known."""
    return text_languages.known(text, likely=languages())


def stamp() -> str:
    """Moves with each change of what is live: a process whose index has another stamp reads the articles again."""
    return SearchState.objects.stamp()
