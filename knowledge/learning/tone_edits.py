"""Edits that change no fact, by drafter and language: they belong to its greeting and closing (text/frames.py) or its style.

No article follows from them. Counted of approved drafts, each with the filter of its rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Q

from ..models.grades import Edit
from . import figures
from .figures import APPROVED, Figures, Filter

PARTS: dict[str, Filter] = {one.value: {"edit__exact": one.value} for one in (Edit.WORDING, Edit.FRAME)}
LOOKUPS = ("author__exact", "language__exact", "edit__exact")


@dataclass(frozen=True)
class Row:
    """language: of the drafts; empty if unknown. counts: by part, and of all approved ones."""

    author: str
    language: str
    approved: int
    counts: dict[str, int]
    where: Filter

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def share(self) -> float:
        return self.total / self.approved


def report(user: User, shown: Figures) -> Sequence[Row]:
    """The most tone edits first. Signals without this distinction, from before it existed, are left out."""
    rows: Any = figures.visible(user).filter(**shown.rows(APPROVED)).exclude(edit="").order_by()
    counted = rows.values("author", "language").annotate(
        approved=Count("pk"), **{part: Count("pk", filter=Q(**where)) for part, where in PARTS.items()}
    )
    found = [
        Row(
            row["author"], row["language"], row["approved"], {part: row[part] for part in PARTS},
            shown.rows(APPROVED | {"author__exact": row["author"], "language__exact": row["language"]}),
        )
        for row in counted
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.total, one.author, one.language))
