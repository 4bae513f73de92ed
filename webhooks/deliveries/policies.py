"""Which retry policy applies to a delivery now, and the seeded policies."""

from ..models import Delivery, RetryPolicy
from . import retry

MINUTE, HOUR = 60, 3600
SEEDED = [
    {"name": "default", "is_default": True, "event_pattern": "*", "max_attempts": 9,
     "delays": [10, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR]},
    # A late reply must not be sent at 3 a.m.: past the maximum age, its draft is parked for a person. The age decides and
    # not the number of attempts, because look-ups after a lost answer are attempts too.
    {"name": "replies", "event_pattern": "reply.send", "direction": "OUT", "max_attempts": 30, "jitter": 0.0,
     "delays": [5, 15, MINUTE, 5 * MINUTE, 10 * MINUTE], "max_age": 30 * MINUTE},
    {"name": "replies by email", "event_pattern": "reply.send@email", "direction": "OUT", "max_attempts": 30,
     "jitter": 0.0, "delays": [5, 15, MINUTE, 5 * MINUTE, 10 * MINUTE], "max_age": 4 * HOUR},
    {"name": "draft requests", "event_pattern": "draft.request", "direction": "OUT", "max_attempts": 9,
     "delays": [10, 30, 2 * MINUTE], "max_age": 10 * MINUTE},
    # With the time that a message settles, the customer has a draft within a minute: after this the built-in drafter writes it.
    {"name": "draft requests to a model", "event_pattern": "draft.request@model", "direction": "OUT", "max_attempts": 5,
     "jitter": 0.0, "delays": [3, 6, 10], "max_age": 30},
    # The previous handler may answer customers by itself: an event it may already have is not sent again, and nothing is
    # sent so late that a person has answered meanwhile.
    {"name": "previous handler", "event_pattern": "event.forward", "direction": "OUT", "max_attempts": 10,
     "delays": [5, 15, MINUTE, 5 * MINUTE, 10 * MINUTE], "max_age": HOUR, "give_up_on": ["Unknown"]},
]  # fmt: skip


def current(delivery: Delivery) -> RetryPolicy:
    """Read again at every failure: the current policy decides, not the one at the start."""
    return among(known(), delivery)


def known() -> list[RetryPolicy]:
    return list(RetryPolicy.objects.order_by("pk"))


def among(policies: list[RetryPolicy], delivery: Delivery) -> RetryPolicy:
    chosen = retry.choose(
        policies, direction=delivery.direction, event=delivery.event, subject=delivery.subject
    )
    return chosen or RetryPolicy(**SEEDED[0], version=0)


def seed() -> None:
    for row in SEEDED:
        RetryPolicy.objects.get_or_create(name=row["name"], defaults=row)
