"""docs/retry_policy.md and its picture, from the policies an installation is seeded with and the code that reads them.

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
from webhooks.display import formats
from webhooks.models import Delivery, RetryPolicy

from . import retry_picture

PAGE, PICTURE = "docs/retry_policy.md", "docs/images/retry_policy.svg"
TESTS = ("tests/integration/test_support_webhook.py", "tests/webhooks/deliveries/test_retry.py")
START = datetime(2026, 1, 1, tzinfo=UTC)
# What a dead-lettered delivery leaves behind. Others are dead letters and nothing else.
THEN = {
    "reply.send": "its draft is parked for a person",
    "weekly.notify": "an alert says that the weekly report did not arrive there",
    "draft.request": "there is no draft, and the customer stays in the queue",
}
STATUSES = {
    "PENDING": "waiting for its next attempt, or being tried",
    "DONE": "processed; or a duplicate of a processed delivery, which it names, so nothing ran twice",
    "DEAD": "dead-lettered: failed for good under its policy, or not a Chatwoot event at all; kept, and can be replayed",
    "HELD": "waiting for a person, or for a cause to go away, without using attempts; `held_for` says which",
    "CANCELLED": "no longer wanted: replaced by something newer, or ended by a person",
}


@dataclass(frozen=True)
class Row:
    """A policy with the times of a delivery that always fails at once."""

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
        """Each attempt, its time, and the range that jitter can move it in."""
        low, high = 1 - self.policy.jitter, 1 + self.policy.jitter
        for number, after in enumerate(self.after_s, start=1):
            yield number, formats.span(after), formats.span(after * low), formats.span(after * high)


def files() -> dict[Path, str]:
    """Each file and its content."""
    rows = [_row(RetryPolicy(**facts)) for facts in policies.SEEDED]
    lanes = [
        retry_picture.Lane(row.policy.name, f"{row.ends}; {row.then}", row.after_s, row.policy.jitter)
        for row in rows
    ]
    facts = {
        "rows": rows, "default": rows[0], "reasons": retry.REASONS, "errors": [_error(known) for known in errors.OURS],
        "statuses": [(str(status), STATUSES[status]) for status in Delivery.Status],
        "held": [(str(cause), formats.HELD[cause]) for cause in Delivery.HeldFor],
        "looks": [formats.span(seconds) for seconds in sending.LOOKS_S],
        "tests": [(path, _rules(settings.BASE_DIR / path)) for path in TESTS],
    }  # fmt: skip
    page = render_to_string("support/retry_policy.txt", facts)
    return {settings.BASE_DIR / PAGE: page, settings.BASE_DIR / PICTURE: retry_picture.draw(lanes)}


def _row(policy: RetryPolicy) -> Row:
    times, _ = retry.preview(policy, start=START)
    return Row(
        policy,
        [(at - START).total_seconds() for at in times],
        "fails for good " + formats.policy_end(policy, times),
    )


def _error(known: Any) -> dict[str, str]:
    """An error class, its meaning, and what a policy without lists does with it."""
    error = known("", held_for="rule") if known is errors.Hold else known("")
    said = {retry.GIVE_UP: "dead-lettered", retry.HOLD: "held", retry.RETRY: "tried again"}
    meaning = " ".join(str(known.__doc__).split())
    return {"name": known.__name__, "meaning": meaning, "leads_to": said[retry.verdict(RetryPolicy(), error)]}


def _rules(path: Path) -> list[str]:
    """Tests are named for their rules."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [name.removeprefix("test_").replace("_", " ") for name in names if name.startswith("test_")]
