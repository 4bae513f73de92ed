"""What search reads of the articles: the one place that knows in which table and state they are."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from ..models import Article, SearchState


@dataclass(frozen=True)
class Live:
    """An article in the version that is live. inboxes: keys; empty: all inboxes. valid_until: its last day."""

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

    @property
    def words(self) -> str:
        """The title and the keywords count twice."""
        return f"{self.title} {self.title} {self.question} {self.keywords} {self.keywords} {self.body}"


FIELDS = (
    "pk", "slug", "language", "current__title", "current__question", "current__body", "current__keywords", "version",
    "valid_until",
)  # fmt: skip


def live() -> Iterator[Live]:
    """In the order of their slugs, so that equal scores have one order."""
    inboxes: dict[int, set[int]] = defaultdict(set)
    for article, inbox in Article.inboxes.through.objects.values_list("article_id", "inbox_id"):
        inboxes[article].add(inbox)
    # Sorted here: each database sorts letters by rules of its own.
    rows = sorted(Article.objects.live().values_list(*FIELDS), key=lambda row: row[1])
    return (replace(Live(*row), inboxes=frozenset(inboxes.get(row[0], ()))) for row in rows)


def languages() -> tuple[str, ...]:
    rows = Article.objects.live().order_by("language").values_list("language", flat=True)
    return tuple(sorted({language.lower()[:2] for language in rows.distinct()}))


def stamp() -> str:
    """Moves with each change of what is live: a process whose index has another stamp reads the articles again."""
    return SearchState.objects.stamp()
