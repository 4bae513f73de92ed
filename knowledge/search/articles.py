"""What search reads of the articles: the one place that knows in which table and state they are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..models import Article, SearchState


@dataclass(frozen=True)
class Live:
    """An article that may be cited, in the version that is live. inboxes: keys; empty: all inboxes."""

    pk: int
    slug: str
    language: str
    title: str
    question: str
    body: str
    keywords: str
    version: int
    inboxes: frozenset[int] = frozenset()

    @property
    def words(self) -> str:
        """The title and the keywords count twice."""
        return f"{self.title} {self.title} {self.question} {self.keywords} {self.keywords} {self.body}"


FIELDS = ("pk", "slug", "language", "title", "question", "body", "keywords", "version")


def live(keys: Iterable[int] | None = None) -> Iterator[Live]:
    """In the order of their slugs, so that equal scores have one order. keys: only those articles."""
    rows = Article.objects.filter(approved=True).order_by("slug")
    if keys is not None:
        rows = rows.filter(pk__in=list(keys))
    return (Live(*row) for row in rows.values_list(*FIELDS).iterator())


def languages() -> tuple[str, ...]:
    rows = Article.objects.filter(approved=True).order_by("language").values_list("language", flat=True)
    return tuple(sorted({language.lower()[:2] for language in rows.distinct()}))


def stamp() -> str:
    """Moves with each change of what is live: a process whose index has another stamp reads the articles again."""
    return SearchState.objects.stamp()
