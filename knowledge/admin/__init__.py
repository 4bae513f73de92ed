"""The app's admin pages, one file per noun. Thin: rules and verbs are in the capability folders."""

from . import (
    articles,
    calendars,
    changes,
    conversations,
    drafts,
    escalations,
    gaps,
    imports,
    inbox_settings,
    learning,
    model_calls,
    risk_rules,
    saved_replies,
    search_bench,
)

__all__ = [
    "articles",
    "calendars",
    "changes",
    "conversations",
    "drafts",
    "escalations",
    "gaps",
    "imports",
    "inbox_settings",
    "learning",
    "model_calls",
    "risk_rules",
    "saved_replies",
    "search_bench",
]  # fmt: skip
