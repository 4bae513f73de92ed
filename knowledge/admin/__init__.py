"""The app's admin pages, one file per noun. Thin: rules and verbs are in the capability folders."""

from . import (
    articles,
    calendars,
    conversations,
    drafts,
    escalations,
    inbox_settings,
    learning,
    risk_rules,
    search_bench,
)

__all__ = [
    "articles",
    "calendars",
    "conversations",
    "drafts",
    "escalations",
    "inbox_settings",
    "learning",
    "risk_rules",
    "search_bench",
]  # fmt: skip
