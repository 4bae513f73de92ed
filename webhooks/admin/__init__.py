"""The wire's pages, a file a noun."""

from . import (
    alerts,
    deliveries,
    failures,
    inboxes,
    modes,
    people,
    policies,
    privacy,
    rejections,
    replays,
    sources,
    switch,
)

__all__ = [
    "alerts", "deliveries", "failures", "inboxes", "modes", "people", "policies", "privacy", "rejections", "replays", "sources",
    "switch",
]  # fmt: skip
