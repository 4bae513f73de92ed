"""The wire's pages, a file a noun."""

from . import (
    alert_rules,
    alerts,
    deliveries,
    failures,
    inboxes,
    modes,
    parties,
    people,
    policies,
    privacy,
    rejections,
    replays,
    searches,
    second_factor,
    sources,
    switch,
    tokens,
)

__all__ = [
    "alert_rules", "alerts", "deliveries", "failures", "inboxes", "modes", "parties", "people", "policies", "privacy",
    "rejections", "replays", "searches", "second_factor", "sources", "switch", "tokens",
]  # fmt: skip
