"""The pages of the knowledge app, a file a noun."""

from . import (
    articles,
    calendars,
    conversations,
    drafts,
    escalations,
    inbox_settings,
    learning,
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
    "risk_rules",
]  # fmt: skip
