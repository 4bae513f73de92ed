"""The wire's pages, a file a noun."""

from . import (
    alert_rules,
    alerts,
    deliveries,
    failures,
    inboxes,
    modes,
    people,
    policies,
    privacy,
    reconciliation,
    rejections,
    replays,
    second_factor,
    sources,
    switch,
    tokens,
    upstreams,
)

__all__ = [
    "alert_rules", "alerts", "deliveries", "failures", "inboxes", "modes", "parties", "people", "policies", "privacy",
    "rejections", "replays", "searches", "second_factor", "sources", "switch", "tokens",
]  # fmt: skip
