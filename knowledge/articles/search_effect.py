"""What a change does to search, for the page of the change: the questions of the search bench, before and after."""

from dataclasses import dataclass

from ..models import Change


@dataclass(frozen=True)
class Effect:
    """A saved question, and its article's place among the results; None: not found."""

    question: str
    before: int | None
    after: int | None


def of(change: Change) -> list[Effect]:
    """Empty while no questions are saved. The search bench fills it."""
    return []
