"""The app's admin pages, one file per noun. Thin: rules and verbs are in the capability folders."""

from . import (
    articles,
    calendars,
    conversations,
    drafts,
    escalations,
    inbox_settings,
    learning,
    model_calls,
    risk_rules,
)

__all__ = [
    "articles",
    "calendars",
    "conversations",
    "drafts",
    "escalations",
    "inbox_settings",
    "learning",
    "model_calls",
    "risk_rules",
]  # fmt: skip
