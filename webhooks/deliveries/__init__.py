"""Verbs on deliveries. The row is the truth; queues only wake.

There is no RUNNING state. A claim counts the attempt, opens its log row and moves next_attempt_at to the end of a
lease, all in one transaction; finishing is fenced by the attempt's number (design, section 3).
"""

from .circuits import open_circuit, retry_now
from .claiming import claim, extend_lease, host, reclaim_from_the_dead, release
from .processing import process
from .recording import cancel, enqueue, record
from .reopening import CannotReplay, cancel_unconfirmed, release_held, release_unconfirmed, replay, settle

__all__ = [
    "CannotReplay",
    "cancel",
    "cancel_unconfirmed",
    "claim",
    "enqueue",
    "extend_lease",
    "host",
    "open_circuit",
    "process",
    "reclaim_from_the_dead",
    "record",
    "release",
    "release_held",
    "release_unconfirmed",
    "replay",
    "retry_now",
    "settle",
]  # fmt: skip
