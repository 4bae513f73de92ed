"""A week of samples for the charts of the Health page: the webhooks of the history, and one outage of Chatwoot."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from .history import Row

MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)
OUTAGE_AGO, OUTAGE = timedelta(days=2, hours=3), timedelta(minutes=25)
FAILED = 0.02  # of webhooks outside of an outage: an attempt fails and is repeated
CLEARED = 3  # waiting deliveries a minute, once the outage is over


def samples(arrived: Iterable[datetime], *, now: datetime, seed: int = 1) -> Iterator[Row]:
    """One for each minute that has ended. arrived: when each webhook came."""
    dice = random.Random(seed)  # noqa: S311 (repeatable, not secret)
    each = Counter(at.replace(second=0, microsecond=0) for at in arrived)
    end = (now - WEEK).replace(second=0, microsecond=0) + MINUTE
    broke = now - OUTAGE_AGO
    backlog = late = 0
    while end <= now:
        came = each[end - MINUTE]
        if broke <= end < broke + OUTAGE:
            backlog, late = backlog + came + dice.choice((0, 1)), late + 60
            failed = min(backlog, dice.randint(1, 4))
        else:
            backlog = max(backlog - CLEARED, 0)
            late = late if backlog else 0
            failed = sum(dice.random() < FAILED for _ in range(came))
        yield {"at": end, "arrived": came, "failed": failed, "backlog": backlog, "late_s": late}
        end += MINUTE
