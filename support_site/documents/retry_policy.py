"""Generates docs/retry_policy.md and its picture from the seeded policies and the code that reads them.

The text around the figures is in templates/support/retry_policy.txt.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from knowledge.replies import sending
from webhooks import errors
from webhooks.deliveries import policies, retry
from webhooks.display import delivery_text, formats, policy_text
from webhooks.models import Delivery, RetryPolicy

from . import retry_picture

PAGE, PICTURE = "docs/retry_policy.md", "docs/images/retry_policy.svg"
TESTS = ("tests/integration/test_support_webhook.py", "tests/webhooks/deliveries/test_retry.py")
START = datetime(2026, 1, 1, tzinfo=UTC)
# What happens when a delivery fails for good, if it is more than a dead letter.
THEN = {
    "reply.send": "its draft is parked until a person decides",
    "weekly.notify": "an alert says that the weekly report did not arrive",
    "draft.request": "there is no draft, and the customer stays in the queue",
}
STATUSES = {
    "PENDING": "waiting for its next attempt, or running",
    "DONE": "succeeded, or a duplicate of one that did; a duplicate names the original and runs nothing",
    "DEAD": "failed for good by its policy, or not a Chatwoot event; it is kept and can be replayed",
    "HELD": "paused until a person acts or the cause is gone, without using attempts; `held_for` says why",
    "CANCELLED": "no longer needed: replaced by something newer, or cancelled by a person",
}


@dataclass(frozen=True)
class Row:
    """A policy with the attempt times of a delivery that always fails immediately."""

    policy: RetryPolicy
    after_s: list[float]
    ends: str

    @property
    def serves(self) -> str:
        return f"`{self.policy.event_pattern}`" + (
            f" ({self.policy.direction})" if self.policy.direction else ""
        )

    @property
    def delays(self) -> str:
        listed = ", ".join(formats.span(seconds) for seconds in self.policy.delays)
        return listed + (
            "; the last repeats" if self.policy.max_attempts > len(self.policy.delays) + 1 else ""
        )

    @property
    def age(self) -> str:
        return formats.span(self.policy.max_age or 0)

    @property
    def retry_after_cap(self) -> str:
        return formats.span(self.policy.retry_after_cap)

    @property
    def then(self) -> str:
        return THEN.get(self.policy.event_pattern.partition("@")[0], "it becomes a dead letter")

    @property
    def lists(self) -> list[str]:
        named = (self.policy.give_up_on, self.policy.hold_on, self.policy.retry_on)
        return [", ".join(f"`{mark}`" for mark in marks) or "–" for marks in named]

    @property
    def times(self) -> Iterator[tuple[int, str, str, str]]:
        """Attempt, time, and the earliest and latest time with jitter."""
        low, high = 1 - self.policy.jitter, 1 + self.policy.jitter
        for number, after in enumerate(self.after_s, start=1):
            yield number, formats.span(after), formats.span(after * low), formats.span(after * high)


def files() -> dict[Path, str]:
    """Each file with its content."""
    rows = [_row(RetryPolicy(**facts)) for facts in policies.SEEDED]
    lanes = [
        retry_picture.Lane(row.policy.name, f"{row.ends}; {row.then}", row.after_s, row.policy.jitter)
        for row in rows
    ]
    facts = {
        "rows": rows, "default": rows[0], "reasons": retry.REASONS, "errors": [_error(known) for known in errors.OURS],
        "statuses": [(str(status), STATUSES[status]) for status in Delivery.Status],
        "held": [(str(cause), delivery_text.HELD[cause]) for cause in Delivery.HeldFor],
        "looks": [formats.span(seconds) for seconds in sending.LOOKS_S],
        "again": formats.span(sending.LOOK_AGAIN_S),
        "tests": [(path, _rules(settings.BASE_DIR / path)) for path in TESTS],
    }  # fmt: skip
    page = render_to_string("support/retry_policy.txt", facts)
    return {settings.BASE_DIR / PAGE: page, settings.BASE_DIR / PICTURE: retry_picture.draw(lanes)}


def _row(policy: RetryPolicy) -> Row:
    times, _ = retry.preview(policy, start=START)
    return Row(
        policy,
        [(at - START).total_seconds() for at in times],
        "fails for good " + policy_text.end(policy, times),
    )


def _error(known: Any) -> dict[str, str]:
    """An error class, its meaning, and what a policy without lists does with it."""
    error = known("", held_for="rule") if known is errors.Hold else known("")
    outcomes = {retry.GIVE_UP: "failed for good", retry.HOLD: "held", retry.RETRY: "retried"}
    meaning = " ".join(str(known.__doc__).split())
    return {
        "name": known.__name__,
        "meaning": meaning,
        "leads_to": outcomes[retry.verdict(RetryPolicy(), error)],
    }


def _rules(path: Path) -> list[str]:
    """Tests are named after their rules."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [name.removeprefix("test_").replace("_", " ") for name in names if name.startswith("test_")]
